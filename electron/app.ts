import { setTimeout as delay } from 'node:timers/promises'
import { EventPublisher } from '@orpc/server'
import { defaultContextLength } from '../shared/contextLength.ts'
import type { Instance, LoadOptions, Resources } from '../shared/contract/models.ts'
import type { Change, System } from '../shared/contract/system.ts'
import type { Artifact } from './catalog/artifactRepository.ts'
import { createBenchmarkRepository } from './catalog/benchmarkRepository.ts'
import { openCatalog } from './catalog/database.ts'
import { takeDataFolder } from './catalog/dataFolder.ts'
import { createJobRepository } from './catalog/jobRepository.ts'
import { createNoticeRepository } from './catalog/noticeRepository.ts'
import { createReadingRepository } from './catalog/readingRepository.ts'
import { createSettingRepository } from './catalog/settingRepository.ts'
import { createSpeedRepository } from './catalog/speedRepository.ts'
import { composeBenchmarks } from './composeBenchmarks.ts'
import { composeFiles } from './composeFiles.ts'
import { composeProviders } from './composeProviders.ts'
import { engineEnvironment } from './engine/engineEnvironment.ts'
import type { SpawnEngine } from './engine/engineProcess.ts'
import { createEngineSupervisor } from './engine/engineSupervisor.ts'
import type { ModelFileSummary } from './files/formats/modelFile.ts'
import { createConditions } from './hardware/conditions.ts'
import { createHardwareService } from './hardware/hardwareService.ts'
import { readMachine } from './hardware/machine.ts'
import { createJobService } from './jobs/jobService.ts'
import { createChildProcesses, pathFolders } from './lib/childProcess.ts'
import { endAll } from './lib/endAll.ts'
import { fileIdOf } from './lib/fileId.ts'
import type { Log } from './lib/log.ts'
import { estimateMemory } from './memory/estimateMemory.ts'
import { capacityBytes, describeResources, measureInstance, placeMemory, roomOf } from './memory/resources.ts'
import { createModelCare } from './models/modelCare.ts'
import { createModelService } from './models/modelService.ts'
import { createPlaces } from './models/places.ts'
import { createHistoryService } from './monitoring/historyService.ts'
import { createEmbeddedProvider } from './providers/embedded/embeddedProvider.ts'
import { type AppRouter, createRouter, type Services } from './router/router.ts'
import type { KeyStore } from './secrets/keyStore.ts'
import { createSettingsService } from './settings/settingsService.ts'
import { createSystemService } from './system/systemService.ts'

export interface AppDeps {
  readonly host: System['host']
  readonly version: string
  readonly engineVersion: string
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  readonly log: Log
  /** Node's child process, or Electron's utility process */
  readonly spawnEngine: SpawnEngine
  /** files/fileWorker.ts, or what it was built to */
  readonly fileWorker: URL
  /** files/hashing/hashWorker.ts, or what it was built to */
  readonly hashWorker: URL
  /** the operating system's store of keys; a host without a window has none */
  readonly keyStore?: KeyStore
  /** what keys of providers are stored under, when the host was given it */
  readonly keysPassphrase?: string | null
}

export interface App {
  readonly router: AppRouter
  readonly services: Services
  /** Logs what nobody foresaw. */
  readonly reportBug: (error: unknown, requestId: string) => void
  /** Tells a second start on the same data folder where this one answers. */
  announce(address: string): void
  /** Ends everything that was started, in reverse; who asks again shares the end. */
  close(): Promise<void>
}

/** What connects, starts children or threads waits until the first answers are out. */
const beginAfterMs = 200
/** Nobody waits for it, and a start has better things to do. */
const hashRestAfterMs = 20_000
const backUpAfterMs = 60_000
/** Some jobs tell a server that they end; one that hangs gets no more time than this when Berth closes. */
const jobsEndMs = 2_000
/** A person who asked for something so short a time ago is still there. */
const activeMs = 10_000

/**
 * The composition root: opens the catalog, builds every service from values and connects them. Both hosts and the tests
 * build the application here, and nowhere else does one domain learn of another.
 * @throws AppError DATA_FOLDER_BUSY, DATA_FOLDER_UNUSABLE, CATALOG_TOO_NEW
 */
