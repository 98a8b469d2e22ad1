import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seriousFaults } from './accessibility.ts'
import { expect, test } from './host.ts'
import { benchmarksOf } from './pages/benchmarks.ts'
import { windowOf } from './pages/window.ts'

const sample = 'embedded/berth-sample'
/** A test of it repeats until the figures are sure, and on a busy machine that takes long. */
const measured = { timeout: 60_000 }
const ofLlamaBench = fileURLToPath(new URL('../fixtures/benchmark/llama-bench.jsonl', import.meta.url))

/** Its first test is short, its second takes many times as long. */
const longRun = {
  model: sample,
  label: 'a long one',
  settings: {
    kind: 'engine',
    promptTokens: [16],
    generatedTokens: [64],
    depths: [0],
    measureLoad: false,
    repetition: { least: 1000, most: 1000, relativeError: 0.001 },
    sweep: {},
  },
}

test('a model is measured, a run is cancelled, runs are imported, compared and exported', async ({ berth, host }) => {
  const window = windowOf(berth)
  const benchmarks = benchmarksOf(berth)
  await host.api('POST', '/api/v1/samples', {})
  await window.goTo('Benchmarks')
  await expect(berth.getByText('Nothing was measured yet')).toBeVisible()

  await test.step('a quick run, from the palette to its results', async () => {
    await benchmarks.fromPalette('Benchmark Berth sample')
    await expect(benchmarks.preset('Quick')).toBeChecked()
    await expect(benchmarks.preset('Thorough')).toContainText(/at most \d+ (h|min)/)
    await expect(benchmarks.dialog()).toContainText('Not possible: ')
    await expect(benchmarks.dialog().getByText(/^2 tests, /)).toBeVisible()
    expect(await seriousFaults(berth), 'new benchmark').toEqual([])
    await benchmarks.press('Start')
    await expect(benchmarks.run().getByText('done', { exact: true })).toBeVisible(measured)
    await expect(benchmarks.result('pp512')).toContainText(/tok\/s ± /)
    await expect(benchmarks.result(/^tg64/)).toContainText(/tok\/s ± /)
    await expect(benchmarks.run()).toContainText('sha256:')
    await benchmarks
      .result('pp512')
      .getByRole('button', { name: /raw samples/ })
      .click()
    await expect(benchmarks.dialog().getByRole('row').nth(1)).toContainText(/ms.*tok\/s/)
    await benchmarks.close()
  })

  await test.step('a run that is cancelled keeps what it measured', async () => {
    const { status } = await host.api('POST', '/api/v1/benchmarks', longRun)
    expect(status).toBe(200)
    await benchmarks.row(/queued|running/).click()
    await expect(benchmarks.run()).toContainText('a long one')
    await expect(benchmarks.result('pp16')).toBeVisible(measured)
    await benchmarks.run().getByRole('button', { name: 'Cancel' }).click()
    await expect(benchmarks.row('cancelled')).toBeVisible()
    await expect(benchmarks.result('pp16')).toContainText('1,000')
    await expect(benchmarks.result(/^tg64/)).toBeHidden()
    await benchmarks.run().getByRole('button', { name: 'Run again…' }).click()
    await expect(benchmarks.dialog().getByRole('textbox', { name: 'Prompts (pp)' })).toHaveValue('16')
    await benchmarks.dialog().getByRole('textbox', { name: 'Depths' }).fill('0, deep')
    await expect(benchmarks.dialog()).toContainText('deep is no number.')
    await expect(benchmarks.dialog().getByRole('button', { name: 'Start' })).toBeDisabled()
    expect(await seriousFaults(berth), 'own settings').toEqual([])
    await benchmarks.close()
  })

  await test.step('what llama-bench wrote is taken in, and goes out again as it came', async () => {
    const importing = berth.getByRole('button', { name: 'Import…' })
    await importing.press('Enter')
    await expect(benchmarks.dialog().getByRole('button', { name: 'Choose a file…' })).toBeFocused()
    await benchmarks.close()
    await expect(importing).toBeFocused()
    await benchmarks.import(ofLlamaBench)
    await expect(benchmarks.dialog().getByRole('status')).toContainText('1 run of llama-bench.jsonl taken in.')
    await benchmarks.press('Show it')
    await expect(benchmarks.result('pp32 @ d64').first()).toBeVisible()
    const saved = await benchmarks.exportAs(/llama-bench/)
    expect(saved.name).toMatch(/\.jsonl$/)
    const [first] = readFileSync(saved.path, 'utf8').split('\n')
    expect(JSON.parse(first ?? '')).toMatchObject({ n_prompt: 32, n_gen: 0, n_threads: 1 })
  })

  await test.step('two runs side by side', async () => {
    await benchmarks.run().getByRole('button', { name: 'Close the details' }).click()
    await host.api('POST', '/api/v1/benchmarks', { model: sample, preset: 'quick', label: 'once more' })
    await expect(benchmarks.row('once more')).toContainText('done', measured)
    await benchmarks.row('once more').click()
    await benchmarks.run().getByRole('button', { name: 'Close the details' }).click()
    await benchmarks
      .row('Quick')
      .last()
      .click({ modifiers: ['Control'] })
    await expect(berth.getByText('2 runs selected')).toBeVisible()
    await berth.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect(berth.getByRole('heading', { name: 'Compare 2 runs' })).toBeVisible()
    const figures = berth.getByRole('table', { name: 'Figures side by side' })
    await expect(figures.getByText(/slower|faster|noise/).first()).toBeVisible()
    await figures.getByRole('button', { name: /^Compare with run B/ }).press('Enter')
    await expect(figures.getByRole('button', { name: /^Compare with run B/ })).toHaveText('Baseline')
    await expect(figures.getByRole('button', { name: /^Compare with run B/ })).toBeFocused()
    expect(await seriousFaults(berth), 'comparison').toEqual([])
  })

  await test.step('the model says how fast it was, and leads to its history; the job leads to its run', async () => {
    await window.goTo('Models')
    await window.row('Berth sample').click()
    await expect(window.details()).toContainText(/generation [\d,.]+ tok\/s/)
    await window.details().getByRole('link', { name: 'History of its speed' }).click()
    await expect(berth.getByRole('heading', { name: /^History of Berth sample/ })).toBeVisible()
    await window.goTo('Activity')
    await berth
      .getByRole('link', { name: `Benchmark ${sample}` })
      .last()
      .click()
    await expect(benchmarks.run()).toContainText('Engine, Quick')
    expect(await seriousFaults(berth), 'a run').toEqual([])
  })

  await test.step('the fastest is loaded with the options it was measured with, once they were seen', async () => {
    await window.goTo('Benchmarks')
    await berth.getByRole('button', { name: 'Fastest' }).click()
    await berth.getByRole('textbox', { name: 'At this context, tokens' }).fill('0')
    await expect(berth.getByText('A whole number from 1 to 16,777,216.')).toBeVisible()
    await berth.getByRole('textbox', { name: 'At this context, tokens' }).fill('1024')
    await expect(berth.getByText(/is the fastest within/)).toBeVisible()
    expect(await seriousFaults(berth), 'fastest').toEqual([])
    await berth.getByRole('button', { name: 'Load with these options…' }).click()
    await expect(benchmarks.dialog()).toContainText(/Changed from the defaults: context [\d,]+ tokens/)
    await benchmarks.close()
    await window.goTo('Activity')
    await berth
      .getByRole('link', { name: `Benchmark ${sample}` })
      .last()
      .click()
  })

  await test.step('a run is removed for good', async () => {
    await benchmarks.run().getByRole('button', { name: 'Remove…' }).click()
    await expect(benchmarks.dialog()).toContainText('2 results and the raw samples are lost for good')
    await benchmarks.press('Remove')
    await expect(benchmarks.run()).toBeHidden()
    await expect(benchmarks.row('a long one')).toBeVisible()
    await expect(benchmarks.row('Quick')).toHaveCount(1) // the one that was measured once more
  })
})
