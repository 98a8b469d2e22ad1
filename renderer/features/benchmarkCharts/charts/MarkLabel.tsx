type MarkLabelProps = {
  readonly name: string
  /** of recharts: where the line of this mark stands */
  readonly viewBox: unknown
  /** it stands so far right that its words go to the left */
  readonly isLate: boolean
  readonly color?: string
}

/** Words stay readable over lines. */
export const halo = { stroke: 'var(--berth-surface)', strokeWidth: 3, paintOrder: 'stroke' } as const

const numberIn = (box: unknown, key: string): number | null => {
  const value: unknown = typeof box === 'object' && box !== null ? Reflect.get(box, key) : null
  return typeof value === 'number' ? value : null
}

/** The words over a vertical mark. */
export function MarkLabel({ name, viewBox, isLate, color = 'var(--mantine-color-text)' }: MarkLabelProps) {
  const x = numberIn(viewBox, 'x')
  const y = numberIn(viewBox, 'y')
  if (x === null || y === null || name === '') return null
  return (
    <text
      x={x + (isLate ? 3 : -3)}
      y={y - 6}
      textAnchor={isLate ? 'end' : 'start'}
      fontSize={12}
      fill={color}
      {...halo}
    >
      {name}
    </text>
  )
}
