import { describe, expect, it } from 'vitest'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkFormat } from '../../../shared/contract/benchmarks.ts'
import { readCsv } from './csv.ts'
import { exportBenchmarks } from './exportBenchmarks.ts'
import { importBenchmarks } from './importBenchmarks.ts'
import { everyKindOfResult, type RunOfTest, samplesIn } from './testRuns.ts'

const now = Date.UTC(2026, 11, 1)
const write = (format: BenchmarkFormat, ...all: readonly RunOfTest[]) =>
  exportBenchmarks(
    format,
    all.map(({ run }) => run),
    samplesIn(...all),
  )

const withModel = (model: string): RunOfTest => {
  const { run, samples } = everyKindOfResult()
  const { benchmark, results } = run
  return { run: { benchmark: { ...benchmark, model, benchmark: BenchmarkId.parse(model) }, results }, samples }
}

describe('JSON', () => {
  it('comes back as it was, as another run, with its samples', async () => {
    const every = everyKindOfResult()
    const { text } = await write('json', every, every)
    const { runs, skipped } = await importBenchmarks(text, null, now)
    expect(skipped).toEqual([])
    expect(runs).toHaveLength(2)
    const { benchmark: id, headline, ...kept } = every.run.benchmark
    for (const { benchmark, results } of runs) {
      expect(results.map(({ result }) => result)).toEqual(every.run.results)
      expect(results.map(({ samples }) => samples)).toEqual(every.samples)
      expect(benchmark).toMatchObject({ ...kept, source: 'file', budgetSeconds: null, acceptedUsd: null })
      expect(benchmark.benchmark).not.toBe(id)
    }
    expect(runs[0]?.benchmark.benchmark).not.toBe(runs[1]?.benchmark.benchmark)
  })

  it('takes a label from who imports it, before its own', async () => {
    const { text } = await write('json', everyKindOfResult())
    expect((await importBenchmarks(text, 'of a friend', now)).runs[0]?.benchmark.label).toBe('of a friend')
    expect((await importBenchmarks(text, null, now)).runs[0]?.benchmark.label).toBe('before the update')
  })

  it('of a run that had not ended is not one that goes on', async () => {
    const { run, samples } = everyKindOfResult()
    const running = { ...run, benchmark: { ...run.benchmark, state: 'running' as const, job: null } }
    const { text } = await write('json', { run: running, samples })
    expect((await importBenchmarks(text, null, now)).runs[0]?.benchmark.state).toBe('cancelled')
  })

  it('of llama-bench stays of llama-bench', async () => {
    const row = { n_prompt: 8, n_gen: 0, avg_ts: 5, model_filename: 'm.gguf' }
    const [first] = (await importBenchmarks(JSON.stringify(row), null, now)).runs
    if (!first) throw new Error('nothing was imported')
    const { run, samples } = everyKindOfResult()
    const again = { ...run, benchmark: { ...run.benchmark, ...first.benchmark } }
    const { text } = await write('json', { run: again, samples })
    expect((await importBenchmarks(text, null, now)).runs[0]?.benchmark.source).toBe('llama-bench')
  })

  it.each([
    ['a position twice', '"position":1', '"position":0', 'Run 1, result 2: its position is taken.'],
    ['a figure beyond any', '"mean":1012', '"mean":1e300', 'Run 1, result 1: it is damaged'],
    [
      'a count that is none',
      '"promptTokens":512,"depth":4096',
      '"promptTokens":0.5,"depth":4096',
      'Run 1, result 1: it is damaged',
    ],
    ['infinity', '"mean":1012', '"mean":1e999', 'Run 1, result 1: it is damaged at statistics.mean'],
    ['samples that are none', '[{"ms":512,"value":1000}', '[{"ms":512}', 'Run 1, result 1: its samples are damaged'],
  ])('with %s loses that and says so', async (_, from, to, expected) => {
    const { text } = await write('json', everyKindOfResult())
    expect(text).toContain(from)
    const { runs, skipped } = await importBenchmarks(text.replace(from, to), null, now)
    expect(skipped).toEqual([expect.stringContaining(expected)])
    expect(runs[0]?.results.length).toBeGreaterThanOrEqual(4)
  })
})

