import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import { type Host, startHost } from '../support/headlessHost.ts'

/** Every test gets an empty data folder and a host of its own; both are gone afterwards. */
export const test = base.extend<{ dataDir: string; host: Host; berth: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  dataDir: async ({}, use) => {
    const path = mkdtempSync(join(tmpdir(), 'berth-e2e-'))
    await use(path)
    rmSync(path, { recursive: true, force: true })
  },
  host: async ({ dataDir }, use) => {
    const host = await startHost(dataDir)
    await use(host)
    await host.stop()
  },
  /** the window, let in by a link, with every console error kept as a failure */
  berth: async ({ host, page }, use) => {
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    await page.goto(await host.link())
    await use(page)
    if (faults.length > 0) throw new Error(`The page reported: ${faults.join('\n')}`)
  },
})

export { expect } from '@playwright/test'
