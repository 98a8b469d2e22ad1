import { describe, expect, it } from 'vitest'
import type { FoundFile } from '../folderWalk.ts'
import { shardNameOf, shardSets } from './shardNames.ts'
import { findTargets } from './targets.ts'

const found = (path: string, identity = path): FoundFile => ({
  path,
  realPath: path,
  sizeBytes: 10,
  modifiedAt: 1,
  identity,
})
const targetsOf = (...paths: string[]) => {
  const { targets, sideFiles } = findTargets(paths.map((path) => found(path)))
  return { targets: targets.map(({ path, files }) => `${path} ${files.length}`).sort(), sideFiles }
}

describe('what gets a report of its own', () => {
  it('a model file does, what lies beside it does not', () => {
    expect(targetsOf('/m/a.gguf', '/m/b.safetensors', '/m/c', '/m/README.md', '/m/a.png', '/m/.hidden')).toEqual({
      targets: ['/m/a.gguf 1', '/m/b.safetensors 1', '/m/c 1'],
      sideFiles: 3,
    })
  })

  it('a folder that is one model is one, with everything in it', () => {
    expect(
      targetsOf('/m/bert/config.json', '/m/bert/model.safetensors', '/m/bert/tokenizer.json', '/m/other.gguf').targets,
    ).toEqual(['/m/bert 3', '/m/other.gguf 1'])
  })

  it('GGUF files in such a folder are models of their own', () => {
    expect(targetsOf('/m/x/config.json', '/m/x/model.safetensors', '/m/x/x-Q4_0.gguf').targets).toContain(
      '/m/x/x-Q4_0.gguf 1',
    )
  })

  it('shards are one, whatever their format; parts of PyTorch where an index says so', () => {
    expect(
      targetsOf(
        '/m/a-00002-of-00002.gguf',
        '/m/a-00001-of-00002.gguf',
        '/m/b-00001-of-00002.safetensors',
        '/m/b-00002-of-00002.safetensors',
        '/m/c-00001-of-00002.bin',
        '/m/c-00002-of-00002.bin',
        '/m/c.bin.index.json',
        '/m/d-00001-of-00002.bin',
      ),
    ).toEqual({
      targets: [
        '/m/a-00001-of-00002.gguf 2',
        '/m/b-00001-of-00002.safetensors 2',
        '/m/c-00001-of-00002.bin 2',
        '/m/d-00001-of-00002.bin 1',
      ],
      sideFiles: 1,
    })
  })

  it('the same bytes under several names are looked into once', () => {
    const { targets } = findTargets([found('/m/a.gguf', '1:1'), found('/m/b.gguf', '1:1'), found('/m/c.gguf', '1:2')])
    expect(targets.map(({ path }) => path)).toEqual(['/m/a.gguf', '/m/c.gguf'])
  })

  it('stays quick with many folders', () => {
    const files = Array.from({ length: 3_000 }, (_, n) => [`/m/${n}/config.json`, `/m/${n}/model.safetensors`]).flat()
    const before = process.threadCpuUsage()
    expect(findTargets(files.map((path) => found(path))).targets).toHaveLength(3_000)
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(2_000)
  })
})

describe('names of shards', () => {
  it('one of one, part 0 and a part beyond the end are none', () => {
    for (const name of ['m-00001-of-00001.gguf', 'm-00000-of-00003.gguf', 'm-00004-of-00003.gguf', 'm-1-of-2.gguf'])
      expect(shardNameOf(name)).toBeNull()
  })

  it('sets that differ in count or kind do not mix', () => {
    const names = ['m-00001-of-00002.gguf', 'm-00002-of-00003.gguf', 'm-00002-of-00002.safetensors']
    expect(shardSets(names).map((set) => set.names.length)).toEqual([1, 1, 1])
  })
})
