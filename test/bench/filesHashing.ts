import { execFile } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openFileSource } from '../../electron/files/formats/byteSource.ts'
import { startHashWorker } from '../../electron/files/hashing/fileHasher.ts'
import { fingerprint } from '../../electron/files/hashing/fingerprint.ts'
import { createHashService, type HashServiceDeps } from '../../electron/files/hashing/hashService.ts'
import { type Job, JobId } from '../../shared/contract/jobs.ts'
import { alternate, type Bench, elapsed, findProgram, mebibytes } from './measure.ts'
import { atMost, judge, type Peer, type Row, ratioAtLeast, ratioAtMost } from './report.ts'

const RUNS = 5
const FINGERPRINTS = 20
const LARGE = 4 * 2 ** 30
const HALF = 2 ** 30

const run = promisify(execFile)

/** Hashes of whole files, as the application makes them: through its service, its queue and its workers. */
export async function* filesHashing({ cacheDir, tell }: Bench): AsyncGenerator<Row> {
  const file = (name: string, sizeBytes: number) => dataFile(join(cacheDir, `data-${name}.bin`), sizeBytes)
  const large = await file('large', LARGE)
  const halves = [await file('one', HALF), await file('two', HALF)]
  tell(`  ${RUNS} runs of a file of ${mebibytes(LARGE)} MiB and of two of ${mebibytes(HALF)} MiB: ${cacheDir}`)
  const hashes = startHashing()
  try {
    yield await besideOpenssl(large, hashes.hash)
    yield await twoAtOnce(halves, hashes.hash)
    yield await inTheBackground(halves, hashes)
    yield await fingerprints(large)
  } finally {
    await hashes.close()
  }
}

type Hash = (paths: readonly string[]) => Promise<unknown>

async function besideOpenssl(path: string, hash: Hash): Promise<Row> {
  const openssl = findProgram('openssl')
  const seconds = (work: () => Promise<unknown>) => async () => (await elapsed(work)) / 1000
  const samples = await alternate(RUNS, {
    ours: seconds(() => hash([path])),
    openssl: openssl ? seconds(() => run(openssl, ['dgst', '-sha256', path])) : async () => 0,
  })
  const peer: Peer = openssl
    ? { name: 'openssl dgst', version: await opensslVersion(openssl), samples: samples.openssl }
    : { absent: 'there is no openssl in PATH' }
  return judge({
    name: 'files: SHA-256 of 4 GiB',
    unit: 's',
    limit: ratioAtMost(1),
    ours: samples.ours,
    peer,
    note: 'the file lies in the system’s cache; openssl starts anew for each run, our worker runs already',
  })
}

const opensslVersion = async (program: string): Promise<string> =>
  (await run(program, ['version'])).stdout.split(' ')[1] ?? 'of unknown version'

/** Throughput of both together, beside that of one alone. */
async function twoAtOnce([one = '', two = '']: readonly string[], hash: Hash): Promise<Row> {
  const rate = (paths: readonly string[]) => async () =>
    mebibytes(paths.length * HALF) / ((await elapsed(() => hash(paths))) / 1000)
  const { both, alone } = await alternate(RUNS, { both: rate([one, two]), alone: rate([one]) })
  return judge({
    name: 'files: two files on two workers',
    unit: 'MiB/s',
    limit: ratioAtLeast(1.7),
    ours: both,
    peer: { name: 'one file on one worker', version: '', samples: alone },
  })
}

/** How much of the time a file takes while somebody works with the machine: full speed is 100. */
async function inTheBackground([path = '']: readonly string[], hashes: ReturnType<typeof startHashing>): Promise<Row> {
  const { full, gentle } = await alternate(RUNS, {
    full: () => elapsed(() => hashes.hash([path])),
    gentle: () => elapsed(() => hashes.inBackground(path)),
  })
  return judge({
    name: 'files: background hashing while somebody is active',
    unit: '% of full speed',
    limit: atMost(30),
    ours: gentle.map((ms, index) => (100 * (full[index] ?? 0)) / ms),
    note: 'a quarter is wanted',
  })
}

async function fingerprints(path: string): Promise<Row> {
  const one = async () => {
    const source = await openFileSource(path)
    try {
      await fingerprint(source)
    } finally {
      await source.close()
    }
  }
  const { ours } = await alternate(FINGERPRINTS, { ours: () => elapsed(one) })
  return judge({ name: 'files: fingerprint of 4 GiB', unit: 'ms', limit: atMost(15), ours })
}

/** The service with jobs that nobody sees. */
function startHashing() {
  let last: Promise<string> = Promise.resolve('')
  const finished = new Map<string, () => void>()
  const runJob: HashServiceDeps['runJob'] = (subject, work): Job => {
    last = work({ signal: new AbortController().signal, report: () => {} })
    const at = { createdAt: 0, startedAt: 0, endedAt: null }
    const job = JobId.parse('bench')
    return {
      job,
      kind: 'scan',
      subject,
      state: 'running',
      progress: null,
      result: null,
      error: null,
      cancellable: false,
      ...at,
    }
  }
  const fail = (fields: object, message: string): void => {
    throw new Error(message, { cause: fields })
  }
  const service = createHashService({
    startWorker: () => startHashWorker(new URL('../../electron/files/hashing/hashWorker.ts', import.meta.url)),
    isUserActive: () => true,
    runJob,
    onHashed: (path) => finished.get(path)?.(),
    log: { debug: fail, info: fail, warn: fail, error: fail },
  })
  return {
    hash: (paths: readonly string[]) => {
      service.hash(paths, { why: 'measuring' })
      return last
    },
    inBackground: (path: string) =>
      new Promise<void>((resolve) => {
        finished.set(path, resolve)
        service.addBackground([{ path, sizeBytes: HALF, modifiedAt: 0 }])
      }),
    close: service.close,
  }
}

/** Random bytes, so that nothing can be saved by holes or by compression. */
async function dataFile(path: string, sizeBytes: number): Promise<string> {
  const there = await stat(path).catch(() => null)
  if (there?.size === sizeBytes) return path
  const block = randomFillSync(Buffer.alloc(64 << 20))
  const file = await open(`${path}.part`, 'w')
  for (let written = 0; written < sizeBytes; written += block.length) await file.write(block)
  await file.close()
  await rename(`${path}.part`, path)
  return path
}
