import { assignColors, colorOf } from '../../../lib/colors.ts'

/** Told apart without any colour; more than these begin again, with other dashes. */
const shapes = ['circle', 'square', 'diamond', 'triangle'] as const
type Shape = (typeof shapes)[number] | 'none'

const dashes = ['', '6 3', '2 3'] as const

/** How one line, bar or point looks wherever it stands. */
export type Look = { readonly color: string; readonly shape: Shape; readonly dash: string }

const yellow = '#f0e442'
/** Yellow cannot be seen as a line on white. */
const asLine = (color: string): string =>
  color === yellow ? `light-dark(color-mix(in srgb, ${yellow} 62%, black), ${yellow})` : color

const coloursAtOnce = 7

/**
 * Colours by identity, shapes by place, so that neighbours differ in both. `known`: colours that some of them have
 * already, as models do in the memory bar.
 */
export const looksOf = (
  ids: readonly string[],
  known: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, Look> => {
  const colors = assignColors(known, ids)
  return new Map(
    ids.map((id, index) => [
      id,
      {
        color: asLine(colorOf(colors, id)),
        shape: shapes[index % shapes.length] ?? 'circle',
        dash: dashes[Math.floor(index / coloursAtOnce) % dashes.length] ?? '',
      },
    ]),
  )
}

/** A level that is no series: a line without points. */
export const limitLook: Look = { color: 'var(--berth-stale)', shape: 'none', dash: '6 4' }

export const plainLook: Look = { color: 'var(--mantine-color-teal-text)', shape: 'circle', dash: '' }
