import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { recordReports, startOllama } from '../../../test/support/ollamaConnection.ts'
import { patience } from '../../../test/support/patience.ts'
import { tempDir } from '../../../test/support/tempDir.ts'

const never = new AbortController().signal
const ignore = () => {}
const gguf = (rest = 'weights') => Buffer.from(`GGUF${rest}`)
const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const write = (folder: string, files: Readonly<Record<string, string | Buffer>>) => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}
const fileIn = (folder: string, content = gguf()) => ({
  from: 'file' as const,
  path: join(write(folder, { 'my model.gguf': content }), 'my model.gguf'),
})
const bert = {
  'config.json': '{}',
  'tokenizer.json': '{"a":1}',
  'tokenizer_config.json': '{"b":1}',
  'special_tokens_map.json': '{"c":1}',
  'modules.json': '[]',
  'model.safetensors': 'weights',
  'README.md': '# private notes',
  'vocab.txt': 'words',
  '1_Pooling/config.json': '{"d":1}',
}

test('a GGUF file is hashed, uploaded with progress, and made a model', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const content = gguf('x'.repeat(2_000_000))
  const source = fileIn(tempDir(), content)
  const { report, reports, texts } = recordReports()
  const form = {
    template: '{{ .Prompt }}',
    system: 'Be kind.',
    license: 'MIT',
    parameters: { num_ctx: 2048, stop: 'END' },
    quantization: 'q8_0' as const,
  }
  expect(await provider.create({ key: 'My-Model', source, ...form }, report, never)).toBe('My-Model:latest')
  expect(server.store.blobs.get(digestOf(content))?.equals(content)).toBe(true)
  expect(server.requests.find(({ path }) => path === '/api/create')?.body).toEqual({
    model: 'My-Model:latest',
    files: { 'my model.gguf': digestOf(content) },
    template: '{{ .Prompt }}',
    system: 'Be kind.',
    license: 'MIT',
    parameters: { num_ctx: 2048, stop: ['END'] },
    quantize: 'q8_0',
    stream: true,
  })
  expect(texts()).toEqual(
    expect.arrayContaining([
      'Computing the checksum of my model.gguf: 100 %',
      'Uploading my model.gguf',
      'Ollama has my model.gguf',
      'Reading the GGUF file',
      'Quantising from F16 to q8_0: 25 %',
      'Writing the manifest',
      'Done',
    ]),
  )
  const uploads = reports.filter(({ text }) => text === 'Uploading my model.gguf').map(({ transfer }) => transfer)
  expect(uploads.length).toBeGreaterThan(2)
  expect(uploads.at(-1)).toEqual({
    doneBytes: content.length,
    totalBytes: content.length,
    parts: [{ name: 'my model.gguf', doneBytes: content.length, totalBytes: content.length }],
  })
  const hashing = reports.filter(({ text }) => text.startsWith('Computing'))
  expect(hashing.every(({ transfer }) => transfer === null)).toBe(true)
})

test('a blob that Ollama has is not sent again', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const source = fileIn(tempDir())
  await provider.create({ key: 'a', source }, ignore, never)
  await provider.create({ key: 'b', source }, ignore, never)
  expect(server.store.state.uploads).toBe(1)
  expect((await provider.models(never)).map(({ key }) => key)).toEqual(['a:latest', 'b:latest'])
})

test('all shards go, whichever was chosen, and a missing one is named', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const folder = write(tempDir(), {
    'm-00001-of-00003.gguf': gguf('1'),
    'm-00002-of-00003.gguf': gguf('2'),
    'm-00003-of-00003.gguf': gguf('3'),
    'other-00001-of-00003.gguf': gguf('4'),
  })
  const source = (name: string) => ({ from: 'file' as const, path: join(folder, name) })
  await provider.create({ key: 'a', source: source('m-00002-of-00003.gguf') }, ignore, never)
  expect(server.requests.find(({ path }) => path === '/api/create')?.body.files).toEqual({
    'm-00001-of-00003.gguf': digestOf(gguf('1')),
    'm-00002-of-00003.gguf': digestOf(gguf('2')),
    'm-00003-of-00003.gguf': digestOf(gguf('3')),
  })
  await expect(
    provider.create({ key: 'b', source: source('other-00001-of-00003.gguf') }, ignore, never),
  ).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('other-00002-of-00003.gguf') })
})