describe('CSV', () => {
  it('has a row for each result with its figures as numbers, and unknown as nothing', async () => {
    const { text, mediaType } = await write('csv', everyKindOfResult())
    expect(mediaType).toContain('text/csv')
    const [header, ...rows] = [...readCsv(text)].map(({ cells }) => cells)
    const cell = (row: number, name: string) => rows[row]?.[header?.indexOf(name) ?? -1]
    expect(rows).toHaveLength(5)
    for (const row of rows) expect(row).toHaveLength(header?.length ?? 0)
    expect([cell(0, 'test'), cell(0, 'mean'), cell(0, 'unit'), cell(0, 'samples')]).toEqual([
      'pp512 @ d4096',
      '1012',
      'tokens/s',
      '2',
    ])
    expect([cell(1, 'standard_deviation'), cell(1, 'ttft_ms_p50')]).toEqual(['', ''])
    expect([
      cell(3, 'load_by'),
      cell(3, 'load'),
      cell(3, 'ttft_ms_p50'),
      cell(3, 'input_tokens_per_second'),
      cell(3, 'errors'),
    ]).toEqual(['rate', '2.5', '110', '', 'PROVIDER_TIMEOUT 1'])
    expect([cell(4, 'batch_ms_p99'), cell(4, 'test_batch_size')]).toEqual(['119.8', '16'])
    expect(cell(0, 'backend')).toBe('CUDA')
    expect([cell(0, 'devices'), cell(0, 'on_battery'), cell(0, 'disturbances')]).toEqual([
      'AMD Ryzen 9; NVIDIA RTX 4090 (570.1)',
      'true',
      'The machine ran on battery.',
    ])
  })

  it.each(['=1+2', '+1', '-cmd', '@SUM(A1)', '\tx', '=HYPERLINK("http://a","b")'])(
    'makes no formula of %j',
    async (model) => {
      const { text } = await write('csv', withModel(model))
      const cells = [...readCsv(text)].flatMap((row) => row.cells)
      expect(cells).toContain(`'${model}`)
      expect(cells.filter((cell) => /^[=+@\t]/.test(cell))).toEqual([])
    },
  )

  it('keeps commas, quotes and line ends inside their cell', async () => {
    const model = 'a,"b"\r\nc'
    const rows = [...readCsv((await write('csv', withModel(model))).text)]
    expect(rows[1]?.cells[1]).toBe(model)
    expect(rows).toHaveLength(6)
  })
})

