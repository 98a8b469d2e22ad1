/**
 * `npm run bench [-- NAME…] [--json FILE]`: measures Berth beside others that do the same. See docs/bench.md.
 */
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { openBench, type Topic } from './measure.ts'
import { formatTable, type Row } from './report.ts'

const topics: Readonly<Record<string, () => Promise<Topic>>> = {
  gguf: async () => (await import('./gguf.ts')).gguf,
  files: async () => (await import('./files.ts')).files,
  engine: async () => (await import('./engine.ts')).engine,
  load: async () => (await import('./load.ts')).load,
  unload: async () => (await import('./unload.ts')).unload,
  headless: async () => (await import('./headless.ts')).headless,
  providers: async () => (await import('./providers.ts')).providers,
  benchmark: async () => (await import('./benchmark.ts')).benchmark,
  catalog: async () => (await import('./catalog.ts')).catalog,
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } })
const unknown = positionals.filter((name) => !(name in topics))
if (unknown.length > 0)
  throw new Error(`There is no ${unknown.join(', ')}; there are ${Object.keys(topics).join(' ')}.`)

const tell = (line: string): void => void process.stderr.write(`${line}\n`)
const bench = await openBench(process.env, tell)
const machine = {
  cpu: cpus()[0]?.model ?? null,
  logicalCores: cpus().length,
  threads: bench.threads,
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch} ${release()}`,
  node: process.versions.node,
  startedAt: new Date().toISOString(),
  /** processes that wanted to run, mean of a minute: beyond a fraction of the cores, something else disturbed */
  loadAverage: { before: loadavg()[0] ?? null, after: null as number | null },
}

const rows: Row[] = []
for (const [name, load] of Object.entries(topics)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  tell(`${name} …`)
  try {
    const topic = await load()
    for await (const row of topic(bench)) rows.push(row)
  } catch (error) {
    process.exitCode = 1 // the other topics are still worth measuring
    tell(`${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`)
  }
}
machine.loadAverage.after = loadavg()[0] ?? null

process.stdout.write(formatTable(rows))
const count = (met: Row['met']): number => rows.filter((row) => row.met === met).length
process.stdout.write(`${count(true)} met, ${count(false)} not met, ${count(null)} not judged\n`)
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
