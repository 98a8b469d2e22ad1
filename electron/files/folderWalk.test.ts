import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isCandidate } from './candidate.ts'
import { walkFolder } from './folderWalk.ts'

let base = ''
let root = ''
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'berth-walk-')))
  root = join(base, 'models')
  await mkdir(root)
})
afterEach(() => rm(base, { recursive: true, force: true }))

const walk = async (signal: AbortSignal = new AbortController().signal) => {
  const result = await walkFolder(root, { isCandidate, signal, onProgress: () => {} })
  return { ...result, names: result.files.map((file) => file.path.slice(root.length + 1)).sort() }
}

test('finds candidates at any depth and nothing else', async () => {
  const deep = join(root, ...Array.from({ length: 40 }, (_, level) => `level${level}`))
  await mkdir(deep, { recursive: true })
  await mkdir(join(root, '.git'))
  await writeFile(join(deep, 'deep.GGUF'), 'x')
  await writeFile(join(root, 'readme.md'), 'x')
  await writeFile(join(root, 'model.gguf.part'), 'x')
  await writeFile(join(root, '.git', 'hidden.gguf'), 'x')
  await writeFile(join(root, `sha256-${'a'.repeat(64)}`), 'x')
  await writeFile(join(root, `sha256-${'b'.repeat(64)}-partial`), 'x')
  await writeFile(join(root, `sha256-${'b'.repeat(64)}-partial-12`), 'x')
  const { names, isEmpty } = await walk()
  expect(names).toEqual([join(deep, 'deep.GGUF').slice(root.length + 1), `sha256-${'a'.repeat(64)}`])
  expect(isEmpty).toBe(false)
})

test('follows a link to a file inside the folder, and none that leads out or in a circle', async () => {
  await mkdir(join(root, 'blobs'))
  await mkdir(join(root, 'snapshots'))
  await writeFile(join(root, 'blobs', 'b'.repeat(64)), 'x')
  await symlink(join('..', 'blobs', 'b'.repeat(64)), join(root, 'snapshots', 'model.gguf'))
  await writeFile(join(base, 'private.gguf'), 'x')
  await symlink(join(base, 'private.gguf'), join(root, 'private.gguf'))
  await symlink(base, join(root, 'up'))
  await symlink(root, join(root, 'snapshots', 'loop'))
  await symlink('self.gguf', join(root, 'self.gguf'))
  await symlink('nowhere.gguf', join(root, 'dangling.gguf'))
  const { names, files, linksOut } = await walk()
  expect(names).toEqual([join('blobs', 'b'.repeat(64)), join('snapshots', 'model.gguf')])
  expect(linksOut).toBe(2)
  expect(new Set(files.map((file) => file.identity)).size).toBe(1)
})

test('two names of one file have one identity', async () => {
  await writeFile(join(root, 'one.gguf'), 'x')
  await link(join(root, 'one.gguf'), join(root, 'two.gguf'))
  const { files } = await walk()
  expect(files).toHaveLength(2)
  expect(files[0]?.identity).toBe(files[1]?.identity)
})

test.skipIf(process.platform === 'win32')('passes over pipes, sockets and devices by any name', async () => {
  execFileSync('mkfifo', [join(root, 'pipe.gguf')])
  await symlink('/dev/zero', join(root, 'zero.gguf'))
  const server = createServer().listen(join(root, 'socket.gguf'))
  try {
    await new Promise((resolve) => server.once('listening', resolve))
    const { names } = await walk()
    expect(names).toEqual([])
  } finally {
    server.close()
  }
})

test.skipIf(process.platform === 'win32')('names a folder it cannot enter and goes on', async () => {
  await writeFile(join(root, 'open.gguf'), 'x')
  // Deeper than a path may be long: refused to everybody, unlike a folder without rights, which root may read.
  const long = join(...Array.from({ length: 10 }, () => 'd'.repeat(250)))
  await mkdir(join(root, long), { recursive: true })
  await mkdir(join(base, long), { recursive: true })
  await rename(join(base, 'd'.repeat(250)), join(root, long, 'below'))
  const { names, unreadable } = await walk()
  await rename(join(root, long, 'below'), join(base, 'taken-apart'))
  expect(names).toEqual(['open.gguf'])
  expect(unreadable).toHaveLength(1)
})

test('a folder that is not there is an error, an empty one is told apart', async () => {
  expect((await walk()).isEmpty).toBe(true)
  await rm(root, { recursive: true })
  await expect(walk()).rejects.toMatchObject({ code: 'ENOENT' })
})

test('stops when it is aborted', async () => {
  await writeFile(join(root, 'a.gguf'), 'x')
  await expect(walk(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})