describe('Markdown', () => {
  it('has tables by kind of test, with the machine and what disturbed below', async () => {
    const { text } = await write('markdown', everyKindOfResult())
    expect(text).toMatchInlineSnapshot(`
      "### embedded/my-model.gguf

      | model              |     size | params | backend | threads |          test |             t/s |
      | ------------------ | -------: | -----: | ------- | ------: | ------------: | --------------: |
      | llama 8.03B Q4_K_M | 4.58 GiB | 8.03 B | CUDA    |       8 | pp512 @ d4096 | 1012.00 ± 16.97 |
      | llama 8.03B Q4_K_M | 4.58 GiB | 8.03 B | CUDA    |       8 |         tg128 |           50.00 |

      | load       | threads |              ms |
      | ---------- | ------: | --------------: |
      | load, cold |       8 | 1550.00 ± 70.71 |

      | load                    | prompt | output | requests | failed | req/s | in t/s |  out t/s | goodput req/s |
      | ----------------------- | -----: | -----: | -------: | -----: | ----: | -----: | -------: | ------------: |
      | 2.5 requests/s (search) |    512 |    128 |       20 |      1 |  2.40 |      – | ≈ 307.20 |   2.25 (90 %) |

      | load           | ms   |    mean |     p50 |     p90 |     p95 |     p99 |     max |
      | -------------- | ---- | ------: | ------: | ------: | ------: | ------: | ------: |
      | 2.5 requests/s | TTFT |  130.00 |  110.00 |  166.00 |  173.00 |  178.60 |  180.00 |
      |                | ITL  |    9.00 |    9.00 |    9.80 |    9.90 |    9.98 |   10.00 |
      |                | TPOT |    8.88 |    8.88 |    9.18 |    9.21 |    9.24 |    9.25 |
      |                | E2E  | 1200.00 | 1200.00 | 1280.00 | 1290.00 | 1298.00 | 1300.00 |

      | batch | tokens |       texts/s |   in t/s | batch p50 ms | batch p99 ms |
      | ----: | -----: | ------------: | -------: | -----------: | -----------: |
      |    16 |    256 | 125.00 ± 7.07 | 30000.00 |       110.00 |       119.80 |

      - Label: before the update
      - Measured by Berth 0.1.0, standard engine run, 2026-11-22 01:01:00 UTC
      - Partial: the run failed. It ended.
      - Options: context 4096, GPU layers 33, threads 8, batch 512, flash attention on, KV cache q8_0
      - Model: My Model, Q4_K_M, sha256:00ff
      - Provider: This machine, b9000-abc
      - AMD Ryzen 9, 16 cores
      - Ubuntu 24.04
      - NVIDIA RTX 4090, driver 570.1
      - Power: balanced, on battery
      - The client’s own delay at 8 streams: p50 0.10 ms, p99 0.40 ms
      - Memory in use at most, by everything: A GPU 2.00 GiB
      - Disturbed: The machine ran on battery. (2026-11-22 00:00:00 UTC)
      - Note: It was warm.
      "
    `)
  })

  it.each(['a|b', '<img src=x>', '[a](b)', '`x`', '**b**', '# h', '\n# h', '@someone'])(
    'shows %j as text',
    async (model) => {
      const { text } = await write('markdown', withModel(model))
      const heading = text.split('\n')[0] ?? ''
      expect(heading).toMatch(/^### \S/)
      const plain = heading.slice(4).replace('@<!-- -->', '@')
      expect(plain.replace(/\\(.)/g, '$1')).toBe(model.trim())
      expect(plain.replace(/\\./g, '')).not.toMatch(/[|<>[\]`*#]/)
      expect(heading).not.toMatch(/@\w/)
    },
  )

  it('says of a run without results that nothing was measured', async () => {
    const { run } = everyKindOfResult()
    expect((await write('markdown', { run: { ...run, results: [] }, samples: [] })).text).toContain(
      'Nothing was measured.',
    )
  })
})

describe('JSONL of llama-bench', () => {
  it('has its fields and units, and says what has no place in it', async () => {
    const { text, leftOut, fileName } = await write('llama-bench', everyKindOfResult())
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatchObject({
      build_commit: 'abc',
      build_number: 9000,
      cpu_info: 'AMD Ryzen 9, 16 cores',
      gpu_info: 'NVIDIA RTX 4090',
      model_filename: 'my-model.gguf',
      model_type: 'llama 8.03B Q4_K_M',
      model_size: 4920734272,
      model_n_params: 8030261312,
      n_batch: 512,
      n_ubatch: 512,
      n_threads: 8,
      n_gpu_layers: 33,
      flash_attn: 1,
      type_k: 'q8_0',
      type_v: 'q8_0',
      n_prompt: 512,
      n_gen: 0,
      n_depth: 4096,
      test_time: '2026-11-22T01:02:03Z',
      avg_ns: 506_000_000,
      stddev_ns: 8_485_281,
      avg_ts: 1012,
      samples_ns: [512_000_000, 500_000_000],
      samples_ts: [1000, 1024],
    })
    expect(leftOut).toBe('3 results of loads, serving or embedding left out: llama-bench has no such tests.')
    expect(fileName).toBe('berth-my-model-2026-11-22.jsonl')
  })

  it('has every field that compare-llama-bench.py asks for, none of them null', async () => {
    const asked =
      'cpu_info gpu_info backends n_gpu_layers tensor_buft_overrides model_filename model_type n_batch n_ubatch embeddings cpu_mask cpu_strict poll n_threads type_k type_v use_mmap no_kv_offload split_mode main_gpu tensor_split flash_attn n_prompt n_gen n_depth build_commit test_time avg_ts'
    const { run, samples } = everyKindOfResult()
    const bare = {
      benchmark: { ...run.benchmark, record: null },
      results: run.results.map((result) => ({ ...result, options: {} })),
    }
    const { text } = await write('llama-bench', { run: bare, samples })
    for (const line of text.trim().split('\n')) {
      const row = JSON.parse(line)
      for (const name of asked.split(' ')) expect(row[name], name).toEqual(expect.anything())
    }
  })

  it('is read again as it was measured', async () => {
    const every = everyKindOfResult()
    const { runs } = await importBenchmarks((await write('llama-bench', every)).text, null, now)
    expect(runs[0]?.results.map(({ result }) => result.test)).toEqual(
      every.run.results.slice(0, 2).map(({ test }) => test),
    )
    expect(runs[0]?.results[0]?.result.statistics).toEqual(every.run.results[0]?.statistics)
    expect(runs[0]?.results[0]?.samples).toEqual(every.samples[0])
    expect(runs[0]?.benchmark.record?.model.quantization).toBe('Q4_K_M')
  })

  it('is refused when nothing would be in it', async () => {
    const { run, samples } = everyKindOfResult()
    const only = { run: { ...run, results: run.results.slice(2) }, samples: samples.slice(2) }
    await expect(write('llama-bench', only)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

it('names the file after its model, or after benchmarks when there are several', async () => {
  const names = await Promise.all([
    write('json', withModel('ollama/hf.co/Some One/Model:Q4_K_M')),
    write('markdown', withModel('a/b'), withModel('a/c')),
    write('csv', withModel('x/../../etc/passwd')),
    write('csv'),
  ])
  expect(names.map(({ fileName }) => fileName)).toEqual([
    'berth-hf.co-some-one-model-q4-k-m-2026-11-22.json',
    'berth-benchmarks-2026-11-22.md',
    'berth-etc-passwd-2026-11-22.csv',
    'berth-benchmarks.csv',
  ])
})
