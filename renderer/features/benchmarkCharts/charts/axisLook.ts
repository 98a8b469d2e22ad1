/** How every axis of these charts looks. */
export const axisLook = {
  stroke: 'var(--mantine-color-dimmed)',
  fontSize: 12,
  tickLine: false,
  axisLine: false,
} as const

export const yAxisPx = 52
export const xAxisPx = 22

/** What stands under the ticks. */
export const axisTitle = (value: string) =>
  ({ value, position: 'insideBottom', offset: -14, fontSize: 12, fill: 'var(--mantine-color-dimmed)' }) as const
