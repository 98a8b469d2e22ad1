import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import llamaPackage from '../../node_modules/node-llama-cpp/package.json' with { type: 'json' }
import { startDirect } from './direct.ts'
import { type Engines, openEngines } from './engineHost.ts'
import { alternate, type Bench, findProgram } from './measure.ts'
import { benchModel } from './models.ts'
import { judge, type Peer, type Row, ratioAtLeast } from './report.ts'
import { type Answer, type Question, timeAnswer, tokensPerSecond } from './speed.ts'

const RUNS = 5
const PROMPT_WORDS = 100

/** Text in and text out, as the host sees it, beside the same library and the same llama.cpp without Berth around them. */
export async function* engine(bench: Bench): AsyncGenerator<Row> {
  const engines = openEngines(bench.threads)
  try {
    yield* throughTheBoundary(bench, engines)
    yield* besideLlamaBench(bench, engines, '0.1B-Q4_0', { maxTokens: 128, limit: 0.9 })
    yield* besideLlamaBench(bench, engines, '1B-Q8_0', { maxTokens: 48, limit: 0.95 })
  } finally {
    await engines.close()
  }
}

async function* throughTheBoundary(bench: Bench, engines: Engines): AsyncGenerator<Row> {
  const path = await benchModel(bench, '0.1B-Q4_0')
  await engines.load(path)
  const direct = await startDirect(path, bench.threads)
  try {
    bench.tell(`  beside node-llama-cpp, ${bench.threads} threads: generation`)
    const question = await longAnswer(engines, path, 128)
    const generated = await alternate(RUNS, {
      ours: () => askOurs(engines, path, question),
      direct: () => direct.ask(question),
    })
    const peer = (samples: number[]): Peer => ({ name: 'node-llama-cpp', version: llamaPackage.version, samples })
    yield judge({
      name: 'engine: generation through our process',
      unit: 'tokens/s',
      limit: ratioAtLeast(0.95),
      ours: generated.ours.map(tokensPerSecond),
      peer: peer(generated.direct.map(tokensPerSecond)),
      note: `0.1 B parameters, ${bench.threads} threads, ${generated.ours[0]?.tokens} tokens`,
    })

    bench.tell('  beside node-llama-cpp: prompt')
    let asked = 0
    const prompts = await alternate(RUNS * 2, {
      ours: () => askOurs(engines, path, { text: words(asked), maxTokens: 2 }),
      direct: () => direct.ask({ text: words(asked++), maxTokens: 2 }),
    })
    const promptTokens = prompts.ours[0]?.promptTokens ?? Number.NaN // of every prompt: all have as many letters
    const promptSpeed = ({ firstMs }: Answer): number => (promptTokens / firstMs) * 1000
    yield judge({
      name: 'engine: prompt through our process',
      unit: 'tokens/s',
      limit: ratioAtLeast(0.95),
      ours: prompts.ours.map(promptSpeed),
      peer: peer(prompts.direct.map(promptSpeed)),
      note: `${promptTokens} tokens until the first text of the answer, another prompt each run`,
    })
  } finally {
    await direct.close()
    await engines.unload(path)
  }
}

async function* besideLlamaBench(
  bench: Bench,
  engines: Engines,
  model: '0.1B-Q4_0' | '1B-Q8_0',
  { maxTokens, limit }: { maxTokens: number; limit: number },
): AsyncGenerator<Row> {
  const program = findProgram('llama-bench')
  const path = await benchModel(bench, model)
  await engines.load(path)
  try {
    bench.tell(`  ${model} beside ${program ?? 'nothing: no llama-bench in PATH'}`)
    const question = await longAnswer(engines, path, maxTokens)
    let version = ''
    const ours = async () => tokensPerSecond(await askOurs(engines, path, question))
    const theirs = async () => {
      if (program === null) return Number.NaN
      const answer = await llamaBench(program, path, bench.threads, maxTokens)
      version = answer.version
      return answer.tokensPerSecond
    }
    const samples = await alternate(RUNS, { ours, theirs })
    yield judge({
      name: `engine: generation, ${model}`,
      unit: 'tokens/s',
      limit: ratioAtLeast(limit),
      ours: samples.ours,
      peer:
        program === null
          ? { absent: 'there is no llama-bench in PATH' }
          : { name: 'llama-bench', version, samples: samples.theirs },
      note: `${bench.threads} threads, ${maxTokens} tokens`,
    })
  } finally {
    await engines.unload(path)
  }
}

const LlamaBench = z.array(z.object({ build_commit: z.string(), build_number: z.number(), avg_ts: z.number() })).min(1)

async function llamaBench(program: string, path: string, threads: number, tokens: number) {
  const flags = ['-p', '0', '-n', String(tokens), '-t', String(threads), '-ngl', '0', '-r', '1', '-o', 'json']
  const { stdout } = await promisify(execFile)(program, ['-m', path, ...flags])
  const [result] = LlamaBench.parse(JSON.parse(stdout))
  return { tokensPerSecond: result?.avg_ts ?? Number.NaN, version: `b${result?.build_number}` }
}

const askOurs = (engines: Engines, path: string, { text, maxTokens }: Question): Promise<Answer> =>
  timeAnswer(async (onText) => {
    const messages = [{ role: 'user' as const, content: text }]
    for await (const chunk of engines.chat(path, { messages, maxTokens, temperature: 0 })) {
      if (chunk.type === 'text') onText()
      else if (chunk.type === 'done')
        return { tokens: chunk.usage.completionTokens ?? 0, promptTokens: chunk.usage.promptTokens }
    }
    throw new Error('the answer did not end')
  })

/** A question whose answer does not end by itself; random weights say any word after any other. */
async function longAnswer(engines: Engines, path: string, maxTokens: number): Promise<Question> {
  for (let n = 0; n < 50; n++) {
    const question = { text: `Say ${n}.`, maxTokens }
    const { tokens } = await askOurs(engines, path, question)
    if (tokens >= maxTokens) return question
  }
  throw new Error(`no answer of ${path} was ${maxTokens} tokens long`)
}

const syllables = ['ba', 'de', 'fi', 'go', 'hu', 'ka', 'le', 'mi', 'no', 'ru']
/** From the first word on another text for each number, so that nothing of it has been read before. */
const words = (seed: number): string =>
  Array.from({ length: PROMPT_WORDS }, (_, n) => {
    const value = ((seed + 1) * 7919 + n * 104_729) % 9973
    return [value % 10, Math.floor(value / 10) % 10].map((digit) => syllables[digit]).join('')
  }).join(' ')
