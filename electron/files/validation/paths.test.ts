import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../test/support/tempDir.ts'
import { existingPath, freePath, plainPath } from './paths.ts'

const isWindows = process.platform === 'win32'

describe('a path that is there', () => {
  it('has one form, however it was written', async () => {
    const folder = tempDir()
    mkdirSync(join(folder, 'models'))
    const forms = [`models${sep}`, `models${sep}${sep}`, `.${sep}models`, `models${sep}..${sep}models`]
    for (const form of forms) expect(await existingPath(folder + sep + form)).toBe(join(folder, 'models'))
    expect(plainPath(sep)).toBe(sep)
  })

  it.skipIf(isWindows)('no link leads to what belongs to the operating system', async () => {
    const folder = tempDir()
    for (const [name, target] of [
      ['processes', '/proc'],
      ['status', '/proc/self/status'],
      ['devices', '/dev'],
    ] as const) {
      symlinkSync(target, join(folder, name))
      await expect(existingPath(join(folder, name))).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    }
    await expect(existingPath('/proc/self/maps')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  })

  it.each(['models/a.gguf', `${sep}a\0b`, ''])('%j is none', async (path) => {
    await expect(existingPath(path)).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  })
})

describe('a path for something new', () => {
  it('is refused where a file is, or a link that leads nowhere', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'file'), '')
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
    await expect(freePath(join(folder, 'file'))).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await expect(freePath(join(folder, 'link'))).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(await freePath(join(folder, 'new'))).toBe(join(folder, 'new'))
  })

  it('is refused beside an incomplete download, whose name the copy would take until it is whole', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'model.gguf.part'), 'gigabytes of a download')
    await expect(freePath(join(folder, 'model.gguf'))).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  })

  it('is refused in a folder that is not there', async () => {
    await expect(freePath(join(tempDir(), 'none', 'file'))).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  })
})
