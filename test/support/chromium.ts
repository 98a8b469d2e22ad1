import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const installed = (): string | null =>
  [
    process.env.BERTH_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    chromium.executablePath(),
  ].find((path) => path && existsSync(path)) ?? null

const attempt = (file: string, args: readonly string[]): boolean => {
  try {
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 })
    return true
  } catch {
    return false // the next way is tried; when none works the caller says so
  }
}

/**
 * A Chromium that is there, or one that is installed now: by Playwright, or as root by the package manager.
 * @throws Error that says what to do
 */
export const findChromium = (): string => {
  const before = installed()
  if (before) return before
  const isRoot = process.getuid?.() === 0
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    attempt('apt-get', ['update', '-qq'])
    attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
  }
  const packaged = installed()
  if (packaged) return packaged
  attempt(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'])
  const downloaded = installed()
  if (downloaded) return downloaded
  throw new Error('No Chromium for the end-to-end tests: install one and set BERTH_CHROMIUM to its path.')
}
