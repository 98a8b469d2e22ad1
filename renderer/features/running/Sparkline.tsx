const width = 48
const height = 16

/** From zero, so that a small change looks small; nothing until there are two figures to compare. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(...values)
  if (values.length < 2 || most <= 0) return null
  const points = values.map(
    (value, index) =>
      `${(index / (values.length - 1)) * (width - 2) + 1},${height - 1 - (value / most) * (height - 2)}`,
  )
  return (
    <svg width={width} height={height} aria-hidden style={{ flex: 'none' }}>
      <polyline points={points.join(' ')} fill="none" stroke="var(--mantine-color-teal-text)" strokeWidth={1.5} />
    </svg>
  )
}
