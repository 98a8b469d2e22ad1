import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesSource, openFileSource } from './byteSource.ts'
import { FormatError, toAppError } from './formatError.ts'
import { rawFile } from './gguf/rawGguf.ts'
import { readGguf } from './gguf/readGguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'berth-source-'))
const at = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const onUnix = process.platform !== 'win32'

describe('openFileSource', () => {
  it('reads any part of a file and knows its size and identity', async () => {
    await writeFile(at('plain'), 'hello world')
    const source = await openFileSource(at('plain'))
    expect(source.sizeBytes).toBe(11)
    expect(Buffer.from(await source.read(6, 5)).toString()).toBe('world')
    expect(await source.read(11, 0)).toHaveLength(0)
    const again = await openFileSource(at('plain'))
    expect(again.identity).toBe(source.identity)
    await Promise.all([source.close(), again.close()])
  })

  it('writes over memory it is given back, and only then', async () => {
    await writeFile(at('reuse'), 'aaaabbbb')
    const source = await openFileSource(at('reuse'))
    const first = await source.read(0, 4)
    const second = await source.read(4, 4)
    expect(Buffer.from(first).toString()).toBe('aaaa')
    const third = await source.read(4, 2, first)
    expect(third.buffer).toBe(first.buffer)
    expect(Buffer.from(third).toString()).toBe('bb')
    expect((await source.read(0, 8, second)).buffer).not.toBe(second.buffer)
    await source.close()
  })

  it('names a file that is not there', async () => {
    await expect(openFileSource(at('nothing'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await writeFile(at('file'), 'x')
    await expect(openFileSource(join(at('file'), 'below'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  it('names a folder', async () => {
    await mkdir(at('folder'))
    await expect(openFileSource(at('folder'))).rejects.toMatchObject({
      code: 'NOT_A_REGULAR_FILE',
      message: expect.stringContaining('folder'),
    })
  })

  it.runIf(onUnix)('names a pipe at once, with nobody writing to it', async () => {
    execFileSync('mkfifo', [at('pipe')])
    await expect(openFileSource(at('pipe'))).rejects.toMatchObject({
      code: 'NOT_A_REGULAR_FILE',
      message: expect.stringContaining('pipe'),
    })
  })

  it.runIf(onUnix)('names a device and a socket', async () => {
    for (const device of ['/dev/zero', '/dev/tty'])
      await expect(openFileSource(device)).rejects.toMatchObject({ code: 'NOT_A_REGULAR_FILE' })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve))
    await expect(openFileSource(at('socket'))).rejects.toMatchObject({ code: 'NOT_A_REGULAR_FILE' })
    await new Promise((resolve) => server.close(resolve))
  })

  it.runIf(onUnix)('does not follow a link, nor a loop of links', async () => {
    await writeFile(at('private'), 'secret')
    await symlink(at('private'), at('link'))
    await symlink(at('loop'), at('loop'))
    for (const name of ['link', 'loop'])
      await expect(openFileSource(at(name))).rejects.toMatchObject({ code: 'IS_A_LINK' })
  })

  it.runIf(onUnix && process.getuid?.() !== 0)('names a file that may not be read (root may read all)', async () => {
    await writeFile(at('forbidden'), 'x')
    await chmod(at('forbidden'), 0)
    await expect(openFileSource(at('forbidden'))).rejects.toMatchObject({ code: 'NO_PERMISSION' })
  })

  it('names a file that became shorter while it was read', async () => {
    await writeFile(at('shrinking'), rawFile({ dataBytes: 3 << 20 }))
    const source = await openFileSource(at('shrinking'))
    await truncate(at('shrinking'), 100)
    await expect(readGguf(source)).rejects.toMatchObject({ code: 'FILE_SHRANK', offset: 100 })
    await source.close()
  })

  it('closes what it refuses', async () => {
    const handles = () => process.getActiveResourcesInfo().filter((resource) => resource.includes('FileHandle')).length
    const before = handles()
    for (let round = 0; round < 20; round++) await openFileSource(folder).catch(() => null)
    expect(handles()).toBe(before)
  })
})

describe('bytesSource', () => {
  it('refuses to read beyond its end', async () => {
    const source = bytesSource(Buffer.from('abc'))
    expect(Buffer.from(await source.read(1, 2)).toString()).toBe('bc')
    await expect(source.read(2, 2)).rejects.toMatchObject({ code: 'FILE_SHRANK' })
  })
})

describe('toAppError', () => {
  it('tells a path that cannot be used from a file that is not what it should be', () => {
    expect(toAppError(new FormatError('IS_A_LINK', 'a link'))).toMatchObject({
      code: 'PATH_UNUSABLE',
      details: { fault: 'IS_A_LINK', offset: null },
    })
    expect(toAppError(new FormatError('BAD_OFFSET', 'a hole', { offset: 7, details: { n: 1 } }))).toMatchObject({
      code: 'FILE_INVALID',
      message: 'a hole',
      details: { fault: 'BAD_OFFSET', offset: 7, n: 1 },
    })
  })
})
