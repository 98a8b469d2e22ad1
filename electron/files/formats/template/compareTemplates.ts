export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Cells of the table of common lines: two bytes each. */
const mostCells = 4_000_000

/**
 * Line by line: what `other` has more than `one` is added. Templates that differ in too much for that are told apart as a
 * whole: all removed, all added.
 */
export const compareTemplates = (one: string, other: string): readonly DiffLine[] => {
  const [left, right] = [one.split('\n'), other.split('\n')]
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start++
  let end = 0
  while (
    end < left.length - start &&
    end < right.length - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  )
    end++
  const line = (kind: DiffLine['kind']) => (text: string) => ({ kind, text })
  return [
    ...left.slice(0, start).map(line('same')),
    ...middle(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(line('same')),
  ]
}

const middle = (left: readonly string[], right: readonly string[]): DiffLine[] => {
  const width = right.length + 1
  const removed = (text: string): DiffLine => ({ kind: 'removed', text })
  const added = (text: string): DiffLine => ({ kind: 'added', text })
  if ((left.length + 1) * width > mostCells) return [...left.map(removed), ...right.map(added)]
  // common[i, j]: lines that left from i and right from j have in common, in order
  const common = new Uint16Array((left.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [one, other] = [left[i], right[j]]
    if (one !== undefined && one === other) {
      lines.push({ kind: 'same', text: one })
      i++
      j++
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(one))
      i++
    } else {
      lines.push(added(other ?? ''))
      j++
    }
  }
  return lines
}
