import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { importBenchmarks } from './importBenchmarks.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../test/fixtures/benchmark/${name}`, import.meta.url), 'utf8')

const now = Date.UTC(2026, 11, 1)
const read = (text: string, label: string | null = null) => importBenchmarks(text, label, now)
const fault = (text: string) => read(text).then(String, ({ code, message }) => `${code} ${message}`)

/** As llama-bench b5163 and before wrote it. */
const oldRow = {
  build_commit: '8cf427ff',
  build_number: 5163,
  cpu_info: 'AMD Ryzen 7 7800X3D 8-Core Processor',
  gpu_info: 'NVIDIA GeForce RTX 4080, NVIDIA GeForce RTX 3060',
  backends: 'CUDA,RPC',
  model_filename: 'C:\\models\\Qwen2.5-7B-Instruct-Q4_K_M.gguf',
  model_type: 'qwen2 7B Q4_K - Medium',
  model_size: 4677120000,
  model_n_params: 7615616512,
  n_batch: 2048,
  n_ubatch: 512,
  n_threads: 8,
  type_k: 'q8_0',
  type_v: 'q8_0',
  n_gpu_layers: 99,
  flash_attn: true,
  use_mmap: false,
  n_prompt: 512,
  n_gen: 0,
  test_time: '2025-04-24T11:58:50Z',
  avg_ns: 72135640,
  stddev_ns: 1453752,
  avg_ts: 7100.002165,
  stddev_ts: 140.34152,
  samples_ns: [74601900, 71632900, 71745200, 71952700, 70745500],
  samples_ts: [6863.1, 7147.55, 7136.37, 7115.79, 7237.21],
}
const line = (change: object = {}) => JSON.stringify({ ...oldRow, ...change })

describe('what llama-bench wrote', () => {
  it.each(['json', 'jsonl', 'csv'])('is one run with all its tests (%s)', async (format) => {
    const { runs, skipped } = await read(fixture(`llama-bench.${format}`), 'my note')
    expect(skipped).toEqual([])
    expect(runs).toHaveLength(1)
    const [run] = runs
    expect(run?.benchmark).toMatchObject({
      kind: 'engine',
      model: 'llama-bench/berth-sample.gguf',
      provider: 'llama-bench',
      source: 'llama-bench',
      state: 'done',
      label: 'my note',
      preset: null,
      settings: null,
      createdAt: Date.UTC(2026, 10, 22, 0, 0, 4),
      record: {
        model: { architecture: 'llama', quantization: 'Q4_0', parameterCount: 5245184, sizeBytes: 4006912 },
        provider: { kind: 'llama-bench', version: 'b11669-Debian', host: null },
        berthVersion: null,
        os: null,
        cpu: 'AMD EPYC',
        devices: [],
      },
    })
    const tests = run?.results.map(({ result }) => ({ ...result.test, threads: result.options.threads }))
    expect(tests?.slice(5, 8)).toEqual([
      { type: 'both', promptTokens: 16, generatedTokens: 4, depth: 64, threads: 1 },
      { type: 'prompt', promptTokens: 32, depth: 0, threads: 2 },
      { type: 'generation', generatedTokens: 8, depth: 0, threads: 2 },
    ])
    expect(run?.results.map(({ result }) => result.position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    for (const { result } of run?.results ?? []) BenchmarkResult.parse(result)
  })

  it('has the mean and the deviation that llama-bench itself computed', async () => {
    const { runs } = await read(fixture('llama-bench.jsonl'))
    const rows = fixture('llama-bench.jsonl')
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row))
    expect(runs[0]?.results).toHaveLength(rows.length)
    for (const [index, { result, samples }] of runs[0]?.results.entries() ?? []) {
      expect(result.statistics.count).toBe(3)
      expect(samples).toHaveLength(3)
      expect(result.statistics.mean / rows[index].avg_ts).toBeCloseTo(1, 6)
      expect(result.statistics.standardDeviation).toBeCloseTo(rows[index].stddev_ts, 1)
      expect(result.notes).toEqual([])
    }
  })

  it('has its mean and deviation alone where the samples are missing, and says so', async () => {
    const { runs } = await read(fixture('llama-bench.csv'))
    expect(runs[0]?.results[0]).toMatchObject({
      samples: [],
      result: {
        statistics: { count: 0, mean: 15123.622412, standardDeviation: 1245.094991, interval: null },
        notes: [expect.stringContaining('not the repetitions')],
      },
    })
  })

  it('is read from builds that knew fewer fields', async () => {
    const { runs } = await read(`[\n${line()}\n]\n`)
    expect(runs[0]?.benchmark).toMatchObject({
      model: 'llama-bench/Qwen2.5-7B-Instruct-Q4_K_M.gguf',
      record: {
        model: { name: 'qwen2 7B Q4_K - Medium', architecture: 'qwen2', quantization: 'Q4_K_M' },
        provider: { version: 'b5163-8cf427ff' },
        backend: 'CUDA,RPC',
        devices: [
          { device: 'CUDA0', name: 'NVIDIA GeForce RTX 4080' },
          { device: 'CUDA1', name: 'NVIDIA GeForce RTX 3060' },
        ],
      },
    })
    expect(runs[0]?.results[0]?.result).toMatchObject({
      test: { type: 'prompt', promptTokens: 512, depth: 0 },
      options: { gpuLayers: 99, threads: 8, batchSize: 512, flashAttention: true, kvCacheType: 'q8_0', mmap: false },
      measuredAt: Date.UTC(2025, 3, 24, 11, 58, 50),
    })
  })

  it('keeps unknown what a build left to the engine', async () => {
    const { runs } = await read(line({ flash_attn: -1, n_gpu_layers: -1, load_mode: 'auto', use_mmap: undefined }))
    expect(runs[0]?.results[0]?.result.options).toEqual({ threads: 8, batchSize: 512, kvCacheType: 'q8_0' })
  })

  it('is a run for each model, build and set of settings, and for a test that comes again', async () => {
    const rows = [
      line(),
      line({ n_prompt: 0, n_gen: 128 }),
      line({ build_number: 5200 }),
      line({ model_filename: 'other.gguf' }),
      line({ n_cpu_moe: 12 }),
      line({ test_time: '2025-05-01T00:00:00Z' }),
    ]
    const { runs } = await read(rows.join('\n'))
    expect(runs.map(({ results }) => results.length)).toEqual([2, 1, 1, 1, 1])
    expect(runs[3]?.results[0]?.result.notes).toEqual(['llama-bench: n_cpu_moe 12'])
    expect(runs[4]?.benchmark.createdAt).toBe(Date.UTC(2025, 4, 1))
    expect(new Set(runs.map(({ benchmark }) => benchmark.benchmark)).size).toBe(5)
  })

  it('keeps K and V apart where their types differ, and says them', async () => {
    const { runs } = await read([line(), line({ type_v: 'f16' })].join('\n'))
    const results = runs.flatMap((run) => run.results.map(({ result }) => result))
    expect(results.map(({ options }) => options.kvCacheType)).toEqual(['q8_0', undefined])
    expect(results[1]?.notes).toEqual(['KV cache: K q8_0, V f16'])
  })

  it('says where its mean is not that of its samples', async () => {
    const { runs } = await read(line({ avg_ts: 9000 }))
    expect(runs[0]?.results[0]?.result.notes).toEqual([expect.stringContaining('The file says 9000.00 tokens/s')])
    expect(runs[0]?.results[0]?.result.statistics.mean).toBeCloseTo(7100.002, 2)
  })
})

