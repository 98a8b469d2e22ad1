import { useMemo } from 'react'
import { create } from 'zustand'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { FileRow } from '../../shared/contract/files.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import type { Instance, Model } from '../../shared/contract/models.ts'
import { colorOf } from './colors.ts'
import { emptyMirror, type Mirror } from './mirror.ts'

/** The window's mirror of main's truth. Only lib/sync.ts writes it. */
export const useMirror = create<Mirror>(() => emptyMirror)

/** The array is new only when a model changed. */
export const useModels = (): readonly Model[] => {
  const models = useMirror((mirror) => mirror.models)
  return useMemo(() => [...models.values()], [models])
}
export const useModel = (id: string | null): Model | null =>
  useMirror((mirror) => (id === null ? null : (mirror.models.get(id) ?? null)))

/** The array is new only when a file changed. */
export const useFiles = (): readonly FileRow[] => {
  const files = useMirror((mirror) => mirror.files)
  return useMemo(() => [...files.values()], [files])
}
export const useFile = (path: string): FileRow | null => useMirror((mirror) => mirror.files.get(path) ?? null)

/** The array is new only when a run changed. */
export const useBenchmarks = (): readonly Benchmark[] => {
  const benchmarks = useMirror((mirror) => mirror.benchmarks)
  return useMemo(() => [...benchmarks.values()], [benchmarks])
}
export const useBenchmark = (id: string): Benchmark | null => useMirror((mirror) => mirror.benchmarks.get(id) ?? null)

export const useInstances = (): readonly Instance[] => useMirror((mirror) => mirror.instances)
export const useInstancesOf = (model: string): readonly Instance[] => {
  const instances = useInstances()
  return useMemo(() => instances.filter((instance) => instance.model === model), [instances, model])
}

/** Newest first. */
export const useJobs = (): readonly Job[] => {
  const jobs = useMirror((mirror) => mirror.jobs)
  return useMemo(() => [...jobs.values()].sort((a, b) => b.createdAt - a.createdAt), [jobs])
}

export const useProviders = () => useMirror((mirror) => mirror.providers)
export const useProvider = (id: string) =>
  useMirror((mirror) => mirror.providers.find(({ provider }) => provider === id) ?? null)
export const useFolders = () => useMirror((mirror) => mirror.folders)
export const useHardware = () => useMirror((mirror) => mirror.hardware)
export const useSettings = () => useMirror((mirror) => mirror.settings)
export const useSecrets = () => useMirror((mirror) => mirror.secrets)
export const useSystem = () => useMirror((mirror) => mirror.system)
export const useResources = () => useMirror((mirror) => mirror.resources)
export const useReady = () => useMirror((mirror) => mirror.ready)

const noSpeeds: readonly { readonly tokensPerSecond: number }[] = []
/** Of the last answers that this window saw, oldest first. */
export const useSpeeds = (model: string) => useMirror((mirror) => mirror.speeds.get(model) ?? noSpeeds)

/** The colour a model has in the memory bar, in charts and in tables. */
export const useColor = (model: string): string => useMirror((mirror) => colorOf(mirror.colors, model))
