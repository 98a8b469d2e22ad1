import { findCommand } from '../lib/childProcess.ts'
import type { ConditionDeps, Conditions } from './conditions.ts'
import { readNvidiaHeat } from './nvidiaHeat.ts'
import { readOsCpuTimes } from './osCpuTimes.ts'
import { ownCpuMs } from './ownCpuTime.ts'
import { parsePowerLine, parseScheme, powerLineScript } from './powercfg.ts'

export function createWindowsConditions(deps: ConditionDeps): Conditions {
  async function run(name: string, args: readonly string[]): Promise<string> {
    const file = await findCommand([`${name}.exe`, name], deps.commandFolders)
    if (file === null) return ''
    return deps.processes.run(file, args, { timeoutMs: 10_000, maxBytes: 65_536 }).then(
      ({ stdout }) => stdout,
      () => '', // one of the two may fail by itself
    )
  }

  return {
    // a PowerShell is a second of one core
    powerEveryMs: null,
    async power() {
      const [scheme, line] = await Promise.all([
        run('powercfg', ['/getactivescheme']),
        run('powershell', ['-NoProfile', '-NonInteractive', '-Command', powerLineScript]),
      ])
      return { onBattery: parsePowerLine(line), ...parseScheme(scheme) }
    },
    heat: () => readNvidiaHeat(deps).catch(() => []),
    work: async () => ({ cpu: readOsCpuTimes(), own: ownCpuMs(), swappedOutBytes: null }),
    processMemory: () => null,
  }
}
