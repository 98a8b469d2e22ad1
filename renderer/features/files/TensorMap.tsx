import { useMemo } from 'react'
import { ResponsiveContainer, Tooltip, Treemap, type TreemapNode } from 'recharts'
import type { TensorRow } from '../../../shared/contract/files.ts'
import { TypeBars } from '../../components/TypeBars.tsx'
import { inkOn } from '../../lib/colors.ts'
import { formatCount, formatDisk, formatPercent } from '../../lib/format.ts'
import classes from './files.module.css'
import { type MapGroup, mapTensors, type Part, parts, sumParts } from './tensorMap.ts'

/** Okabe and Ito's colours, one for each part in every model. */
const colors: Record<Part, string> = {
  attention: '#56b4e9',
  'feed-forward': '#e69f00',
  experts: '#d55e00',
  norm: '#f0e442',
  embedding: '#009e73',
  output: '#cc79a7',
  other: '#9aa5b1',
}

type TensorMapProps = { readonly tensors: readonly TensorRow[]; readonly total: number }

/** Where the bytes of a model lie: an area for each part of each layer. */
export function TensorMap({ tensors, total }: TensorMapProps) {
  const groups = useMemo(() => mapTensors(tensors), [tensors])
  const sums = useMemo(() => sumParts(groups), [groups])
  const data = useMemo(() => groups.map(branchOf), [groups])
  const bytes = groups.reduce((sum, group) => sum + group.bytes, 0)
  if (bytes === 0) return <p className={classes.dim}>The tensors of this file hold no bytes.</p>
  return (
    <div className={classes.map}>
      <TypeBars types={sums.map(({ part, ...rest }) => ({ type: part, ...rest }))} />
      {total > tensors.length && (
        <p className={classes.dim}>
          Of the first {formatCount(tensors.length)} of {formatCount(total)} tensors.
        </p>
      )}
      <figure className={classes.mapFigure} aria-label={`Bytes by layer and part, ${formatDisk(bytes)} in all`}>
        <figcaption className={classes.legend}>
          {parts
            .filter((part) => sums.some((sum) => sum.part === part))
            .map((part) => (
              <span key={part} className={classes.key}>
                <span className={classes.swatch} style={{ background: colors[part] }} aria-hidden />
                {part}
              </span>
            ))}
        </figcaption>
        <div className={classes.mapArea}>
          <ResponsiveContainer>
            <Treemap data={data} dataKey="bytes" nameKey="name" isAnimationActive={false} content={Cell}>
              <Tooltip
                isAnimationActive={false}
                content={({ payload }) => <Tip cell={payload[0]?.payload} bytes={bytes} />}
              />
            </Treemap>
          </ResponsiveContainer>
        </div>
      </figure>
    </div>
  )
}

type CellData = {
  readonly name: string
  readonly group: string
  readonly part: Part
  readonly bytes: number
  readonly tensors: number
}

const branchOf = ({ name, parts: inGroup }: MapGroup): { readonly name: string; readonly children: CellData[] } => ({
  name,
  children: inGroup
    .filter(({ bytes }) => bytes > 0)
    .map(({ part, bytes, tensors }) => ({ name: `${name} ${part}`, group: name, part, bytes, tensors })),
})

const isPart = (value: unknown): value is Part => parts.some((part) => part === value)
const textOf = (node: TreemapNode, key: string): string => {
  const value: unknown = Reflect.get(node, key)
  return typeof value === 'string' ? value : ''
}

/** px of area below which words would be cut off */
const forOneLine = { width: 72, height: 20 }
const forTwoLines = { width: 72, height: 36 }

function Cell(node: TreemapNode) {
  const part: unknown = Reflect.get(node, 'part')
  const { x, y, width, height, depth } = node
  if (depth < 2 || !isPart(part)) return <g />
  const group = textOf(node, 'group')
  const ink = inkOn(colors[part])
  return (
    <g>
      <rect x={x} y={y} width={width} height={height} fill={colors[part]} stroke="var(--berth-surface)" />
      {width >= forOneLine.width && height >= forOneLine.height && (
        <text x={x + 6} y={y + 15} fontSize={12} fill={ink} stroke="none">
          {fitText(group, width)}
        </text>
      )}
      {width >= forTwoLines.width && height >= forTwoLines.height && (
        <text x={x + 6} y={y + 31} fontSize={12} fill={ink} stroke="none">
          {fitText(part, width)}
        </text>
      )}
    </g>
  )
}

/** Wide enough for most letters at 12 px. */
const letterPx = 7
const fitText = (text: string, width: number): string => {
  const letters = Math.floor((width - 12) / letterPx)
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`
}

const isCell = (value: unknown): value is CellData =>
  typeof value === 'object' && value !== null && 'group' in value && 'part' in value && 'bytes' in value

function Tip({ cell, bytes }: { readonly cell: unknown; readonly bytes: number }) {
  if (!isCell(cell)) return null
  return (
    <div className={classes.tip}>
      <b>{cell.group}</b>
      <div>{cell.part}</div>
      <div>
        {formatDisk(cell.bytes)}, {formatPercent(cell.bytes / bytes)} of all,{' '}
        {cell.tensors === 1 ? '1 tensor' : `${formatCount(cell.tensors)} tensors`}
      </div>
    </div>
  )
}
