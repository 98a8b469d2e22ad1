import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contains, resolveFolder } from './folderPath.ts'

let base = ''
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'berth-path-')))
})
afterEach(() => rm(base, { recursive: true, force: true }))

const refusal = (path: string) =>
  resolveFolder(path).then(
    () => null,
    (error: Error) => error,
  )

test('a folder is itself, a file means its folder, a link means its target', async () => {
  await mkdir(join(base, 'models'))
  await writeFile(join(base, 'models', 'a.gguf'), '')
  await symlink(join(base, 'models'), join(base, 'link'))
  const models = join(base, 'models')
  expect(await resolveFolder(`${models}/`)).toBe(models)
  expect(await resolveFolder(join(models, 'a.gguf'))).toBe(models)
  expect(await resolveFolder(join(base, 'link', 'a.gguf'))).toBe(models)
})

test('says why a path cannot be used', async () => {
  await symlink('loop', join(base, 'loop'))
  await writeFile(join(base, 'file'), '')
  const cases: [string, RegExp][] = [
    ['models', /not an absolute path/],
    ['./models', /not an absolute path/],
    [`${base}\0/x`, /not an absolute path/],
    [join(base, 'missing'), /There is no/],
    [join(base, 'file', 'below'), /is a file/],
    [join(base, 'loop'), /leads back to itself/],
    [join(base, 'x'.repeat(5000)), /longer than the system allows/],
  ]
  for (const [path, reason] of cases)
    expect(await refusal(path)).toMatchObject({ code: 'PATH_UNUSABLE', message: expect.stringMatching(reason) })
})

test.skipIf(process.platform === 'win32')('refuses devices, pipes and the places of the system', async () => {
  execFileSync('mkfifo', [join(base, 'pipe')])
  for (const path of ['/dev/zero', '/dev', '/proc/self', '/sys', join(base, 'pipe')])
    expect(await refusal(path)).toMatchObject({ code: 'PATH_UNUSABLE' })
})

test('a neighbour whose name begins the same is not inside', () => {
  expect(contains('/models', '/models')).toBe(true)
  expect(contains('/models', '/models/a')).toBe(true)
  expect(contains('/models', '/models2')).toBe(false)
  expect(contains('/', '/models')).toBe(true)
})
