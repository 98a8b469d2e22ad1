import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FoundFile } from './folderWalk.ts'
import { groupFiles, keyCandidates } from './groupFiles.ts'

const file = (path: string, identity = path, realPath = path): FoundFile => ({
  path,
  realPath,
  identity,
  sizeBytes: 1,
  modifiedAt: 1,
})
const group = (files: FoundFile[], known: string[] = []) =>
  groupFiles(files, (path) => known.includes(path)).map(({ files, set }) => ({
    paths: files.map(({ path }) => path),
    missing: set ? set.missing : null,
  }))

test('shards become one artifact, in order, whatever order they were found in', () => {
  expect(group([file('/m/a-00002-of-00002.gguf'), file('/m/b.gguf'), file('/m/a-00001-of-00002.gguf')])).toEqual([
    { paths: ['/m/a-00001-of-00002.gguf', '/m/a-00002-of-00002.gguf'], missing: [] },
    { paths: ['/m/b.gguf'], missing: null },
  ])
})

test('shards of other folders and other counts are other sets', () => {
  const sets = group([
    file('/m/a-00001-of-00002.gguf'),
    file('/n/a-00002-of-00002.gguf'),
    file('/m/a-00002-of-00003.gguf'),
  ])
  expect(sets.map(({ missing }) => missing)).toEqual([
    ['a-00002-of-00002.gguf'],
    ['a-00001-of-00003.gguf', 'a-00003-of-00003.gguf'],
    ['a-00001-of-00002.gguf'],
  ])
})

test('a count from a file name costs nothing', () => {
  const many = Array.from({ length: 2000 }, (_, i) => file(`/m/${i}-00001-of-99999.gguf`))
  const [first] = group(many)
  expect(first?.missing?.length).toBeLessThan(1000)
})

test('numbers that make no sense are part of the name', () => {
  expect(group([file('/m/a-00003-of-00002.gguf'), file('/m/b-00001-of-00001.gguf')]).map((g) => g.missing)).toEqual([
    null,
    null,
  ])
})

test('of several names for one file the best stays', () => {
  const blob = file('/hub/blobs/abc', 'same')
  const link = file('/hub/snapshots/1/model.gguf', 'same', '/hub/blobs/abc')
  const other = file('/hub/snapshots/2/model.gguf', 'same', '/hub/blobs/abc')
  expect(group([blob, other, link]).map(({ paths }) => paths)).toEqual([['/hub/snapshots/1/model.gguf']])
  expect(group([blob, other, link], [other.path]).map(({ paths }) => paths)).toEqual([[other.path]])
  const plain = file('/hub/model.gguf', 'same')
  expect(group([blob, link, plain]).map(({ paths }) => paths)).toEqual([['/hub/model.gguf']])
})

test('links to the shards of one set make one artifact', () => {
  const shard = (folder: string, no: number) =>
    file(`/hub/${folder}/m-0000${no}-of-00002.gguf`, `shard${no}`, `/hub/blobs/${no}`)
  const files = [shard('x', 1), shard('y', 1), shard('y', 2), file('/hub/blobs/1', 'shard1')]
  expect(group(files).map(({ paths }) => paths)).toEqual([
    ['/hub/y/m-00001-of-00002.gguf', '/hub/y/m-00002-of-00002.gguf'],
  ])
})

test('a key is the name of the file, with its folders before it where that is not enough', () => {
  const root = join('/', 'disk', 'models')
  expect(keyCandidates(root, join(root, 'org', 'repo', 'a-Q4_K_M-00001-of-00002.gguf'))).toEqual([
    'a-Q4_K_M',
    'repo/a-Q4_K_M',
    'org/repo/a-Q4_K_M',
    'models/org/repo/a-Q4_K_M',
  ])
  expect(keyCandidates(root, join(root, 'A.GGUF'))).toEqual(['A', 'models/A'])
})
