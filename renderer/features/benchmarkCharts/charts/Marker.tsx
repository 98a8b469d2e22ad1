import type { Look } from './looks.ts'

const half = 4

type MarkerProps = { readonly look: Look; readonly x: number; readonly y: number; readonly size?: number }

/** The shape of one series, in a chart or a legend. */
export function Marker({ look, x, y, size = half }: MarkerProps) {
  const paint = { fill: look.color, stroke: 'var(--berth-surface)', strokeWidth: 1 } as const
  switch (look.shape) {
    case 'none':
      return null
    case 'circle':
      return <circle cx={x} cy={y} r={size} {...paint} />
    case 'square':
      return <rect x={x - size + 0.5} y={y - size + 0.5} width={size * 2 - 1} height={size * 2 - 1} {...paint} />
    case 'diamond':
      return (
        <path
          d={`M${x} ${y - size - 1}l${size + 1} ${size + 1}l${-size - 1} ${size + 1}l${-size - 1} ${-size - 1}z`}
          {...paint}
        />
      )
    case 'triangle':
      return <path d={`M${x} ${y - size - 0.5}l${size + 0.5} ${size * 2}h${-size * 2 - 1}z`} {...paint} />
  }
}

/** Line and shape as in the chart, beside its name. */
export function LegendKey({ look }: { readonly look: Look }) {
  return (
    <svg width={22} height={12} style={{ flex: 'none' }} aria-hidden>
      <line x1={0} x2={22} y1={6} y2={6} stroke={look.color} strokeWidth={2} strokeDasharray={look.dash} />
      <Marker look={look} x={11} y={6} />
    </svg>
  )
}

/** A point that became worse: points down, whatever the shape of its line. */
export function WarningMarker({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <path d={`M${x} ${y + 7}l-7 -12h14z`} fill="var(--berth-failed)" stroke="var(--berth-surface)" strokeWidth={1} />
  )
}
