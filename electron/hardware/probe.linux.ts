import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createAmdCard } from './amdSysfs.ts'
import { type CgroupLevel, findLimits, least, readLimit } from './cgroup.ts'
import { createCpuSource } from './cpuSource.ts'
import { createDrmClients } from './drmClients.ts'
import { createDrmSource } from './drmSource.ts'
import { createIntelCard } from './intelSysfs.ts'
import { createNvidiaSource } from './nvidiaSource.ts'
import type { Probe, ProbeDeps } from './probe.ts'
import { parseCpuList, parseCpuTimes, parseMeminfo, parsePss } from './procStat.ts'
import type { SystemMemory } from './source.ts'
import { readNumber, readText } from './sysfs.ts'

const cpuSensors = ['coretemp', 'k10temp', 'zenpower', 'cpu_thermal']

/** The file of the CPU's temperature, in thousandths of a degree; virtual machines have none. */
async function findCpuSensor(root: string): Promise<string | null> {
  const folder = join(root, 'sys/class/hwmon')
  for (const name of await readdir(folder).catch(() => []))
    if (cpuSensors.includes((await readText(join(folder, name, 'name'))) ?? ''))
      return join(folder, name, 'temp1_input')
  return null
}

/** How many cores, hyperthreads counted once, `cpu_core` or `cpu_atom` names; null on CPUs of one kind. */
async function countCores(root: string, kind: 'cpu_core' | 'cpu_atom'): Promise<number | null> {
  const list = await readText(join(root, 'sys/devices', kind, 'cpus'))
  if (list === null) return null
  const siblings = await Promise.all(
    parseCpuList(list).map(async (cpu) => {
      const path = join(root, `sys/devices/system/cpu/cpu${cpu}/topology/core_cpus_list`)
      return (await readText(path)) ?? String(cpu)
    }),
  )
  return new Set(siblings).size
}

export function createLinuxProbe(deps: ProbeDeps): Probe {
  const { root, now, ownPids } = deps
  const at = (path: string) => join(root, path)
  let levels: Promise<readonly CgroupLevel[]> | null = null
  let sensor: Promise<string | null> | null = null

  async function readMemory(): Promise<SystemMemory | null> {
    const { totalBytes, availableBytes } = parseMeminfo((await readText(at('proc/meminfo'))) ?? '')
    if (totalBytes === null) return null
    levels ??= findLimits(root, totalBytes)
    const limit = await readLimit(await levels, totalBytes)
    return {
      totalBytes,
      limitBytes: limit?.limitBytes ?? null,
      availableBytes: limit === null ? availableBytes : least(availableBytes, limit.availableBytes),
    }
  }

  const cpu = createCpuSource({
    name: 'procfs',
    now,
    ownPids,
    readMemory,
    readCpuTimes: async () => parseCpuTimes((await readText(at('proc/stat'))) ?? ''),
    async readTemperature() {
      sensor ??= findCpuSensor(root)
      const path = await sensor
      const value = path === null ? null : await readNumber(path)
      return value === null ? null : value / 1000
    },
    async readOwner(pid) {
      const rollup = await readText(at(`proc/${pid}/smaps_rollup`))
      if (rollup === null) return null
      return { pid, name: await readText(at(`proc/${pid}/comm`)), bytes: parsePss(rollup) }
    },
  })
  const systemMemory = cpu.memory
  const clients = createDrmClients({ root, now, ownPids })

  return {
    cpu,
    gpus: [
      createNvidiaSource({ ...deps, systemMemory }),
      createDrmSource({
        name: 'AMD',
        vendor: 'amd',
        drivers: ['amdgpu'],
        root,
        now,
        clients,
        createCard: (gpu) => createAmdCard(root, gpu, systemMemory),
      }),
      createDrmSource({
        name: 'Intel',
        vendor: 'intel',
        drivers: ['i915', 'xe'],
        root,
        now,
        clients,
        createCard: (gpu) => createIntelCard(root, gpu, now),
      }),
    ],
    async coreKinds() {
      return {
        performanceCores: await countCores(root, 'cpu_core'),
        efficiencyCores: await countCores(root, 'cpu_atom'),
      }
    },
  }
}
