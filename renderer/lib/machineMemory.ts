import type { Resources } from '../../shared/contract/models.ts'

export type MachineMemory = {
  /** null: not read */
  readonly freeBytes: number | null
  readonly totalBytes: number | null
  /** what it is memory of: `the GPU`, `2 GPUs together`, `RAM` */
  readonly where: string
}

const sum = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((all, value) => (all === null || value === null ? null : all + value), 0)

/** Where a model goes first: the GPUs with memory of their own together, else what all share. Null before anything was read. */
export const machineMemory = (resources: Resources | null): MachineMemory | null => {
  const devices = resources?.devices ?? []
  const gpus = devices.filter(({ kind, unified }) => kind === 'gpu' && !unified)
  const unified = devices.filter((device) => device.unified)
  const used = gpus.length > 0 ? gpus : unified.length > 0 ? unified : devices.filter(({ kind }) => kind === 'cpu')
  if (used.length === 0) return null
  return {
    freeBytes: sum(used.map(({ freeBytes }) => freeBytes)),
    totalBytes: sum(used.map(({ totalBytes }) => totalBytes)),
    where: gpus.length > 1 ? `${gpus.length} GPUs together` : gpus.length === 1 ? 'the GPU' : 'RAM',
  }
}
