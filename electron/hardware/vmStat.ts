/** macOS `vm_stat`: pages, each number with a dot behind it. */

/** App memory, wired, and what the compressor occupies: what Activity Monitor calls used. null when a part is missing. */
export function parseVmStatUsedBytes(text: string): number | null {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? Number.NaN)
  const pages = (name: string) => {
    const match = new RegExp(`^"?${name}"?: +(\\d+)\\.$`, 'm').exec(text)
    return match === null ? Number.NaN : Number(match[1])
  }
  const app = pages('Anonymous pages') - pages('Pages purgeable')
  const used = (Math.max(0, app) + pages('Pages wired down') + pages('Pages occupied by compressor')) * pageBytes
  return Number.isFinite(used) ? used : null
}
