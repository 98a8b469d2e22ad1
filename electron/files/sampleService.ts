import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelId } from '../../shared/contract/modelId.ts'
import { joinModelId } from '../../shared/modelId.ts'
import { AppError } from '../lib/appError.ts'
import { pathFault } from '../lib/pathFault.ts'
import type { ScanContext } from './libraryFolder.ts'
import type { LibraryService } from './libraryService.ts'
import { writeSampleModel } from './sampleModel.ts'

export interface SampleServiceDeps {
  /** it is written to `models` in there, which becomes a folder of the library */
  readonly dataDir: string
  readonly library: Pick<LibraryService, 'artifacts' | 'include'>
  /** runs the work as a job a person sees and can cancel; it resolves with one sentence */
  readonly runJob: (subject: string, work: (context: ScanContext) => Promise<string>) => unknown
}

export interface Sample {
  readonly model: ModelId
  readonly path: string
  readonly sizeBytes: number
  readonly notice: string
}

const fileName = 'berth-sample.gguf'
const notice =
  'This model has random weights: it loads, runs and unloads like any other, and everything it says is nonsense.'

/** A small model of our own, so that everything can be tried without a download. */
export const createSampleService = ({ dataDir, library, runJob }: SampleServiceDeps) => {
  const folder = join(dataDir, 'models')
  let underWay: Promise<Sample> | null = null

  const make = async ({ report, signal }: ScanContext): Promise<Sample> => {
    const path = await mkdir(folder, { recursive: true }).then(
      async () => join(await realpath(folder), fileName), // the library knows folders with their links resolved
      (error: unknown) => {
        throw new AppError('PATH_UNUSABLE', pathFault(folder, error), { cause: error })
      },
    )
    const catalogued = () => library.artifacts().find((artifact) => artifact.path === path && !artifact.error)
    await library.include(folder)
    if (!catalogued()) {
      await writeSampleModel(path, { signal, report: (done) => report(done, 'Writing random weights') })
      await library.include(folder)
    }
    const found = catalogued()
    if (!found) throw new AppError('INTERNAL', 'The sample model was written and then not found.')
    return {
      model: ModelId.parse(joinModelId('embedded', found.key)),
      path: found.path,
      sizeBytes: found.sizeBytes,
      notice,
    }
  }

  return {
    /**
     * Resolves when it can be loaded. A second call answers the same model, unless its file is gone.
     * @throws AppError DISK_FULL, PATH_UNUSABLE, CANCELLED
     */
    create: (): Promise<Sample> => {
      underWay ??= new Promise<Sample>((resolve, reject) => {
        runJob('Sample model', async (context) => {
          const made = make(context).catch((error: unknown) => {
            throw context.signal.aborted ? new AppError('CANCELLED') : error
          })
          made.then(resolve, reject)
          return `${(await made).path}. It talks nonsense.`
        })
      }).finally(() => {
        underWay = null
      })
      return underWay
    },
  }
}

export type SampleService = ReturnType<typeof createSampleService>
