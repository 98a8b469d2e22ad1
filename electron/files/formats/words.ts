const format = new Intl.NumberFormat('en-US')

/** `1,234,567`. One formatter for all: to make one for each number takes a hundred times as long. */
export const grouped = (value: number): string => format.format(value)

/** `1 tensor`, `1,000 tensors` */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${grouped(value)} ${value === 1 ? one : many}`

/** `4,920,734,272 bytes`: exact, as sizes are compared. */
export const byteCount = (bytes: number): string => count(bytes, 'byte')
