/** `ioreg -r -d 1 -w 0 -c IOAccelerator`: one node per GPU of a Mac. */
export interface Accelerator {
  readonly model: string | null
  readonly cores: number | null
  /** 0–1 */
  readonly utilization: number | null
  /** memory of all programs that the GPU holds now; part of RAM on Apple silicon */
  readonly inUseBytes: number | null
}

const numberAt = (text: string, key: string): number | null => {
  // up to the closing quote: "In use system memory (driver)" is another key
  const match = new RegExp(`"${key}" ?= ?(\\d+)`).exec(text)
  return match === null ? null : Number(match[1])
}

export function parseIoreg(text: string): Accelerator[] {
  return text
    .split(/^(?=\+-o )/m)
    .filter((node) => node.startsWith('+-o ') && node.includes('"PerformanceStatistics"'))
    .map((node) => {
      const statistics = /"PerformanceStatistics" = \{([^}]*)\}/.exec(node)?.[1] ?? ''
      const percent = numberAt(statistics, 'Device Utilization %')
      return {
        model: /"model" = "([^"]+)"/.exec(node)?.[1] ?? null,
        cores: numberAt(node, 'gpu-core-count'),
        utilization: percent === null ? null : percent / 100,
        inUseBytes: numberAt(statistics, 'In use system memory'),
      }
    })
}
