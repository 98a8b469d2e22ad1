const factors: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 }

/** `3.2B`, `22.57M`, `30B-A3B` (of which 3 B at a time) → parameters, as exact as the text is. */
export const parseParameterCount = (text: string): number | null => {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMBT]?)(?:-A\d+(?:\.\d+)?[KMBT])?$/i.exec(text.trim()) ?? []
  const factor = factors[unit.toUpperCase()]
  return digits === undefined || factor === undefined ? null : Math.round(Number(digits) * factor)
}
