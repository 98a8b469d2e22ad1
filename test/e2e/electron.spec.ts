import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { _electron, expect, test } from '@playwright/test'
import { windowOf } from './pages/window.ts'

/** The binary that Electron's package fetched, or null; asking the package itself would start a download. */
const electronBinary = (): string | null => {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const note = join(folder, 'path.txt')
  const file = existsSync(note) ? join(folder, 'dist', readFileSync(note, 'utf8').trim()) : null
  return file && existsSync(file) ? file : null
}

const binary = electronBinary()

test('the desktop window starts, keeps its page away from Node and shows the first start', async () => {
  test.skip(binary === null, 'Electron’s binary is not on this machine: npx install-electron, then npm run test:e2e')
  const app = await _electron.launch({
    executablePath: String(binary),
    args: ['.', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: {
      ...process.env,
      BERTH_DATA_DIR: mkdtempSync(join(tmpdir(), 'berth-electron-')),
      OLLAMA_HOST: 'http://127.0.0.1:1',
    },
  })
  const page = await app.firstWindow()
  await expect(windowOf(page).welcome()).toBeVisible()
  expect(await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis))).toEqual([])
  expect(await page.evaluate(() => Object.isFrozen(Reflect.get(globalThis, 'berth')))).toBe(true)
  await app.close()
})
