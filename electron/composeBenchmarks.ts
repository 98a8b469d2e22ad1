import { stat } from 'node:fs/promises'
import type { BenchmarkId } from '../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkRecord } from '../shared/contract/benchmarks.ts'
import type { Hardware } from '../shared/contract/hardware.ts'
import { ModelId } from '../shared/contract/modelId.ts'
import type { Instance, LoadOptions, Model } from '../shared/contract/models.ts'
import { createBenchmarkRuns } from './benchmark/benchmarkRuns.ts'
import { createBenchmarkService } from './benchmark/benchmarkService.ts'
import { runEmbeddingBenchmark } from './benchmark/embeddingTest/embeddingRunner.ts'
import { runEngineBenchmark } from './benchmark/engineTest/engineRunner.ts'
import { createLanes, devicesOf, hostOf } from './benchmark/lanes.ts'
import type { MachineConditions } from './benchmark/machine/conditions.ts'
import { createDisturbanceWatch } from './benchmark/machine/disturbances.ts'
import { createMachineWatch } from './benchmark/machine/machineWatch.ts'
import { recordMachine } from './benchmark/machine/recordMachine.ts'
import { knownSpeedOf } from './benchmark/plan/knownSpeed.ts'
import type { PlanFacts } from './benchmark/plan/plan.ts'
import type { Subject } from './benchmark/runner.ts'
import type { OpenSubject } from './benchmark/runningBenchmark.ts'
import { runServingBenchmark } from './benchmark/servingTest/servingRunner.ts'
import type { ArtifactFile } from './catalog/artifactRepository.ts'
import type { BenchmarkRepository } from './catalog/benchmarkRepository.ts'
import { fingerprintFiles } from './files/hashing/fingerprintFiles.ts'
import type { HardwareService } from './hardware/hardwareService.ts'
import type { JobService } from './jobs/jobService.ts'
import type { ModelCare } from './models/modelCare.ts'
import type { ModelService } from './models/modelService.ts'
import type { ProviderService } from './providers/providerService.ts'

export interface BenchmarkParts {
  readonly version: string
  readonly repository: BenchmarkRepository
  readonly models: ModelService
  readonly care: ModelCare
  readonly providers: ProviderService
  readonly jobs: JobService
  readonly hardware: HardwareService
  readonly conditions: MachineConditions
  /** of the embedded engine's models, first shard first; empty: not known */
  readonly filesOf: (key: string) => readonly ArtifactFile[]
  /** of a model in these files, where they were hashed */
  readonly sha256Of: (files: readonly ArtifactFile[]) => string | null
  readonly estimate: (model: Pick<Model, 'provider' | 'key'>, options: LoadOptions) => number | null
  /** resolves when it is known what this machine is */
  readonly detected: () => Promise<void>
  readonly countAnswer: Parameters<typeof createBenchmarkRuns>[0]['used']
  readonly mark: (label: string) => void
  readonly publish: (changed: Benchmark[], removed: BenchmarkId[]) => void
  readonly onBug: (error: unknown, benchmark: BenchmarkId) => void
  readonly now: () => number
}

