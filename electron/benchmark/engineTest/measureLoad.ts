import type { Repetition } from '../../../shared/contract/benchmarkSettings.ts'
import type { Instance, LoadOptions } from '../../../shared/contract/models.ts'
import type { RunContext } from '../runner.ts'
import { cutShort, isEnough, type Measured, type Sample } from './engineResult.ts'
import type { LoadTest } from './engineTests.ts'
import { type FileCache, type ModelFile, modelFiles } from './fileCache.ts'

export interface LoadDeps {
  readonly context: RunContext
  readonly cache: FileCache
  readonly options: LoadOptions
  readonly repetition: Repetition
  /** `performance.now()` after which it is not repeated; null: no limit */
  readonly until: number | null
  readonly onRepetition: (number: number, most: number) => void
}

/** A load takes long, and varies little. */
const mostLoads = 3
/** of the file that must come from the disk for a load to be cold, and that may for one to be warm */
const coldPart = 0.9
const warmPart = 0.1

const percent = (part: number): string => `${Math.round(part * 100)} %`

/** Part of the files that this process had read from the disk; null: that is not told. */
const partFromDisk = async (cache: FileCache, instance: Instance | null, sizeBytes: number): Promise<number | null> => {
  const bytes = instance?.pid == null ? null : await cache.bytesFromDisk(instance.pid)
  return bytes === null || sizeBytes === 0 ? null : bytes / sizeBytes
}

/** Why a load was not cold; null: it was. */
const notCold = (part: number | null): string | null => {
  if (part === null) return 'it cannot be told whether the file was really read from the disk.'
  if (part >= coldPart) return null
  return `the file stayed in the system’s cache: only ${percent(part)} of it were read from the disk.`
}

interface Loads {
  readonly samples: readonly Sample[]
  readonly options: LoadOptions
  /** the most of the file that came from the disk in one of them */
  readonly partFromDisk: number
}

/** Load after load. A string is why they cannot be measured. */
async function repeat(
  wanted: LoadTest['cache'],
  files: readonly ModelFile[],
  repetition: Repetition,
  { context, cache, options, until, onRepetition }: LoadDeps,
): Promise<Loads | string> {
  const { subject, signal } = context
  const sizeBytes = files.reduce((sum, each) => sum + each.sizeBytes, 0)
  const samples: Sample[] = []
  let loaded = options
  let most = 0
  while (samples.length === 0 || !(isEnough(samples, repetition) || (until !== null && performance.now() > until))) {
    signal.throwIfAborted()
    onRepetition(samples.length + 1, repetition.most)
    await subject.unload(signal)
    const why = wanted === 'cold' ? await cache.drop(files, signal) : await cache.fill(files, signal)
    if (typeof why === 'string') return why
    const startedAt = performance.now()
    const instance = await subject.load(options, signal)
    const ms = performance.now() - startedAt
    const part = await partFromDisk(cache, instance, sizeBytes)
    const not = wanted === 'cold' ? notCold(part) : null
    if (not !== null) return not
    samples.push({ ms, value: ms })
    most = Math.max(most, part ?? 0)
    loaded = instance?.options ?? options
  }
  return { samples, options: loaded, partFromDisk: most }
}

/**
 * Loads the model, each time anew, from a file that is in the system's cache or, proven by what was read, is not. A string is
 * why that could not be measured.
 * @throws AppError as a load
 */
export async function measureLoad({ cache: wanted }: LoadTest, deps: LoadDeps): Promise<Measured | string> {
  const { subject, signal, machine } = deps.context
  const { model, provider, local } = subject
  if (!model.verbs.load || !model.verbs.unload) return `${provider.name} does not load and unload it when asked.`
  const files = local ? await modelFiles(model.path) : null
  if (files === null) return 'its file is not on this machine, so that nothing is known of the cache.'
  const repetition = { ...deps.repetition, most: Math.min(mostLoads, deps.repetition.most) }
  await subject.unload(signal)
  const watched = machine.begin(null)
  let loads: Loads | string
  let watch: ReturnType<typeof watched.end>
  try {
    loads = await repeat(wanted, files, repetition, deps)
  } finally {
    watch = watched.end()
  }
  if (typeof loads === 'string') return loads
  const { samples, options } = loads
  const notes = isEnough(samples, repetition) ? [] : [cutShort(samples.length)]
  if (wanted === 'warm' && loads.partFromDisk > warmPart)
    notes.push(
      `The file does not stay in the system’s cache: ${percent(loads.partFromDisk)} of it were read from the disk.`,
    )
  return { samples, options, memory: watch.memory, tokensPerJoule: null, notes }
}
