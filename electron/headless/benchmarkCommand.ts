import { access, writeFile } from 'node:fs/promises'
import { AppError, errnoOf, messageOf } from '../lib/appError.ts'
import type { BenchmarkOptions } from './commandLine.ts'
import { measureModel } from './measureModel.ts'
import { openApp, type Parts } from './openApp.ts'
import { createProgressLine, type ProgressLine } from './progressLine.ts'

const shutdownLimitMs = 10_000
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** `--benchmark`: measures one model, prints what was measured, and ends the process. @throws AppError before it measures */
export async function runBenchmark(options: BenchmarkOptions, parts: Parts): Promise<void> {
  const line = createProgressLine(process.stderr)
  const stopped = new AbortController()
  let exitCode: number | null = null
  for (const [signal, code] of Object.entries(exitCodes))
    process.on(signal, () => {
      if (exitCode !== null) process.exit(exitCode) // asked twice: at once
      exitCode = code
      line.show(null, 'Ending …')
      stopped.abort()
    })
  await refuseExisting(options.output)
  const { app, close } = await openApp(options, parts).catch((error: unknown) => {
    throw explainBusy(error)
  })
  process.on('unhandledRejection', (error) => app.reportBug(error, 'unhandledRejection'))
  try {
    if (options.sample) line.say((await app.services.samples.create()).notice)
    const { text, state } = await measureModel(app.services, options, line, stopped.signal)
    await deliver(text, options.output, line)
    exitCode ??= state === 'done' ? 0 : 1
  } catch (error) {
    line.say(error instanceof AppError ? `${error.message} ${error.advice}` : String(error))
    exitCode ??= 1
    if (!(error instanceof AppError)) app.reportBug(error, 'benchmark')
  }
  line.clear()
  setTimeout(() => process.exit(exitCode ?? 1), shutdownLimitMs).unref()
  await close().catch((error: unknown) => line.say(`Berth could not close everything: ${messageOf(error)}`))
  process.exit(exitCode)
}

/** Who started Berth on this data folder has an API that does the same. */
const explainBusy = (error: unknown): unknown => {
  if (!(error instanceof AppError) || error.code !== 'DATA_FOLDER_BUSY') return error
  const address = error.details?.address
  const where = typeof address === 'string' ? `POST ${address.replace(/\/$/, '')}/api/v1/benchmarks` : 'its window'
  return new AppError('DATA_FOLDER_BUSY', error.message, {
    advice: `Start the benchmark there (${where}), close it, or measure with another --data-dir.`,
    cause: error,
  })
}

const refuseExisting = async (output: string | null): Promise<void> => {
  if (output === null) return
  const isThere = await access(output).then(
    () => true,
    (error: unknown) => errnoOf(error) !== 'ENOENT',
  )
  if (isThere) throw new AppError('FILE_EXISTS', `${output} is there already, or cannot be reached.`)
}

/** What was measured is not lost when the file cannot be written. */
const deliver = async (text: string | null, output: string | null, line: ProgressLine): Promise<void> => {
  if (text === null) return
  line.clear()
  if (output === null) return print(text)
  try {
    await writeFile(output, text, { flag: 'wx' })
    line.say(`Written to ${output}.`)
  } catch (error) {
    await print(text)
    throw new AppError(
      'PATH_UNUSABLE',
      `${output} could not be written: ${messageOf(error)}. It was printed instead.`,
      {
        advice: 'Give another --output.',
        cause: error,
      },
    )
  }
}

/** Resolves when all of it is out; a reader that went away wants no more. */
const print = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.once('error', () => resolve())
    process.stdout.write(text, () => resolve())
  })
