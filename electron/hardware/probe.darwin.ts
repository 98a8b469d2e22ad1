import { totalmem } from 'node:os'
import { findCommand } from '../lib/childProcess.ts'
import { parseSysctl } from './appleFacts.ts'
import { createAppleSource } from './appleSource.ts'
import { createCpuSource } from './cpuSource.ts'
import { readOsCpuTimes } from './osCpuTimes.ts'
import type { Probe, ProbeDeps } from './probe.ts'
import { parseVmStatUsedBytes } from './vmStat.ts'

export function createDarwinProbe(deps: ProbeDeps): Probe {
  const { now, ownPids, processes } = deps
  /** macOS has its tools in fixed places, whatever PATH says */
  const commandFolders = [...deps.commandFolders, '/usr/sbin', '/usr/bin']

  async function run(name: string, args: readonly string[]): Promise<string> {
    const file = await findCommand([name], commandFolders)
    return file === null ? '' : (await processes.run(file, args, { timeoutMs: 5_000, maxBytes: 65_536 })).stdout
  }

  const cpu = createCpuSource({
    name: 'vm_stat',
    now,
    ownPids,
    async readMemory() {
      // os.freemem() counts free pages only, which is next to nothing on a Mac that works well
      const usedBytes = parseVmStatUsedBytes(await run('vm_stat', []))
      const totalBytes = totalmem()
      return {
        totalBytes,
        limitBytes: null,
        availableBytes: usedBytes === null ? null : Math.max(0, totalBytes - usedBytes),
      }
    },
    readCpuTimes: async () => readOsCpuTimes(),
    readTemperature: async () => null,
    readOwner: null,
  })

  return {
    cpu,
    gpus: [createAppleSource({ now, processes, commandFolders, systemMemory: cpu.memory })],
    async coreKinds() {
      const values = parseSysctl(
        await run('sysctl', ['hw.nperflevels', 'hw.perflevel0.physicalcpu', 'hw.perflevel1.physicalcpu']),
      )
      const count = (key: string) => (/^\d+$/.test(values.get(key) ?? '') ? Number(values.get(key)) : null)
      if (count('hw.nperflevels') !== 2) return { performanceCores: null, efficiencyCores: null }
      // level 0 is the fastest, whatever its name
      return {
        performanceCores: count('hw.perflevel0.physicalcpu'),
        efficiencyCores: count('hw.perflevel1.physicalcpu'),
      }
    },
  }
}
