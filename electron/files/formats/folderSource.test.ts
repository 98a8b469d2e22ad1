import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFolderSource } from './folderSource.ts'

let root = ''
let folder = ''
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'berth-folder-')))
  folder = join(root, 'model')
  await mkdir(join(folder, 'sub'), { recursive: true })
  for (const name of ['w.bin', 'sub/v.bin', 'first.bin']) await writeFile(join(folder, name), name)
  await writeFile(join(root, 'secret'), 'x')
  await link(join(folder, 'first.bin'), join(folder, 'second.bin'))
  await symlink('w.bin', join(folder, 'inside.bin'))
  await symlink('sub', join(folder, 'also'))
  await symlink(join(root, 'secret'), join(folder, 'out.bin'))
  await symlink(root, join(folder, 'up'))
  await symlink('loop', join(folder, 'loop'))
})
afterAll(() => rm(root, { recursive: true }))

const look = async (name: string, within = folder) => {
  const source = await openFolderSource(folder, 'model', within).open(name)
  await source.close()
  return { isThroughLink: source.isThroughLink, hardLinks: source.hardLinks }
}

describe('a folder', () => {
  it('lists what is in it, and not what a link leads out of it', async () => {
    const names = (await openFolderSource(folder, 'model').list()).map(({ name }) => name)
    expect(names).toEqual(['first.bin', 'inside.bin', 'second.bin', 'sub/v.bin', 'w.bin'])
  })

  it('says of a file whether a link leads to it, and how many names it has', async () => {
    expect(await look('w.bin')).toEqual({ isThroughLink: false, hardLinks: 1 })
    expect(await look('sub/v.bin')).toEqual({ isThroughLink: false, hardLinks: 1 })
    expect(await look('inside.bin')).toEqual({ isThroughLink: true, hardLinks: 1 })
    expect(await look('also/v.bin')).toEqual({ isThroughLink: true, hardLinks: 1 })
    expect(await look('second.bin')).toEqual({ isThroughLink: false, hardLinks: 2 })
    expect(await look('out.bin', root)).toEqual({ isThroughLink: true, hardLinks: 1 })
  })

  it.each(['out.bin', 'up/secret', '../secret', '/etc/passwd', 'a/../w.bin', 'C:\\x', 'nul', ''])(
    'does not open %j',
    async (name) => {
      await expect(look(name)).rejects.toMatchObject({ code: 'PATH_ESCAPES' })
    },
  )

  it('names what is missing, and a link that leads to itself', async () => {
    await expect(look('gone.bin')).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(look('loop')).rejects.toMatchObject({ code: 'READ_FAILED' })
  })
})