describe('a file that is not whole', () => {
  it('gives the rows that can be read, and says of the others their line and why', async () => {
    const text = [
      line(),
      'nonsense',
      line({ n_prompt: 0 }),
      line({ n_gen: 1.5 }),
      line({ avg_ts: null, samples_ns: [], samples_ts: null, n_gen: 7 }),
      '',
      '{"a": ',
      line({ n_prompt: 0, n_gen: 3 }),
    ].join('\n')
    const { runs, skipped } = await read(text)
    expect(runs.map(({ results }) => results.length)).toEqual([2])
    expect(skipped).toEqual([
      'Line 2: it is not valid JSON.',
      'Line 3: it measured nothing: n_prompt and n_gen are 0.',
      'Line 4: n_prompt, n_gen or n_depth is no number of tokens.',
      'Line 5: it has no speed: avg_ts is missing or no number above 0.',
      'Line 7: it is not valid JSON.',
    ])
  })

  it('gives what stands before the cut of an array', async () => {
    const whole = fixture('llama-bench.json')
    const { runs, skipped } = await read(whole.slice(0, whole.lastIndexOf('"avg_ts"')))
    expect(runs[0]?.results).toHaveLength(11)
    expect(skipped).toEqual(['Line 508: the file ends in the middle of it.'])
  })

  it('loses one object of an array to one damage', async () => {
    const whole = fixture('llama-bench.json')
    const { runs, skipped } = await read(whole.replace('"model_type": "llama ?B Q4_0"', '"model_type": "llama'))
    expect(runs[0]?.results).toHaveLength(11)
    expect(skipped).toEqual(['Line 2: it is not valid JSON.'])
  })

  it('takes several outputs in one file, and what the engine logged between', async () => {
    const log = 'load_backend: loaded CPU backend from /usr/lib/x\nggml: [1] {2}\n'
    const json = await read(`${log}${fixture('llama-bench.json')}${log}${fixture('llama-bench.json')}`)
    expect(json.runs.map(({ results }) => results.length)).toEqual([12, 12])
    expect(json.skipped[0]).toBe('Lines 1–2 are not of llama-bench.')
    const csv = await read(`\ufeff${fixture('llama-bench.csv')}${fixture('llama-bench.csv')}"1","2"\n`)
    expect(csv.runs.map(({ results }) => results.length)).toEqual([12, 12])
    expect(csv.skipped).toEqual(['Line 27: it has 2 values, and the header 42.'])
  })

  it.each([
    ['', 'FILE_INVALID The file is empty.'],
    ['[\n', 'FILE_INVALID llama-bench failed before its first test was done: its file holds nothing but “[”.'],
    ['[]', 'FILE_INVALID This is neither'],
    ['[\n]', 'FILE_INVALID Nothing in the file can be used. It has no rows.'],
    ['{}', 'FILE_INVALID Nothing in the file can be used. Line 1: n_prompt'],
    ['hello', 'FILE_INVALID This is neither an output of llama-bench nor an export of Berth.'],
    ['CREATE TABLE IF NOT EXISTS llama_bench (', 'FILE_INVALID This is SQL'],
    ['{"format":"berth-benchmarks"', 'FILE_INVALID The export of Berth is damaged: it is not valid JSON.'],
    ['{"format":"berth-benchmarks","version":1}', 'FILE_INVALID The file says that Berth exported it'],
    ['{"format":"berth-benchmarks","version":2,"runs":[]}', 'FILE_INVALID A newer Berth exported this file.'],
    [
      '{"format":"berth-benchmarks","version":1,"runs":[7]}',
      'FILE_INVALID Nothing in the file can be used. Run 1: it is damaged',
    ],
    ['x'.repeat(7_000_001), 'FILE_INVALID The file is too large.'],
  ])('that holds %j is refused', async (text, expected) => {
    expect(await fault(text)).toContain(expected)
  })

  it('that is Markdown is refused in words', async () => {
    expect(await fault(fixture('llama-bench.md'))).toContain('FILE_INVALID This is a Markdown table')
  })
})

