import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Power } from './conditions.ts'
import { readText } from './sysfs.ts'

/** `/sys/class/power_supply`, `/sys/firmware/acpi/platform_profile` and cpufreq of Linux. */

/**
 * As systemd decides it: a connected adapter wins, whatever a battery says beside it. `Unknown` and `Not charging` are how some
 * firmware says full. Batteries of mice and headsets have the scope `Device`; a USB port without a charger says nothing.
 */
async function readOnBattery(root: string): Promise<boolean | null> {
  const folder = join(root, 'sys/class/power_supply')
  const names = await readdir(folder).catch(() => null)
  if (names === null) return null
  const supplies = await Promise.all(
    names.map(async (name) => {
      const read = (file: string) => readText(join(folder, name, file))
      const [type, scope, status, online] = await Promise.all(['type', 'scope', 'status', 'online'].map(read))
      return { type, scope, status, online }
    }),
  )
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device')
  // a desktop, a server, a virtual machine
  if (batteries.length === 0) return false
  const isOnline = (kind: string, value: string) =>
    supplies.some(({ type, online }) => type === kind && online === value)
  if (isOnline('Mains', '1') || isOnline('USB', '1')) return false
  if (isOnline('Mains', '0') || batteries.some(({ status }) => status === 'Discharging')) return true
  return batteries.every(({ status }) => status === 'Charging' || status === 'Full') ? false : null
}

const savingProfiles = ['low-power', 'cool', 'quiet']

/** Of the first core: they are set together. */
const readCpufreq = (root: string, file: string) => readText(join(root, 'sys/devices/system/cpu/cpu0/cpufreq', file))

/**
 * The governor `powersave` keeps the lowest clock, but with drivers that choose by themselves (a preference stands beside it)
 * it is the usual one, and the preference decides.
 */
const savesPower = (profile: string | null, governor: string | null, preference: string | null): boolean | null => {
  if (profile === null && governor === null && preference === null) return null
  if (profile !== null && savingProfiles.includes(profile)) return true
  return preference === null ? governor === 'powersave' : preference === 'power'
}

export async function readLinuxPower(root: string): Promise<Power> {
  const [onBattery, profile, governor, preference] = await Promise.all([
    readOnBattery(root),
    readText(join(root, 'sys/firmware/acpi/platform_profile')),
    readCpufreq(root, 'scaling_governor'),
    readCpufreq(root, 'energy_performance_preference'),
  ])
  const parts = [
    profile,
    governor === null ? null : `governor ${governor}`,
    preference === null ? null : `preference ${preference}`,
  ].filter((part) => part !== null)
  return {
    onBattery,
    mode: parts.length === 0 ? null : parts.join(', ').slice(0, 200),
    isSaving: savesPower(profile, governor, preference),
  }
}
