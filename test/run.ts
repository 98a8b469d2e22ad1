/**
 * `npm test`: everything that must pass, in the order in which it fails fastest. Ends with a line `N passed, N failed`.
 * A test that was skipped says why in its name.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { findChromium } from './support/chromium.ts'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
})
const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
})

const reports = mkdtempSync(join(tmpdir(), 'berth-report-'))

const run = (title: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean => {
  process.stdout.write(`\n== ${title}\n`)
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  return status === 0
}

const npm = (script: string): boolean => {
  process.stdout.write(`\n== npm run ${script}\n`)
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  return status === 0
}

const asCount = (ok: boolean): Count => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

/** A run that died before it could report is a failure, whatever it had passed. */
const counted = (ok: boolean, read: () => Count): Count => {
  try {
    const count = read()
    return ok || count.failed > 0 ? count : { ...count, failed: 1 }
  } catch {
    return asCount(false)
  }
}

const check = asCount(npm('check'))
const build = asCount(npm('build'))

const vitestReport = join(reports, 'vitest.json')
const unitOk = run('unit tests', [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  'unit',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${vitestReport}`,
])
const unit = counted(unitOk, () => {
  const report = VitestReport.parse(JSON.parse(readFileSync(vitestReport, 'utf8')))
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests }
})

const playwrightReport = join(reports, 'playwright.json')
const e2eOk = run(
  'end-to-end tests',
  ['node_modules/@playwright/test/cli.js', 'test', '-c', 'test/playwright.config.ts'],
  {
    BERTH_CHROMIUM: findChromium(),
    PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport,
  },
)
const e2e = counted(e2eOk, () => {
  const { stats } = PlaywrightReport.parse(JSON.parse(readFileSync(playwrightReport, 'utf8')))
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
})

const parts: Readonly<Record<string, Count>> = { check, build, unit, 'end-to-end': e2e }
const total = Object.values(parts).reduce((sum, part) => ({
  passed: sum.passed + part.passed,
  failed: sum.failed + part.failed,
  skipped: sum.skipped + part.skipped,
}))
process.stdout.write('\n')
for (const [name, { passed, failed, skipped }] of Object.entries(parts)) {
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exitCode = total.failed === 0 ? 0 : 1
