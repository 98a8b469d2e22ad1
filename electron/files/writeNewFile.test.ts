import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { writeNewFile } from './writeNewFile.ts'

const failing = (code: string) => async () => {
  throw Object.assign(new Error(`${code} injected`), { code })
}

test('the name appears when the content is whole, over what a crash left', async () => {
  const dir = tempDir()
  const path = join(dir, 'file')
  await writeFile(`${path}.part`, 'left by a crash, and longer than what comes now')
  await writeNewFile(path, 5, async (handle) => {
    await handle.write('whole')
    expect(await readdir(dir)).toEqual(['file.part'])
  })
  expect(await readdir(dir)).toEqual(['file'])
  expect(await readFile(path, 'utf8')).toBe('whole')
})

test('each failure has its name and leaves nothing, or what was there before', async () => {
  const dir = tempDir()
  const path = join(dir, 'file')
  await writeFile(path, 'before')
  for (const [code, named] of [
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'PATH_UNUSABLE'],
    ['EROFS', 'PATH_UNUSABLE'],
  ] as const)
    await expect(writeNewFile(path, 1, failing(code))).rejects.toMatchObject({ code: named })
  await expect(writeNewFile(path, Number.MAX_SAFE_INTEGER, failing('never reached'))).rejects.toMatchObject({
    code: 'DISK_FULL',
  })
  await expect(writeNewFile(join(path, 'below'), 1, failing('never reached'))).rejects.toMatchObject({
    code: 'PATH_UNUSABLE',
  })
  await mkdir(join(dir, 'folder'))
  await expect(writeNewFile(join(dir, 'folder'), 1, async () => {})).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  expect((await readdir(dir)).sort()).toEqual(['file', 'folder'])
  expect(await readFile(path, 'utf8')).toBe('before')
})
