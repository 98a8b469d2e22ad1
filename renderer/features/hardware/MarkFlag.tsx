import type { HistoryMark } from '../../../shared/contract/hardware.ts'

const shapes: Record<HistoryMark['kind'], string> = {
  load: 'M-5 10 L5 10 L0 1 Z',
  unload: 'M-5 1 L5 1 L0 10 Z',
  crash: 'M-4 1 L4 9 M4 1 L-4 9',
  job: 'M-4 5.5 L0 1.5 L4 5.5 L0 9.5 Z',
}

type MarkFlagProps = { readonly mark: HistoryMark; readonly viewBox: unknown }

/** The head of a mark's line: up for a load, down for an unload, a cross for a crash. Its name shows when hovered. */
export function MarkFlag({ mark, viewBox }: MarkFlagProps) {
  const x = typeof viewBox === 'object' && viewBox !== null ? Number(Reflect.get(viewBox, 'x')) : Number.NaN
  if (Number.isNaN(x)) return null
  const color = mark.kind === 'crash' ? 'var(--berth-failed)' : 'var(--mantine-color-text)'
  return (
    <g transform={`translate(${x} 1)`} style={{ pointerEvents: 'all' }}>
      <title>{mark.label}</title>
      <rect x={-8} y={-2} width={16} height={16} fill="transparent" />
      <path d={shapes[mark.kind]} fill={mark.kind === 'crash' ? 'none' : color} stroke={color} strokeWidth={2} />
    </g>
  )
}
