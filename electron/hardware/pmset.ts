import type { Heat, Power } from './conditions.ts'

/** The texts of macOS `pmset -g batt`, `pmset -g` and `pmset -g therm`. */

/** A Mac without a battery draws from 'AC Power' too. */
export const parseOnBattery = (batt: string): boolean | null => {
  const source = /^Now drawing from '([^']+)'/m.exec(batt)?.[1]
  return source === undefined ? null : source === 'Battery Power'
}

const modes: Readonly<Record<string, string>> = { '0': 'automatic', '1': 'low power', '2': 'high power' }

/** `powermode` where the Mac has three, `lowpowermode` where it has two; the part in use now is all that `-g` prints. */
export function parsePowerMode(settings: string): Pick<Power, 'mode' | 'isSaving'> {
  const value = (key: string) => new RegExp(`^\\s*${key}\\s+(\\d+)`, 'm').exec(settings)?.[1]
  const key = value('powermode') ?? value('lowpowermode')
  const mode = modes[key ?? ''] ?? null
  return { mode, isSaving: mode === null ? null : mode === 'low power' }
}

/** Notes say that nothing was recorded. Intel Macs tell a limit of the clock, in %; all of them a level above 0 when it is hot. */
export function parseTherm(therm: string): Heat[] {
  const limit = /CPU_Speed_Limit\s*=\s*(\d+)/.exec(therm)?.[1]
  const level = /Thermal Warning Level\s*=\s*(\d+)/i.exec(therm)?.[1]
  const isQuiet = /^Note: No thermal warning level has been recorded/m.test(therm)
  if (limit === undefined && level === undefined && !isQuiet) return []
  const isSlowed = (limit !== undefined && Number(limit) < 100) || Number(level ?? 0) > 0
  return [{ id: 'cpu', name: 'The processor', count: null, ms: null, isSlowed }]
}