describe('what a stranger wrote', () => {
  it('is cut, on one line and without what terminals obey', async () => {
    const { runs } = await read(
      line({ model_filename: `a/${'x'.repeat(9000)}`, cpu_info: 'A\u001b[31mB\u202e\nC', model_type: 7 }),
    )
    expect(runs[0]?.benchmark.model.length).toBeLessThan(600)
    expect(runs[0]?.benchmark.record?.cpu).toBe('A [31mB C')
    expect(runs[0]?.benchmark.record?.model.name).toBe('7')
  })

  it('has no more rows, samples and runs than are taken', async () => {
    const many = Array.from({ length: 10_050 }, (_, index) =>
      line({ n_prompt: index + 1, samples_ns: undefined, samples_ts: undefined }),
    )
    const rows = await read(many.join('\n'))
    expect(rows.runs[0]?.results).toHaveLength(10_000)
    expect(rows.skipped).toEqual(['Line 10001 and all after it: at most 10,000 rows are read.'])
    const samples = await read(line({ samples_ns: Array.from({ length: 5000 }, () => 1e6) }))
    expect(samples.runs[0]?.results[0]?.samples).toHaveLength(1000)
    const models = await read(
      Array.from({ length: 700 }, (_, index) => line({ model_filename: `${index}.gguf` })).join('\n'),
    )
    expect(models.runs).toHaveLength(500)
    expect(models.skipped).toHaveLength(101)
    expect(models.skipped.at(-1)).toBe('And 100 more.')
  })

  it('changes no prototype', async () => {
    const text = `{"__proto__":{"n_prompt":512,"avg_ts":1},"constructor":{"prototype":{"x":1}},"n_gen":0,"n_prompt":8,"avg_ts":5}`
    const { runs } = await read(text)
    expect(runs[0]?.results[0]?.result.test).toEqual({ type: 'prompt', promptTokens: 8, depth: 0 })
    expect(Reflect.get({}, 'x')).toBeUndefined()
    expect(Reflect.get({}, 'n_prompt')).toBeUndefined()
  })

  it('lets others have their turn while a large file is read', async () => {
    const text = Array.from({ length: 6000 }, (_, index) => line({ n_prompt: index + 1 })).join('\n')
    let turns = 0
    const count = (): void => {
      turns += 1
      if (!isRead) setImmediate(count)
    }
    let isRead = false
    setImmediate(count)
    await read(text)
    isRead = true
    expect(turns).toBeGreaterThan(2)
  })
})

it('gives runs that the contract takes', async () => {
  const { runs } = await read(fixture('llama-bench.jsonl'))
  const headline = {
    results: 0,
    promptTokensPerSecond: null,
    tokensPerSecond: null,
    ttftMs: null,
    textsPerSecond: null,
    throughput: null,
    peakBytes: null,
  }
  for (const { benchmark } of runs) Benchmark.parse({ ...benchmark, headline })
})
