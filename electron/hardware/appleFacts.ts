import { z } from 'zod'

/** `sysctl` and `system_profiler -json SPDisplaysDataType` of macOS. */

/** `key: value` lines; a key that this Mac lacks is an error line elsewhere. */
export function parseSysctl(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^(\w+\.[\w.]+): (.*)$/.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2].trim())
  }
  return values
}

export interface AppleGpu {
  readonly name: string
  readonly isApple: boolean
  /** its own memory; null where it shares the machine's */
  readonly videoMemoryBytes: number | null
}

const Displays = z.object({
  SPDisplaysDataType: z.array(
    z.object({
      _name: z.string(),
      sppci_model: z.string().optional(),
      spdisplays_vendor: z.string().optional(),
      spdisplays_vram: z.string().optional(),
    }),
  ),
})

/** Throws on anything else. Only keys are read: values are in the user's language. */
export function parseDisplays(json: string): AppleGpu[] {
  return Displays.parse(JSON.parse(json)).SPDisplaysDataType.map((display) => {
    const name = display.sppci_model ?? display._name
    const isApple = display.spdisplays_vendor === 'sppci_vendor_Apple' || name.startsWith('Apple ')
    const size = /^(\d+) (MB|GB)$/.exec(display.spdisplays_vram ?? '')
    const bytes = size === null ? null : Number(size[1]) * (size[2] === 'GB' ? 1024 ** 3 : 1024 ** 2)
    // where a VRAM key appears on Apple silicon it is the machine's RAM
    return { name, isApple, videoMemoryBytes: isApple ? null : bytes }
  })
}

/** What the GPU may use: the limit somebody set, else Metal's usual two thirds of RAM, which is an estimate. */
export function unifiedCapacity(
  memoryBytes: number,
  wiredLimitMebibytes: number | null,
): { bytes: number; isEstimated: boolean } {
  if (wiredLimitMebibytes !== null && wiredLimitMebibytes > 0)
    return { bytes: Math.min(memoryBytes, wiredLimitMebibytes * 1024 ** 2), isEstimated: false }
  return { bytes: Math.floor((memoryBytes * 2) / 3), isEstimated: true }
}
