export interface ItemLimits {
  /** UTF-16 units */
  readonly maxItemLength: number
  readonly maxItems: number
}

/**
 * Finds the items of the array `field` in one JSON object whose text comes in pieces, cut anywhere. Each is given as its text;
 * whether that is JSON the caller finds out. `tooMuch` makes the error for a list beyond the limits.
 */
export const createItemScanner = (field: string, limits: ItemLimits, tooMuch: () => Error) => {
  /** brackets that are open: 1 is the object, 2 its list, more are in an item */
  let depth = 0
  const string = { open: false, escaped: false }
  /** the last string of the object itself: the name of what follows */
  let name = ''
  const list = { open: false, seen: false, items: 0 }
  let ended = false
  /** the beginning of an item that its piece cut off */
  let rest: string[] = []
  let restLength = 0

  /** Where the string that is open ends, or -1 when it goes on in the next piece. */
  const endOfString = (piece: string, from: number): number => {
    const marks = /["\\]/g
    marks.lastIndex = string.escaped ? from + 1 : from
    string.escaped = false
    for (let mark = marks.exec(piece); mark !== null; mark = marks.exec(piece)) {
      if (mark[0] === '"') return mark.index
      string.escaped = marks.lastIndex === piece.length
      marks.lastIndex++ // what is escaped
      if (string.escaped) return -1
    }
    return -1
  }

  /** What a bracket means; true when it ends an item. */
  const bracket = (mark: string): boolean => {
    if (mark === '{' || mark === '[') {
      if (mark === '[' && depth === 1 && name === field) list.open = list.seen = true
      depth++
      return false
    }
    depth--
    if (list.open && depth === 1) list.open = false
    if (depth === 0) ended = true
    return list.open && depth === 2
  }

  const keep = (text: string): void => {
    rest.push(text)
    restLength += text.length
    if (restLength > limits.maxItemLength) throw tooMuch()
  }

  const take = (): string => {
    const text = rest.join('')
    rest = []
    restLength = 0
    if (++list.items > limits.maxItems) throw tooMuch()
    return text
  }

  /** Passes over the string that is open; -1 when the piece ends first. */
  const pass = (piece: string, from: number): number => {
    const end = endOfString(piece, from)
    if (depth === 1) name = (name + piece.slice(from, end === -1 ? undefined : end)).slice(0, 100)
    string.open = end === -1
    return end === -1 ? -1 : end + 1
  }

  return {
    /** The items that end in this piece. */
    push: (piece: string): string[] => {
      const found: string[] = []
      const marks = /["[\]{}]/g
      let begin = list.open && depth > 2 ? 0 : -1
      let at = string.open ? pass(piece, 0) : 0
      while (at !== -1) {
        marks.lastIndex = at
        const mark = marks.exec(piece)
        if (mark === null) break
        at = marks.lastIndex
        if (mark[0] === '"') {
          if (depth === 1) name = ''
          at = pass(piece, at)
        } else {
          if (list.open && depth === 2 && mark[0] !== ']') begin = mark.index
          if (!bracket(mark[0])) continue
          keep(piece.slice(begin, at))
          found.push(take())
          begin = -1
        }
      }
      if (begin !== -1 && list.open) keep(piece.slice(begin))
      return found
    },
    items: () => list.items,
    /** The list was there, and the object around it has ended. */
    isWhole: (): boolean => list.seen && ended,
  }
}