export const createApp = async (deps: AppDeps): Promise<App> => {
  const { host, version, dataDir, env, now, log } = deps
  const folder = takeDataFolder(dataDir, host, now)
  const catalog = openOrRelease(() => openCatalog({ dataDir, now, uncleanStart: folder.uncleanStart }), folder.release)
  const { db } = catalog

  const changes = new EventPublisher<{ change: Change }>()
  const publish = (change: Change): void => changes.publish('change', change)
  const reportBug = (error: unknown, requestId: string): void => log.error({ error, requestId }, 'unforeseen error')

  const system = createSystemService({
    version,
    host,
    dataDir,
    notices: createNoticeRepository(db),
    now,
    publish: (notice) => publish({ type: 'notice', notice }),
  })
  if (catalog.recovery) system.notify('catalog-recovered', 'warning', 'The catalog was repaired', catalog.recovery)

  const settings = createSettingsService({
    settings: createSettingRepository(db),
    publish: (value) => publish({ type: 'settings', settings: value }),
  })
  const jobs = createJobService({
    jobs: createJobRepository(db),
    now,
    publish: (job) => publish({ type: 'job', job }),
    onBug: (error, job) => reportBug(error, job.job),
  })
  const history = createHistoryService({ readings: createReadingRepository(db), now })

  let lastCallAt = Number.NEGATIVE_INFINITY
  const files = composeFiles({
    db,
    dataDir,
    env,
    fileWorker: deps.fileWorker,
    hashWorker: deps.hashWorker,
    jobs,
    settings,
    system,
    room: () => roomOf(resources().devices),
    isUserActive: () => now() - lastCallAt < activeMs || models.instances().some(isWorking),
    onHashed: () => findPlaces('embedded'),
    publish,
    onBug: reportBug,
    now,
    log,
  })
  const { library, contentHashes } = files

  const processes = createChildProcesses(env)
  const commandFolders = pathFolders(env)
  const hardware = createHardwareService({
    platform: process.platform,
    root: '/',
    now,
    log,
    processes,
    commandFolders,
    readMachine,
    ownPids: () => engine.instances().flatMap(({ pid }) => (pid === null ? [] : { pid })),
  })
  let detecting: Promise<void> | null = null
  const detected = (): Promise<void> => {
    detecting ??= hardware
      .detect()
      .then(hardware.start, (error: unknown) => log.error({ error }, 'hardware detection failed'))
    return detecting
  }
  const engine = createEngineSupervisor({
    spawn: deps.spawnEngine,
    env: engineEnvironment(env),
    now,
    log,
    physicalCores: () => hardware.hardware().cpu.physicalCores,
    onChange: () => embedded.changed('instances'),
  })

  const embedded = createEmbeddedProvider<Artifact<ModelFileSummary>>({
    files: library.artifacts,
    verify: library.verify,
    details: library.details,
    load: async ({ key, path }, options, report, signal) => {
      await detected() // its default of threads comes from the machine
      return engine.load(key, { path, options }, report, signal)
    },
    unload: engine.unload,
    chat: engine.chat,
    embed: engine.embed,
    measure: engine.measure,
    keepAlive: engine.keepAlive,
    instances: engine.instances,
    engineVersion: deps.engineVersion,
  })
  library.onChange((change) => {
    if (change === 'folders') publish({ type: 'folders', folders: library.list() })
    else embedded.changed('models')
  })

  const { providers, secrets, connections, ...connected } = composeProviders({
    db,
    dataDir,
    env,
    keyStore: deps.keyStore ?? null,
    keysPassphrase: deps.keysPassphrase ?? null,
    settings,
    system,
    onChange: (id, what) => {
      models.providerChanged(id, what)
      if (what === 'models') findPlaces(id)
    },
    publish,
    onBug: reportBug,
    now,
  })

  const places = createPlaces({
    models: (provider) => providers.inventory(provider)?.models ?? null,
    sha256Of: (provider, { path, sizeBytes, modifiedAt }) =>
      provider !== 'embedded' || path === null || sizeBytes === null || modifiedAt === null
        ? null
        : (files.hashes.find({ path, sizeBytes, modifiedAt })?.sha256 ?? null),
    fileIdOf,
    onChange: (ids) => models.placesChanged(ids),
  })
  const findPlaces = (provider: string): void => {
    places.changed(provider).catch((error: unknown) => reportBug(error, 'places'))
  }

  const devices = () => hardware.hardware().devices
  const models = createModelService({
    providers,
    speeds: createSpeedRepository(db),
    now,
    runJob: (model, work) => jobs.run('load', model, work),
    estimate: ({ key }, provider, options) =>
      provider === 'embedded' ? estimateFile(library.artifact(key), options) : null,
    capacityBytes: () => capacityBytes(devices()),
    measure: (instance) => {
      const placed = { ...instance, memory: placeMemory(instance.memory, devices()) }
      return measureInstance(placed, hardware.readings())
    },
    sameAs: (model) => places.of(model),
    search: (provider, text) => (provider === 'embedded' ? files.artifacts.search(text, mostFound) : null),
    publish: {
      models: (changed, removed) => publish({ type: 'models', changed, removed }),
      instances: (instances) => publish({ type: 'instances', instances }),
    },
    mark: (kind, model) => history.mark(kind, model),
  })

  const care = createModelCare({
    providers,
    models,
    runJob: (kind, model, work) => jobs.run(kind, model, work).job,
    now,
  })

  const resources = (): Resources => ({
    at: now(),
    devices: describeResources(devices(), hardware.readings(), models.instances(), now()),
  })

  const conditions = createConditions({ platform: process.platform, root: '/', processes, commandFolders })
  const benchmarks = composeBenchmarks({
    version,
    repository: createBenchmarkRepository(db),
    models,
    care,
    providers,
    jobs,
    hardware,
    conditions,
    filesOf: (key) => library.artifact(key)?.files ?? [],
    sha256Of: contentHashes.sha256Of,
    estimate: ({ provider, key }, options) =>
      provider === 'embedded' ? estimateFile(library.artifact(key), options) : null,
    detected,
    countAnswer: (provider, used) => connections.countAnswer(provider, used),
    mark: (label) => history.mark('job', label),
    publish: (changed, removed) => publish({ type: 'benchmarks', changed, removed }),
    onBug: (error, benchmark) => reportBug(error, benchmark),
    now,
  })

  const services: Services = {
    benchmarks,
    models,
    care,
    connections,
    secrets,
    library,
    validation: files.validation,
    contentHashes,
    samples: files.samples,
    jobs,
    hardware,
    history,
    settings,
    system,
    resources,
    subscribe: async function* (signal) {
      const subscription = changes.subscribe('change', { ...(signal && { signal }), maxBufferedEvents: 10_000 })
      yield { type: 'subscribed' }
      yield* subscription
    },
  }

  hardware.onHardware((value) => publish({ type: 'hardware', hardware: value }))
  hardware.onReadings((readings) => {
    const current = resources()
    history.record(readings, current.devices)
    publish({ type: 'sample', readings: [...readings], resources: current })
    if (engine.instances().length > 0) publish({ type: 'instances', instances: models.instances() })
  })

  await providers.add(embedded.provider)
  const closing = new AbortController()
  const begin = setTimeout(() => {
    secrets
      .start()
      .then(() => (closing.signal.aborted ? undefined : connections.start()))
      .catch((error: unknown) => reportBug(error, 'connections'))
      .then(() => (closing.signal.aborted ? undefined : benchmarks.resume())) // where its provider is, is known now
      .catch((error: unknown) => reportBug(error, 'benchmarks'))
    void detected()
    library.start()
  }, beginAfterMs)
  const hashRest = setTimeout(() => void contentHashes.considerAll(), hashRestAfterMs).unref()
  const backUp = setTimeout(
    () => catalog.backUp().catch((error: unknown) => log.error({ error }, 'backup failed')),
    backUpAfterMs,
  ).unref()

  const end = async (): Promise<void> => {
    clearTimeout(begin)
    clearTimeout(hashRest)
    clearTimeout(backUp)
    benchmarks.close() // what is under way goes on at the next start
    const jobsEnded = jobs.close()
    await endAll([
      () => inTime(jobsEnded, jobsEndMs),
      () => detecting,
      hardware.close,
      () => closing.abort(),
      places.close,
      files.close,
      connected.close,
      () => jobsEnded, // what a server kept waiting has lost its connection now
      engine.close,
      history.close,
      catalog.close,
      folder.release,
    ])
  }
  let ended: Promise<void> | null = null

  return {
    router: createRouter(services, reportBug, () => {
      lastCallAt = now()
    }),
    services,
    reportBug,
    announce: folder.announce,
    close: () => {
      ended ??= end()
      return ended
    },
  }
}

const inTime = async (work: Promise<unknown>, limitMs: number): Promise<void> => {
  const over = new AbortController()
  const limit = delay(limitMs, undefined, { signal: over.signal }).catch(() => {}) // the work was faster
  await Promise.race([work, limit])
  over.abort()
}

/** More matches than a person can look through. */
const mostFound = 5_000

const openOrRelease = <T>(open: () => T, release: () => void): T => {
  try {
    return open()
  } catch (error) {
    release()
    throw error
  }
}

const estimateFile = (file: Artifact<ModelFileSummary> | null, options: LoadOptions): number | null => {
  if (!file?.summary?.loadable) return null
  const { contextLength = defaultContextLength(file.summary.contextLength), kvCacheType = 'f16', batchSize } = options
  return estimateMemory(file.summary, { contextLength, kvCacheType, batchSize })?.totalBytes ?? null
}

const isWorking = ({ state, activeRequests }: Instance): boolean =>
  state === 'loading' || (activeRequests !== null && activeRequests > 0)
