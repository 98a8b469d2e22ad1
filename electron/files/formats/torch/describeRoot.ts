import type { MetadataRow } from '../modelFile.ts'
import { isCall, isGlobal, isNode, nameOf, type PickleValue } from '../pickle/pickleValue.ts'
import { shownText } from '../text.ts'

const mostRows = 300

/** The file's own keys beside the tensors: epoch, settings, vocabulary. Values are cut. */
export const describeRoot = (root: PickleValue): MetadataRow[] => {
  if (!isNode(root) || !('keys' in root)) return []
  const rows: MetadataRow[] = []
  for (const [index, key] of root.keys.entries()) {
    if (rows.length >= mostRows || isNode(key)) break
    const value = root.values[index] ?? null
    const row = shownPart(value)
    if (row !== null) rows.push({ key: shownText(String(key)), ...row })
  }
  return rows
}

const shownPart = (value: PickleValue): Pick<MetadataRow, 'type' | 'value'> | null => {
  if (value === null) return { type: 'None', value: 'None' }
  if (typeof value === 'string') return { type: 'str', value: shownText(value) }
  if (!isNode(value)) return { type: typeof value === 'boolean' ? 'bool' : 'number', value: String(value) }
  if (isCall(value)) {
    if (!isGlobal(value.callable)) return { type: 'object', value: 'made by a call' }
    if (value.callable.module.startsWith('torch.') && value.callable.name.startsWith('_rebuild')) return null
    const count = value.keys.length || value.items.length
    return { type: 'object', value: `${shownText(nameOf(value.callable))}${count > 0 ? `, ${count} items` : ''}` }
  }
  if (value.kind === 'dict') return { type: 'dict', value: `${value.keys.length} keys` }
  if ('items' in value) return { type: value.kind, value: `${value.items.length} items` }
  if (value.kind === 'bytes') return { type: 'bytes', value: `${value.length} bytes` }
  return value.kind === 'global' ? { type: 'name', value: shownText(nameOf(value)) } : null
}
