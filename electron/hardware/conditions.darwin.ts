import { findCommand } from '../lib/childProcess.ts'
import type { ConditionDeps, Conditions } from './conditions.ts'
import { readOsCpuTimes } from './osCpuTimes.ts'
import { ownCpuMs } from './ownCpuTime.ts'
import { parseOnBattery, parsePowerMode, parseTherm } from './pmset.ts'

export function createDarwinConditions({ processes, commandFolders }: ConditionDeps): Conditions {
  async function pmset(...args: string[]): Promise<string> {
    const file = await findCommand(['pmset'], [...commandFolders, '/usr/bin'])
    if (file === null) return ''
    return processes.run(file, args, { timeoutMs: 3_000, maxBytes: 65_536 }).then(
      ({ stdout }) => stdout,
      () => '', // it hangs or may not be run: then nothing is told
    )
  }

  return {
    powerEveryMs: 30_000,
    async power() {
      const [batt, settings] = await Promise.all([pmset('-g', 'batt'), pmset('-g')])
      return { onBattery: parseOnBattery(batt), ...parsePowerMode(settings) }
    },
    heat: async () => parseTherm(await pmset('-g', 'therm')),
    work: async () => ({ cpu: readOsCpuTimes(), own: ownCpuMs(), swappedOutBytes: null }),
    // `ps` leaves out what Metal holds, which is most of a model: no figure is better than a wrong one
    processMemory: () => null,
  }
}
