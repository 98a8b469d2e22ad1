import { freemem, totalmem } from 'node:os'
import { createCpuSource } from './cpuSource.ts'
import { createNvidiaSource } from './nvidiaSource.ts'
import { readOsCpuTimes } from './osCpuTimes.ts'
import type { Probe, ProbeDeps } from './probe.ts'
import { createWindowsSource } from './windowsSource.ts'

export function createWindowsProbe(deps: ProbeDeps): Probe {
  const cpu = createCpuSource({
    name: 'Windows',
    now: deps.now,
    ownPids: deps.ownPids,
    readMemory: async () => ({ totalBytes: totalmem(), limitBytes: null, availableBytes: freemem() }),
    readCpuTimes: async () => readOsCpuTimes(),
    readTemperature: async () => null,
    readOwner: null,
  })
  return {
    cpu,
    gpus: [createNvidiaSource({ ...deps, systemMemory: cpu.memory }), createWindowsSource(deps)],
    // only a native call tells them
    coreKinds: async () => ({ performanceCores: null, efficiencyCores: null }),
  }
}
