/** `reg query KEY /s`: a line per key at the margin, its values behind four spaces. */
interface RegistryKey {
  readonly path: string
  readonly values: ReadonlyMap<string, string>
}

function parseRegistry(text: string): RegistryKey[] {
  const keys: { path: string; values: Map<string, string> }[] = []
  for (const line of text.split(/\r?\n/)) {
    if (/^HKEY_/.test(line)) keys.push({ path: line.trim(), values: new Map() })
    const value = /^ {4}(.+?) {4}REG_\w+(?: {4}(.*))?$/.exec(line)
    if (value?.[1] !== undefined) keys.at(-1)?.values.set(value[1], value[2]?.trim() ?? '')
  }
  return keys
}

/** `0x2ff400000`, or REG_BINARY's bytes, lowest first. */
export function parseRegistryNumber(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text)
  if (!/^([0-9a-f]{2}){1,8}$/i.test(text)) return null
  const bytes = text.match(/../g) ?? []
  return Number(`0x${bytes.reverse().join('')}`)
}

export interface Adapter {
  readonly name: string
  readonly vendorId: number | null
  /** as the counters name it: `0x00000000_0x00013e1a`; changes at each start of Windows */
  readonly luid: string
  readonly dedicatedBytes: number | null
  readonly driver: string | null
}

const notGpus = /microsoft basic (display|render)|remote display|indirect display|microsoft remote/i

export function formatLuid(luid: number): string {
  const part = (value: number) => `0x${value.toString(16).padStart(8, '0')}`
  return `${part(Math.floor(luid / 2 ** 32))}_${part(luid % 2 ** 32)}`
}

/** A DriverVersion is a 64-bit number of four 16-bit parts: too wide for a double. */
function driverVersion(text: string | undefined): string | null {
  if (text === undefined || !/^0x[0-9a-f]+$/i.test(text)) return null
  const value = BigInt(text)
  return [48n, 32n, 16n, 0n].map((shift) => String((value >> shift) & 0xffffn)).join('.')
}

/**
 * The adapters of `HKLM\SOFTWARE\Microsoft\DirectX`, the only place that joins a name and the counters' LUID. Entries of
 * removed cards stay there; they never appear in the counters. Sizes it lacks come from the display class's keys.
 */
export function parseAdapters(directX: string, displayClass: string): Adapter[] {
  const sizes = new Map<string, number>()
  for (const { values } of parseRegistry(displayClass)) {
    const name = values.get('DriverDesc')
    const bytes = parseRegistryNumber(values.get('HardwareInformation.qwMemorySize'))
    if (name !== undefined && bytes !== null) sizes.set(name, bytes)
  }
  return parseRegistry(directX).flatMap(({ values }) => {
    const name = values.get('Description')
    const luid = parseRegistryNumber(values.get('AdapterLuid'))
    if (name === undefined || luid === null || notGpus.test(name)) return []
    return [
      {
        name,
        vendorId: parseRegistryNumber(values.get('VendorId')),
        luid: formatLuid(luid),
        dedicatedBytes: parseRegistryNumber(values.get('DedicatedVideoMemory')) ?? sizes.get(name) ?? null,
        driver: driverVersion(values.get('DriverVersion')),
      },
    ]
  })
}
