import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { openFileSource } from './formats/byteSource.ts'
import { ggufFormat } from './formats/gguf/ggufFormat.ts'
import { writeSampleModel } from './sampleModel.ts'
import { sampleVocabulary, smallestVocabulary } from './sampleVocabulary.ts'

const summaryOf = async (path: string) => {
  const source = await openFileSource(path)
  try {
    return await ggufFormat.summarize(source)
  } finally {
    await source.close()
  }
}

test('our own reader finds a whole model and nothing to warn of', async () => {
  const path = join(tempDir(), 'sample.gguf')
  const written = await writeSampleModel(path)
  expect(written.sizeBytes).toBe((await stat(path)).size)
  expect(written.sizeBytes).toBeGreaterThan(3_000_000)
  expect(written.sizeBytes).toBeLessThan(8_000_000)
  expect(await summaryOf(path)).toMatchObject({
    role: 'llm',
    loadable: true,
    architecture: 'llama',
    capabilities: ['completion', 'chat'],
    contextLength: 4096,
    parameterCount: written.parameterCount,
    quantization: 'Q4_0',
    license: 'cc0-1.0',
    name: expect.stringContaining('nonsense'),
    checks: [],
  })
})

test('the same options give the same bytes, another seed gives others', async () => {
  const dir = tempDir()
  const digest = async (name: string, seed: number) => {
    await writeSampleModel(join(dir, name), { layers: 1, width: 64, vocab: 512, seed })
    return createHash('sha256')
      .update(await readFile(join(dir, name)))
      .digest('hex')
  }
  expect(await digest('a', 1)).toBe(await digest('b', 1))
  expect(await digest('c', 2)).not.toBe(await digest('b', 1))
})

test('comes out near the size that was asked for, in every type', async () => {
  const dir = tempDir()
  for (const type of ['Q4_0', 'Q8_0', 'F32'] as const) {
    const path = join(dir, `${type}.gguf`)
    const { sizeBytes } = await writeSampleModel(path, { targetBytes: 20e6, type, vocab: 1024 })
    expect(Math.abs(sizeBytes - 20e6) / 20e6).toBeLessThan(0.1)
    expect((await summaryOf(path)).checks).toEqual([])
  }
})

test('without weights a large model takes next to no disk', async () => {
  const path = join(tempDir(), 'large.gguf')
  const { sizeBytes } = await writeSampleModel(path, { targetBytes: 2e9, width: 1024, weights: false })
  const { size, blocks } = await stat(path)
  expect(size).toBe(sizeBytes)
  expect(blocks * 512).toBeLessThan(10e6)
})

test('a vocabulary has exactly as many different tokens as asked for', () => {
  for (const size of [smallestVocabulary, 4096, 20_000]) {
    const { tokens, types, scores } = sampleVocabulary(size)
    expect(new Set(tokens).size).toBe(size)
    expect([types.length, scores.length]).toEqual([size, size])
  }
  expect(() => sampleVocabulary(100)).toThrow(RangeError)
})

test('a cancelled or impossible write leaves nothing behind', async () => {
  const dir = tempDir()
  const cancel = new AbortController()
  const report = () => cancel.abort(new Error('enough'))
  await expect(writeSampleModel(join(dir, 'a.gguf'), { signal: cancel.signal, report })).rejects.toThrow('enough')
  await expect(writeSampleModel(join(dir, 'none', 'a.gguf'))).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(writeSampleModel(join(dir, 'a.gguf'), { width: 100 })).rejects.toThrow(TypeError)
  expect(await readdir(dir)).toEqual([])
})

const mountTmpfs = (dir: string): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'ignore' })
    return true
  } catch {
    return false // not root, or not Linux: the test says so
  }
}

test('a full disk is told with what is missing and leaves nothing behind', async (context) => {
  const dir = join(tempDir(), 'disk')
  await mkdir(dir)
  if (!mountTmpfs(dir)) context.skip('needs the right to mount a small disk')
  onTestFinished(() => void execFileSync('umount', [dir]))
  const missingBytes = expect.any(Number)
  await expect(writeSampleModel(join(dir, 'a.gguf'))).rejects.toMatchObject({
    code: 'DISK_FULL',
    details: { missingBytes },
  })
  expect(await readdir(dir)).toEqual([])
})

test('llama.cpp loads it and it answers', { timeout: 60_000 }, async () => {
  const dir = tempDir()
  const path = join(dir, 'sample.gguf')
  await writeSampleModel(path)
  // In a process of its own: native code over a file must not end the test run.
  const script = join(dir, 'answer.mjs')
  await writeFile(
    script,
    `import { getLlama, LlamaChatSession } from ${JSON.stringify(import.meta.resolve('node-llama-cpp'))}
     const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' })
     const model = await llama.loadModel({ modelPath: process.argv[2] })
     const context = await model.createContext({ contextSize: 512, threads: 1 })
     const session = new LlamaChatSession({ contextSequence: context.getSequence() })
     console.log(JSON.stringify(await session.prompt('Say hello', { maxTokens: 20 })))
     process.exit()`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [script, path])
  expect(stdout).toMatch(/^"[a-z .,!?]{10,}"$/m)
})
