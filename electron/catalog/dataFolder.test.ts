import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { takeDataFolder } from './dataFolder.ts'

const holderModule = fileURLToPath(new URL('../../test/support/holdDataFolder.ts', import.meta.url))

const holdElsewhere = async (path: string): Promise<ChildProcess> => {
  const child = fork(holderModule, [path])
  await once(child, 'message')
  return child
}

describe('the data folder', () => {
  it('is taken by one process at a time, and the second hears who has it', async () => {
    const path = tempDir()
    const child = await holdElsewhere(path)
    expect(() => takeDataFolder(path, 'headless', Date.now)).toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_BUSY',
        details: expect.objectContaining({ pid: child.pid, address: 'http://127.0.0.1:1' }),
      }),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('is free again at once when its holder is killed, and says that the end was not clean', async () => {
    const path = tempDir()
    for (let round = 0; round < 5; round++) {
      const child = await holdElsewhere(path)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const folder = takeDataFolder(path, round % 2 ? 'desktop' : 'headless', Date.now)
      expect(folder.uncleanStart).toBe(true)
      folder.release()
    }
    const folder = takeDataFolder(path, 'headless', Date.now)
    expect(folder.uncleanStart).toBe(false)
    folder.release()
  })

  it('is refused with its reason when it cannot be written', () => {
    const file = join(tempDir(), 'file')
    writeFileSync(file, '')
    expect(() => takeDataFolder(join(file, 'below'), 'headless', Date.now)).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_UNUSABLE' }),
    )
  })

  it.skipIf(process.getuid?.() === 0)('is refused without rights (skipped as root, who has them all)', () => {
    const path = tempDir()
    chmodSync(path, 0o500)
    expect(() => takeDataFolder(path, 'headless', Date.now)).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_UNUSABLE' }),
    )
  })
})
