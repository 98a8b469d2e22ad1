/** Okabe and Ito's colours, told apart by people with any colour vision; black and grey are kept for other things. */
const palette = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#f0e442', '#0072b2'] as const

/** FNV-1a, only to start a name always at the same colour. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

const preferredSlot = (id: string): number => hash(id) % palette.length

/**
 * Gives each id its preferred colour, or the next that none of the `ids` has. A colour once given stays, so nothing
 * changes colour while one looks; more than seven at once share.
 */
export const assignColors = (
  known: ReadonlyMap<string, number>,
  ids: readonly string[],
): ReadonlyMap<string, number> => {
  const fresh = ids.filter((id) => !known.has(id))
  if (fresh.length === 0) return known
  const colors = new Map(known)
  for (const id of fresh) {
    const taken = new Set(ids.map((other) => colors.get(other)))
    const from = preferredSlot(id)
    const free = palette.map((_, step) => (from + step) % palette.length).find((slot) => !taken.has(slot))
    colors.set(id, free ?? from)
  }
  return colors
}

export const colorOf = (colors: ReadonlyMap<string, number>, id: string): string =>
  palette[colors.get(id) ?? preferredSlot(id)] ?? palette[0]

/** Text that can be read on that colour: only the dark blue needs white. */
export const inkOn = (color: string): string => (color === '#0072b2' ? '#ffffff' : '#10151b')
