import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import { type Host, startHost } from '../support/headlessHost.ts'

interface Fixtures {
  readonly dataDir: string
  readonly host: Host
  readonly berth: Page
  /** Ends Berth and starts it again on the same data folder, with its window. */
  readonly restart: () => Promise<Host>
}

/** Every test gets an empty data folder and a host of its own; both are gone afterwards. */
export const test = base.extend<Fixtures>({
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
  restart: async ({ berth, host, dataDir }, use) => {
    let current = host
    /** The window leaves first: one that loses its host tries to come back, and the browser reports that it cannot. */
    const end = async (): Promise<number | null> => {
      await berth.goto('about:blank')
      return current.stop()
    }
    await use(async () => {
      expect(await end()).toBe(0)
      current = await startHost(dataDir)
      await berth.goto(await current.link())
      return current
    })
    await end()
  },
})

export { expect }
