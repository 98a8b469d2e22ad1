/** What is wrong with the name of an external data file, worst first. */
export interface LocationFault {
  readonly outcome: 'dangerous' | 'broken' | 'warning'
  readonly code: string
  /** to follow on "The location …" */
  readonly message: string
}

const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** ONNX Runtime marks tensors in its own memory so: what follows is an address that it would read. */
const memoryMarker = '*/_ORT_MEM_ADDR_/*'

/**
 * A location comes from the file, so from a stranger: it must be a relative name of a file beside or below the model, by
 * the rules of every system, because files travel. Null: nothing is wrong with it.
 */
export const locationFault = (location: string): LocationFault | null => {
  const dangerous = (code: string, message: string): LocationFault => ({ outcome: 'dangerous', code, message })
  if (location === '') return { outcome: 'broken', code: 'external-without-location', message: 'is empty.' }
  if (location.includes(memoryMarker))
    return dangerous(
      'external-memory-address',
      "is a mark for the runtime's own memory: it would read at an address that the file chooses.",
    )
  if (location.includes('\0')) return dangerous('external-escapes', 'has a NUL in it: programs see different names.')
  if (/^[/\\]/.test(location)) return dangerous('external-escapes', 'is an absolute path.')
  if (/^[a-z]:/i.test(location)) return dangerous('external-escapes', 'names a drive.')
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(location)) return dangerous('external-escapes', 'is an address.')
  const parts = location.split(/[/\\]/)
  if (parts.includes('..')) return dangerous('external-escapes', 'leads out of the folder of the model.')
  if (location.includes(':')) return dangerous('external-escapes', 'names a stream of a file.')
  if (parts.some((part) => deviceName.test(part)))
    return dangerous('external-escapes', 'is the name of a device on Windows.')
  if (parts.some((part) => part.startsWith('..')))
    return {
      outcome: 'broken',
      code: 'external-refused-name',
      message: 'begins with two dots: ONNX refuses such names.',
    }
  if (parts.some((part) => part === '' || part === '.'))
    return { outcome: 'warning', code: 'external-odd-name', message: 'has empty parts.' }
  if (location.includes('\\'))
    return {
      outcome: 'warning',
      code: 'external-odd-name',
      message: 'has a backslash: on Windows it is another file than elsewhere.',
    }
  return null
}
