import { link, mkdir, realpath, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/support/tempDir.ts'
import { parseDigest } from './digest.ts'
import { knownHash } from './knownHashes.ts'

const digest = 'ab'.repeat(32)
const gitHash = 'cd'.repeat(20)
const commit = '0123456789abcdef0123456789abcdef01234567'

const folder = () => {
  const root = tempDir()
  const put = async (name: string, content = 'weights') => {
    const path = join(root, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }
  return { root, put, at: (name: string) => join(root, name) }
}

const known = async (path: string) => {
  const { size, mtimeMs } = await stat(path)
  return await knownHash(path, await realpath(path), { sizeBytes: size, modifiedAt: mtimeMs })
}

test('a digest is 64 hex digits and nothing else', () => {
  expect(parseDigest(digest.toUpperCase())).toBe(digest)
  for (const bad of [
    '',
    digest.slice(1),
    `${digest}0`,
    `${digest}\n`,
    `../${digest.slice(3)}`,
    'g'.repeat(64),
    `0x${digest}`,
  ])
    expect(parseDigest(bad)).toBeNull()
})

test('an Ollama blob has its digest for a name, also when a link leads to it; a part of one has not', async () => {
  const { put, at } = folder()
  const blob = await put(`models/blobs/sha256-${digest}`)
  const expected = { sha256: digest, source: 'Ollama blob name', url: null, repository: null, revision: null }
  expect(await known(blob)).toEqual(expected)
  await symlink(blob, at('model.gguf'))
  expect(await known(at('model.gguf'))).toEqual(expected)
  for (const name of [`sha256-${digest}-partial`, `sha256-${digest}-partial-0`, 'sha256-123456', `md5-${digest}`])
    expect(await known(await put(`models/blobs/${name}`))).toBeNull()
  expect(await known(await put(`elsewhere/sha256-${digest}`))).toBeNull()
})

test('a snapshot of the Hugging Face cache knows digest, repository, commit and page', async () => {
  const { put, at } = folder()
  const store = 'hub/models--Qwen--Qwen2.5-0.5B'
  const blob = await put(`${store}/blobs/${digest}`)
  const name = `${store}/snapshots/${commit}/sub/model #1.safetensors`
  await mkdir(dirname(at(name)), { recursive: true })
  await symlink(blob, at(name))
  expect(await known(at(name))).toEqual({
    sha256: digest,
    source: 'Hugging Face cache',
    url: `https://huggingface.co/Qwen/Qwen2.5-0.5B/blob/${commit}/sub/model%20%231.safetensors`,
    repository: 'Qwen/Qwen2.5-0.5B',
    revision: commit,
  })
  expect(await known(blob)).toMatchObject({
    sha256: digest,
    url: 'https://huggingface.co/Qwen/Qwen2.5-0.5B',
    revision: null,
  })
})

test('git’s own hash of a small file, a copy instead of a link, and odd repository names claim nothing', async () => {
  const { put, at } = folder()
  expect(await known(await put(`hub/models--a--b/blobs/${gitHash}`))).toBeNull()
  expect(await known(await put(`hub/models--a--b/snapshots/${commit}/model.gguf`))).toBeNull()
  expect(await known(await put(`hub/models--a--b/blobs/${digest}.incomplete`))).toBeNull()
  expect(await known(await put(`hub/models--a--b--c/blobs/${digest}`))).toMatchObject({ repository: null, url: null })
  expect(await known(await put(`hub/models--<x>--b/blobs/${digest}`))).toMatchObject({ repository: null, url: null })
  expect(await known(await put(`hub/datasets--a--b/blobs/${digest}`))).toMatchObject({ repository: null, url: null })
  expect(await known(await put(`hub/models--gpt2/blobs/${digest}`))).toMatchObject({ repository: 'gpt2' })
  await mkdir(at('hub/models--a--b/snapshots/main'), { recursive: true })
  await symlink(await put(`hub/models--a--b/blobs/${digest}`), at('hub/models--a--b/snapshots/main/m'))
  expect(await known(at('hub/models--a--b/snapshots/main/m'))).toMatchObject({ revision: null, repository: 'a/b' })
})

test('the record of a download into a folder is believed until the file is written again', async () => {
  const { put } = folder()
  const file = await put('dl/sub/model.gguf')
  const record = (etag: string, time = '1700000000.25') =>
    put('dl/.cache/huggingface/download/sub/model.gguf.metadata', `${commit}\n${etag}\n${time}\n`)
  await utimes(file, 1_700_000_000, 1_700_000_000)
  await record(digest)
  expect(await known(file)).toEqual({
    sha256: digest,
    source: 'Hugging Face download record',
    url: null,
    repository: null,
    revision: commit,
  })
  await record(gitHash)
  expect(await known(file)).toBeNull()
  for (const time of ['1600000000', 'never', '']) {
    await record(digest, time)
    expect(await known(file), time).toBeNull()
  }
})

test('side files of image tools claim a digest and the page it came from', async () => {
  const { put, at } = folder()
  const file = await put('lora/style.v1.safetensors', 'x'.repeat(5000))
  const version = {
    id: 22,
    modelId: 11,
    files: [
      { name: 'other.safetensors', sizeKB: 5000 / 1024, hashes: { SHA256: 'ef'.repeat(32) } },
      { name: 'style.v1.safetensors', sizeKB: 4.883, hashes: { SHA256: digest.toUpperCase() } },
    ],
  }
  const page = 'https://civitai.com/models/11?modelVersionId=22'
  const expected = { sha256: digest, url: page, repository: null, revision: null }
  const civitai = await put('lora/style.v1.civitai.info', JSON.stringify(version))
  expect(await known(file)).toEqual({ ...expected, source: 'side file style.v1.civitai.info' })

  await link(file, at('lora/renamed.safetensors'))
  await put('lora/renamed.civitai.info', JSON.stringify(version))
  expect(await known(at('lora/renamed.safetensors')), 'one of two files, and nobody knows which').toBeNull()
  await put('lora/renamed.civitai.info', JSON.stringify({ ...version, files: version.files.slice(1) }))
  expect(await known(at('lora/renamed.safetensors'))).toMatchObject({ sha256: digest })
  await writeFile(civitai, JSON.stringify({ ...version, files: [{ ...version.files[1], sizeKB: 900 }] }))
  expect(await known(file), 'a larger file was meant').toBeNull()

  const matrix = { ModelId: 11, VersionId: 22, Hashes: { SHA256: digest, BLAKE3: 'x' }, Source: 'Civitai' }
  await put('lora/style.v1.cm-info.json', JSON.stringify(matrix))
  expect(await known(file)).toEqual({ ...expected, source: 'side file style.v1.cm-info.json' })
  await put('lora/style.v1.cm-info.json', JSON.stringify({ ...matrix, Source: 'OpenModelDb' }))
  expect(await known(file)).toMatchObject({ sha256: digest, url: null })

  await put('lora/style.v1.cm-info.json', '{}')
  const manager = { file_name: 'style.v1', sha256: digest, size: 4999.9, civitai: { id: 22, modelId: 11 } }
  const path = await put('lora/style.v1.metadata.json', JSON.stringify(manager))
  expect(await known(file)).toEqual({ ...expected, source: 'side file style.v1.metadata.json' })
  await writeFile(path, JSON.stringify({ ...manager, civitai: 'none' }))
  expect(await known(file)).toMatchObject({ sha256: digest, url: null })
  await writeFile(path, JSON.stringify({ ...manager, size: 123 }))
  expect(await known(file)).toBeNull()
})

test('side files of strangers claim nothing when they are not what they should be', async () => {
  const { put, at } = folder()
  const file = await put('m.safetensors')
  const claim = (sha256: string) => JSON.stringify({ sha256 })
  for (const text of [
    '',
    'null',
    '[]',
    '{"sha256": 5}',
    '{"__proto__": {"sha256": "a"}}',
    claim('../../etc/passwd'),
    claim(digest.slice(2)),
    claim(`${digest}\n`),
    `${'['.repeat(100_000)}`,
    claim(digest) + ' '.repeat(1 << 20),
  ]) {
    await put('m.metadata.json', text)
    expect(await known(file), text.slice(0, 40)).toBeNull()
  }
  await put('m.metadata.json', claim(digest))
  expect(await known(file)).toMatchObject({ sha256: digest })

  await put('other/real.json', claim(digest))
  await put('n.safetensors')
  await symlink(at('other/real.json'), at('n.metadata.json'))
  expect(await known(at('n.safetensors')), 'a link').toBeNull()
  await mkdir(at('n.cm-info.json'))
  expect(await known(at('n.safetensors')), 'a folder').toBeNull()
  expect(await known(await put('no-extension'))).toBeNull()
})