test('of a safetensors folder exactly the files of the model are sent', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const source = { from: 'folder' as const, path: write(tempDir(), bert) }
  await provider.create({ key: 'minilm', source }, ignore, never)
  const { files } = server.requests.find(({ path }) => path === '/api/create')?.body ?? {}
  expect(Object.keys(files as object).toSorted()).toEqual([
    '1_Pooling/config.json',
    'config.json',
    'model.safetensors',
    'modules.json',
    'special_tokens_map.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ])
})

test('tokenizer.model is sent where there is no tokenizer.json', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const files = { 'config.json': '{}', 'tokenizer.model': 'sp', 'model.safetensors': 'w' }
  await provider.create({ key: 'a', source: { from: 'folder', path: write(tempDir(), files) } }, ignore, never)
  const { files: sent } = server.requests.find(({ path }) => path === '/api/create')?.body ?? {}
  expect(Object.keys(sent as object)).toEqual(['config.json', 'tokenizer.model', 'model.safetensors'])
})

test('a link out of the folder is refused; the links of Hugging Face’s cache are followed', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const outside = write(tempDir(), { secret: 'key' })
  const folder = write(tempDir(), { 'config.json': '{}' })
  symlinkSync(join(outside, 'secret'), join(folder, 'model.safetensors'))
  await expect(
    provider.create({ key: 'a', source: { from: 'folder', path: folder } }, ignore, never),
  ).rejects.toMatchObject({ code: 'PATH_UNUSABLE', message: expect.stringContaining('leads out of its folder') })
  expect(server.store.blobs.size).toBe(0)

  const cache = write(tempDir(), { 'blobs/1': '{}', 'blobs/2': 'w', 'snapshots/abc/x': '' })
  const snapshot = join(cache, 'snapshots/abc')
  symlinkSync(join(cache, 'blobs/1'), join(snapshot, 'config.json'))
  symlinkSync(join(cache, 'blobs/2'), join(snapshot, 'model.safetensors'))
  await provider.create({ key: 'a', source: { from: 'folder', path: snapshot } }, ignore, never)
  expect(server.store.blobs.size).toBe(2)
})

test.each<[string, string, Readonly<Record<string, string>>]>([
  ['FILE_INVALID', 'no config.json', { 'model.safetensors': 'w' }],
  ['FILE_INVALID', '*.safetensors', { 'config.json': '{}' }],
  ['FILE_INVALID', 'holds an adapter', { 'adapter_config.json': '{}', 'adapter_model.safetensors': 'w' }],
  ['FILE_INVALID', 'is empty', { 'config.json': '', 'model.safetensors': 'w' }],
])('a folder that cannot become a model is %s: %s', async (code, words, files) => {
  const { server, provider } = await startOllama({ models: [] })
  const source = { from: 'folder' as const, path: write(tempDir(), files) }
  await expect(provider.create({ key: 'a', source }, ignore, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
  expect(server.requests.some(({ method }) => method === 'POST')).toBe(false)
})

test('a path that is none, no file or no GGUF is refused before anything is sent', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const folder = write(tempDir(), { 'a.gguf': 'PK not a model' })
  const create = (from: 'file' | 'folder', path: string) =>
    provider.create({ key: 'a', source: { from, path } }, ignore, never)
  await expect(create('file', 'a.gguf')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(create('file', join(folder, 'none.gguf'))).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(create('file', folder)).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(create('file', '/dev/zero')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(create('folder', join(folder, 'a.gguf'))).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await expect(create('file', join(folder, 'a.gguf'))).rejects.toMatchObject({
    code: 'FILE_INVALID',
    message: expect.stringContaining('not a GGUF file'),
  })
  expect(server.store.blobs.size).toBe(0)
})

test('a model is made from another one, in the spelling that Ollama lists', async () => {
  const { server, provider } = await startOllama({ models: [{ name: 'Tiny:Q4' }] })
  const from = (key: string) => ({ from: 'model' as const, key })
  await provider.create({ key: 'b', source: from('tiny:q4'), parameters: { num_ctx: 512 } }, ignore, never)
  expect(server.requests.find(({ path }) => path === '/api/create')?.body).toMatchObject({ from: 'Tiny:Q4' })
  await expect(provider.create({ key: 'c', source: from('nope') }, ignore, never)).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND', // Ollama would download it
  })
  await expect(
    provider.create({ key: 'd', source: from('tiny:q4'), quantization: 'q8_0' }, ignore, never),
  ).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('only supported for F16') })
})

