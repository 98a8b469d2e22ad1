import type { Resources } from '../../shared/contract/models.ts'
import type { BenchmarkService } from '../benchmark/benchmarkService.ts'
import type { ContentHashes } from '../files/contentHashes.ts'
import type { LibraryService } from '../files/libraryService.ts'
import type { SampleService } from '../files/sampleService.ts'
import type { ValidationService } from '../files/validation/validationService.ts'
import type { HardwareService } from '../hardware/hardwareService.ts'
import type { JobService } from '../jobs/jobService.ts'
import type { ModelCare } from '../models/modelCare.ts'
import type { ModelService } from '../models/modelService.ts'
import type { HistoryService } from '../monitoring/historyService.ts'
import type { ConnectionService } from '../providers/connections/connectionService.ts'
import type { SecretService } from '../secrets/secretService.ts'
import type { SettingsService } from '../settings/settingsService.ts'
import type { SystemService } from '../system/systemService.ts'
import { os } from './base.ts'
import { benchmarksRouter } from './benchmarks.ts'
import { errorEdge, type ReportBug } from './errorEdge.ts'
import { filesRouter } from './files.ts'
import { foldersRouter } from './folders.ts'
import { hardwareRouter } from './hardware.ts'
import { jobsRouter } from './jobs.ts'
import { modelsRouter } from './models.ts'
import { providersRouter } from './providers.ts'
import { samplesRouter } from './samples.ts'
import { secretsRouter } from './secrets.ts'
import { settingsRouter } from './settings.ts'
import { type SubscribeChanges, systemRouter } from './system.ts'

export interface Services {
  readonly models: ModelService
  readonly care: ModelCare
  readonly connections: ConnectionService
  readonly secrets: SecretService
  readonly library: LibraryService
  readonly validation: ValidationService
  readonly contentHashes: ContentHashes
  readonly samples: SampleService
  readonly jobs: JobService
  readonly benchmarks: BenchmarkService
  readonly hardware: HardwareService
  readonly history: HistoryService
  readonly settings: SettingsService
  readonly system: SystemService
  readonly resources: () => Resources
  readonly subscribe: SubscribeChanges
}

/**
 * The contract with its handlers: what every host serves.
 * @param onCall somebody asked for something
 */
export const createRouter = (services: Services, reportBug: ReportBug, onCall: () => void) =>
  os
    .use(errorEdge(reportBug))
    .use(({ next }) => {
      onCall()
      return next()
    })
    .router({
      models: modelsRouter(services.models, services.care, services.resources),
      providers: providersRouter(services.connections),
      folders: foldersRouter(services.library),
      files: filesRouter(services.validation, services.contentHashes),
      jobs: jobsRouter(services.jobs),
      benchmarks: benchmarksRouter(services.benchmarks),
      hardware: hardwareRouter(services.hardware, services.history),
      samples: samplesRouter(services.samples),
      secrets: secretsRouter(services.secrets),
      settings: settingsRouter(services.settings),
      system: systemRouter(services.system, services.subscribe),
    })

export type AppRouter = ReturnType<typeof createRouter>
