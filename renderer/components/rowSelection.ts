import type { Choice } from './DataTable.tsx'

/** Rows chosen for something done to several at once. `anchor` is where a shift range begins. */
export interface RowSelection {
  readonly ids: ReadonlySet<string>
  readonly anchor: string | null
}
export const noSelection: RowSelection = { ids: new Set(), anchor: null }

const onlyRow = (id: string): RowSelection => ({ ids: new Set([id]), anchor: id })

const toggleRow = (selection: RowSelection, id: string): RowSelection => {
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** Everything between the anchor and `id`, in the order on the screen; the anchor stays. */
const extendTo = (selection: RowSelection, id: string, order: readonly string[]): RowSelection => {
  const to = order.indexOf(id)
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor)
  if (to < 0) return selection
  if (from < 0) return onlyRow(id)
  return { ids: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)), anchor: selection.anchor }
}

export const chooseRow = (
  selection: RowSelection,
  id: string,
  choice: Choice,
  order: readonly string[],
): RowSelection => {
  if (choice === 'only') return onlyRow(id)
  return choice === 'toggle' ? toggleRow(selection, id) : extendTo(selection, id, order)
}

/** What left the list is no longer selected: nothing is done to rows nobody sees. */
export const keepVisible = (selection: RowSelection, visible: ReadonlySet<string>): RowSelection => {
  const ids = [...selection.ids].filter((id) => visible.has(id))
  return ids.length === selection.ids.size ? selection : { ...selection, ids: new Set(ids) }
}
