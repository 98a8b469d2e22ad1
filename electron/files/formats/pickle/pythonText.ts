const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
}

/** The argument of STRING: quoted, with the escapes of a Python string. Null: a loader refuses it. */
export const unquote = (line: string): string | null => {
  const text = line.trim()
  const quote = text[0]
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return null
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    if (/^x../.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff)
    return simpleEscapes[code] ?? whole
  })
}

/** The argument of UNICODE: only \uXXXX and \UXXXXXXXX are escapes. */
export const rawUnicode = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short: string | undefined, long: string) => {
    const code = Number.parseInt(short ?? long, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

const whole = /^\s*[+-]?\d{1,300}(?:_\d{1,300}){0,20}\s*$/

/** As Python's `int` reads text; null: it refuses, or the number has more digits than any model needs. */
export const pythonInteger = (text: string): number | bigint | null => {
  if (!whole.test(text)) return null
  return narrow(BigInt(text.replaceAll('_', '').replace('+', '').trim()))
}

/** A number where that is exact. */
const narrow = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

/** Little-endian two's complement, as LONG1 and LONG4 write it. */
export const longOf = (bytes: Buffer): number | bigint => {
  if (bytes.length === 0) return 0
  const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  return narrow(BigInt.asIntN(bytes.length * 8, magnitude))
}
