import type { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import type { Hardware } from '../../../shared/contract/hardware.ts'
import type { PowerFacts } from './conditions.ts'

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** `Ubuntu 24.04`; a version that the name already ends with is not said twice. */
const describeOs = ({ name, version }: Hardware['os']): string | null => {
  if (name === '') return version
  return version === null || name.endsWith(version) ? name : `${name} ${version}`
}

/** `AMD Ryzen 9 7950X, 16 cores`: two machines of one CPU model may differ in what they were given of it. */
const describeCpu = ({ name, physicalCores, logicalCores, performanceCores }: Hardware['cpu']): string | null => {
  if (name === null) return null
  const cores = physicalCores ?? logicalCores
  const kinds = performanceCores === null ? '' : `, ${performanceCores} of them for performance`
  return cores > 0 ? `${name}, ${plural(cores, 'core')}${kinds}` : name
}

/** The machine's part of what makes a result mean something later. */
export const recordMachine = (
  hardware: Hardware,
  power: PowerFacts,
): Pick<BenchmarkRecord, 'os' | 'cpu' | 'devices' | 'power'> => ({
  os: describeOs(hardware.os),
  cpu: describeCpu(hardware.cpu),
  devices: hardware.devices.map(({ device, name, driver, totalBytes }) => ({ device, name, driver, totalBytes })),
  power: { mode: power.mode, onBattery: power.onBattery },
})
