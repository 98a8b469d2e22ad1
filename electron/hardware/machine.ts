import { cpus, release, type } from 'node:os'
import type { Hardware } from '../../shared/contract/hardware.ts'

/** What does not change while the machine runs. */
export type MachineFacts = Pick<Hardware, 'os' | 'cpu'>

/** systeminformation starts `lscpu` and its like here, once; it is never asked for anything that changes. */
export async function readMachine(platform: NodeJS.Platform): Promise<MachineFacts> {
  const si = await import('systeminformation')
  const [cpu, os] = await Promise.all([si.default.cpu(), si.default.osInfo()])
  const count = (value: number) => (value > 0 ? value : null)
  const name = [cpu.manufacturer, cpu.brand].filter((word) => word !== '').join(' ')
  return {
    os: { platform, name: os.distro || type(), version: os.release || release() },
    cpu: {
      name: name || (cpus()[0]?.model ?? null),
      physicalCores: count(cpu.physicalCores),
      logicalCores: count(cpu.cores) ?? cpus().length,
      // it counts every core as a performance core where there is only one kind
      performanceCores: cpu.efficiencyCores ? count(cpu.performanceCores ?? 0) : null,
      efficiencyCores: count(cpu.efficiencyCores ?? 0),
    },
  }
}

/** What Node alone knows, for when nothing else answers. */
export const basicMachine = (platform: NodeJS.Platform): MachineFacts => ({
  os: { platform, name: type(), version: release() },
  cpu: {
    name: cpus()[0]?.model ?? null,
    physicalCores: null,
    logicalCores: cpus().length,
    performanceCores: null,
    efficiencyCores: null,
  },
})
