import type { XMark } from './LinesChart.tsx'

/** Versions often follow each other closely: words that would lie over each other are left out, their lines stay. */
const roomForWords = 0.2

/** `first` and `last` of the axis; marks ascending by x. The last word always stands: it is what runs now. */
export const spacedMarks = (marks: readonly XMark[], first: number, last: number): readonly XMark[] => {
  const span = last - first
  if (span <= 0) return marks.slice(-1)
  const shown = new Set<XMark>()
  let next = Number.POSITIVE_INFINITY
  for (const mark of marks.toReversed()) {
    if ((next - mark.x) / span < roomForWords) continue
    shown.add(mark)
    next = mark.x
  }
  return marks.map((mark) => (shown.has(mark) ? mark : { ...mark, name: '' }))
}