test.each(['a b', 'm:local', 'm:cloud', 'm:8b-cloud', 'm:', '../m', '-m', 'a/b/c/d', 'm@sha256:1', ''])(
  'the name "%s" for a new model is refused',
  async (key) => {
    const { server, provider } = await startOllama()
    const source = { from: 'model' as const, key: 'tiny:latest' }
    await expect(provider.create({ key, source }, ignore, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    await expect(provider.copy('tiny:latest', key, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    expect(server.requests).toEqual([])
  },
)

test('a name that is taken in another spelling is refused: Ollama would write over it', async () => {
  const { server, provider } = await startOllama()
  const source = { from: 'model' as const, key: 'tiny:latest' }
  for (const key of ['tiny', 'TINY:latest', 'library/tiny', 'registry.ollama.ai/library/tiny']) {
    await expect(provider.create({ key, source }, ignore, never)).rejects.toMatchObject({ code: 'MODEL_EXISTS' })
    await expect(provider.copy('tiny:latest', key, never)).rejects.toMatchObject({ code: 'MODEL_EXISTS' })
  }
  expect(server.models).toHaveLength(1)
})

test.each([
  [{ num_ctx: 'many' }, 'num_ctx must be a whole number'],
  [{ num_ctx: 0.5 }, 'num_ctx must be a whole number'],
  [{ temperature: true }, 'temperature must be a number'],
  [{ use_mmap: 1 }, 'use_mmap must be true or false'],
  [{ stop: 7 }, 'stop must be a text'],
])('parameters that would make every load fail are refused: %j', async (parameters, words) => {
  const { provider } = await startOllama()
  const source = { from: 'model' as const, key: 'tiny:latest' }
  await expect(provider.create({ key: 'b', source, parameters }, ignore, never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(words),
  })
})

test('cancelling a create stops it in each of its parts', async () => {
  const { server, provider } = await startOllama({ models: [] })
  const source = fileIn(tempDir(), gguf('x'.repeat(5_000_000)))
  const cancelAt = async (text: string) => {
    const controller = new AbortController()
    const report = (said: string) => said.startsWith(text) && controller.abort()
    await expect(provider.create({ key: 'a', source }, report, controller.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  }
  await cancelAt('Computing')
  const releaseChunks = server.hold('next chunk')
  await cancelAt('Uploading')
  releaseChunks()
  const releaseLines = server.hold('next line')
  await cancelAt('Reading the GGUF file')
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toContain('/api/create'), patience)
  releaseLines()
  expect(await provider.models(never)).toEqual([])
})

/** Short where it is waited for, else long enough for a busy machine. */
const shortFor = (code: string) => (code === 'PROVIDER_TIMEOUT' ? 200 : 10_000)

test('an upload of which nothing is taken is given up', async () => {
  const { server, provider } = await startOllama({ models: [] }, { stalledMs: 150 })
  server.hold('upload')
  const source = fileIn(tempDir(), gguf('x'.repeat(20_000_000)))
  await expect(provider.create({ key: 'a', source }, ignore, never)).rejects.toMatchObject({
    code: 'PROVIDER_TIMEOUT',
    message: expect.stringContaining('took nothing of my model.gguf'),
  })
})

test.each<[Behaviour, string, string]>([
  [
    { status: 400, body: '{"error":"digest mismatch, expected \\"a\\", got \\"b\\""}' },
    'PROVIDER_ERROR',
    'not what was',
  ],
  [{ status: 500, body: '{"error":"write: no space left on device"}' }, 'DISK_FULL', 'is full'],
  [{ status: 401, body: '' }, 'PROVIDER_KEY_REJECTED', 'key'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY', 'busy'],
  [{ redirect: 'http://127.0.0.1:1/' }, 'PROVIDER_BAD_ANSWER', 'redirect'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['error line', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['no headers', 'PROVIDER_TIMEOUT', 'took nothing'],
])('an upload that breaks by %j is %s', async (how, code, words) => {
  const { provider } = await startOllama({ models: [], behaviour: { upload: how } }, { stalledMs: shortFor(code) })
  const source = fileIn(tempDir(), gguf('x'.repeat(600_000)))
  await expect(provider.create({ key: 'a', source }, ignore, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
})

test.each<[Behaviour, string, string]>([
  [{ lines: ['{"error":"supplied file was not in GGUF format"}'] }, 'FILE_INVALID', 'cannot use this'],
  [{ lines: ['{"error":"split GGUF \\"m\\" has 2 shards, expected 3"}'] }, 'FILE_INVALID', '2 shards'],
  [{ lines: ['{"error":"unexpected EOF"}'] }, 'FILE_INVALID', 'ends too early'],
  [{ lines: ['{"status":"parsing GGUF"}'] }, 'PROVIDER_BAD_ANSWER', 'without saying'],
  [{ status: 400, body: '{"error":"invalid model name"}' }, 'NAME_INVALID', 'invalid model name'],
  [{ status: 400, body: '{"error":"template error: x"}' }, 'PROVIDER_ERROR', 'template error'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'in the middle'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
])('a create that breaks by %j is %s', async (how, code, words) => {
  const { provider } = await startOllama({ behaviour: { '/api/create': how } }, { quietMs: shortFor(code) })
  const source = { from: 'model' as const, key: 'tiny:latest' }
  await expect(provider.create({ key: 'b', source }, ignore, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
})