/** Connects what measures with what is measured: the part of the composition root that benchmarks need. */
export const composeBenchmarks = (parts: BenchmarkParts) => {
  const { models, providers, hardware, now } = parts
  const hardwareOf = (): Hardware => hardware.hardware()
  const machine = createMachineWatch({
    readings: hardware.readings,
    onReadings: hardware.onReadings,
    devices: () => hardwareOf().devices,
    processMemory: parts.conditions.processMemory,
    now,
  })
  const disturbances = createDisturbanceWatch({
    conditions: parts.conditions,
    readings: hardware.readings,
    devices: () => hardwareOf().devices,
    ownPids: () => [process.pid],
    now,
  })
  const record = createRecord(parts)

  const open = (id: string): OpenSubject => openSubject(ModelId.parse(id), parts)
  const factsOf = (id: ModelId): PlanFacts => {
    const model = models.get(id)
    const { provider } = models.find(id).inventory
    return { model, provider, host: hostOf(provider.address), known: knownSpeedOf(model, parts.repository) }
  }

  const runs = createBenchmarkRuns({
    repository: parts.repository,
    lanes: createLanes(),
    devices: ({ provider: id, options, settings }) => {
      const provider = providers.inventory(id)?.provider
      const swept = settings?.kind === 'engine' ? settings.sweep.gpuLayers : []
      return devicesOf(
        { isEmbedded: provider?.kind === 'embedded', host: hostOf(provider?.address ?? null) },
        swept.length > 0 ? swept : [options.gpuLayers],
        hardwareOf().devices.map(({ device }) => device),
      )
    },
    runJob: (model, work, turn) =>
      parts.jobs.run('benchmark', model, work, async (signal) => {
        await parts.detected() // what it may use comes from the machine
        return turn(signal)
      }).job,
    runners: {
      engine: runEngineBenchmark,
      serving: runServingBenchmark,
      embedding: runEmbeddingBenchmark,
    },
    open,
    record,
    machine,
    disturbances,
    used: (id, answer) => {
      if (providers.inventory(id)?.provider.address != null) parts.countAnswer(id, answer) // of connected ones alone
    },
    publish: parts.publish,
    onBegin: parts.mark,
    onSpeed: (model, speed) => models.tellSpeed(ModelId.parse(model), speed),
    onBug: parts.onBug,
    now,
  })
  return createBenchmarkService({
    ...parts,
    runs,
    factsOf,
    checkFree: models.refuseBusy,
    fastest: {
      isAvailable: (id) => {
        const found = models.peek(ModelId.parse(id))
        return found !== null && !found.inventory.stale
      },
      estimateBytes: (id, options) => {
        const found = models.peek(ModelId.parse(id))
        const longest = found?.model.contextLength ?? Number.POSITIVE_INFINITY
        if (!found || (options.contextLength ?? 0) > longest) return null
        return parts.estimate({ provider: found.inventory.provider.id, key: found.model.key }, options)
      },
    },
  })
}

/** Those that are loaded on this machine and may share a device with it. */
const othersOf = (id: ModelId, { models, providers }: BenchmarkParts): string[] => {
  const isLocal = ({ provider }: Instance) => hostOf(providers.inventory(provider)?.provider.address ?? null) === null
  return [
    ...new Set(
      models
        .instances()
        .filter((instance) => instance.model !== id && instance.state === 'loaded' && isLocal(instance))
        .map(({ model }) => model),
    ),
  ]
}

/** @throws AppError MODEL_NOT_FOUND, BUSY, what its provider failed with */
const openSubject = (id: ModelId, parts: BenchmarkParts): OpenSubject => {
  const { models, care } = parts
  models.refuseOutage(models.find(id).inventory)
  care.refuseBusy(id)
  const { model, key, provider, instance, load, unload, release } = models.reserve(id, 'measured')
  const subject: Subject = {
    model,
    key,
    provider,
    local: hostOf(provider.address) === null,
    instance,
    load,
    unload,
    estimateBytes: (options) => parts.estimate(model, options),
  }
  return { subject, otherModels: othersOf(id, parts), gone: parts.providers.goneSignal(provider.id), release }
}

const createRecord = (parts: BenchmarkParts) => {
  /** Of a file that this machine can read, and that may have been found by a server on it. */
  const filesOf = async ({ model, key, provider, local }: Subject): Promise<readonly ArtifactFile[]> => {
    if (provider.kind === 'embedded') return parts.filesOf(key)
    if (!local || model.path === null) return []
    const { path } = model
    const found = await stat(path).catch(() => null) // the server's path need not be ours
    return found?.isFile() ? [{ path, sizeBytes: found.size, modifiedAt: Math.trunc(found.mtimeMs) }] : []
  }

  const contentHash = async (subject: Subject): Promise<string | null> => {
    const { weightsSha256, digest } = subject.model
    if (weightsSha256 !== null) return `sha256:${weightsSha256}`
    const files = await filesOf(subject)
    const sha256 = parts.sha256Of(files)
    if (sha256 !== null) return `sha256:${sha256}`
    if (digest !== null) return digest
    return fingerprintFiles(files.map(({ path }) => path)).catch(() => null) // it went meanwhile: its load says so
  }

  return async (subject: Subject): Promise<BenchmarkRecord> => {
    const { model, provider } = subject
    const { name, architecture, parameterCount, quantization, format, sizeBytes } = model
    const status = parts.providers.inventory(provider.id)?.status
    const power = await parts.conditions.power()
    return {
      model: {
        name,
        contentHash: await contentHash(subject),
        architecture,
        parameterCount,
        quantization,
        format,
        sizeBytes,
      },
      provider: {
        kind: provider.kind,
        name: provider.name,
        version: status?.state === 'reachable' ? status.version : null,
        host: hostOf(provider.address),
      },
      berthVersion: parts.version,
      ...recordMachine(parts.hardware.hardware(), power),
      backend: subject.instance()?.backend ?? null,
      clientErrorMs: null,
    }
  }
}
