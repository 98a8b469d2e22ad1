import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

const sample = 'Berth sample'
const sampleId = 'embedded/berth-sample'

test('from an empty start to a loaded model and back, and the catalog survives a restart', async ({
  berth,
  host,
  restart,
}) => {
  const window = windowOf(berth)
  await test.step('the first start helps', async () => {
    await expect(window.welcome()).toBeVisible()
    await expect(window.memoryBar()).toHaveAccessibleName(/free [\d.]+ GiB/)
    await berth.getByRole('button', { name: /create a sample model/i }).click()
    await expect(window.row(sample)).toContainText('unloaded')
    await expect(window.welcome()).toBeHidden()
  })

  await test.step('load: progress is seen, memory rises', async () => {
    await expect(window.memoryBar()).not.toHaveAccessibleName(new RegExp(sampleId))
    const wasLoading = window.says(sample, 'loading') // it may be loaded before one looks
    await window.press(sample, 'Load')
    await wasLoading
    await expect(window.row(sample).getByText('loaded', { exact: true })).toBeVisible()
    await expect(window.memoryBar()).toHaveAccessibleName(/embedded\/berth-sample 0\.[0-9]*[1-9][0-9]* GiB/)
  })

  await test.step('the chart shows it by name, with a mark for the load', async () => {
    await window.goTo('Hardware')
    await expect(berth.getByText(sampleId).first()).toBeVisible()
  })

  await test.step('one line shows that it lives', async () => {
    await window.goTo('Running')
    await expect(window.row(sample)).toContainText('GiB')
    await window.openTryBox(sample)
    await window.message().fill('say hello')
    await berth.getByRole('button', { name: 'Send' }).click()
    await expect(berth.getByRole('status').filter({ hasText: 'Complete.' })).toBeVisible()
    await expect(window.answer()).toHaveText(/\w+ \w+/)
    await expect(berth.getByRole('region', { name: /^Try/ })).toContainText(/Speed\s*[\d,.]+ tok\/s/)
  })

  await test.step('unload: its process is gone and its memory too', async () => {
    await window.press(sample, 'Unload')
    await expect(window.row(sample).first()).toContainText('unloaded')
    await expect(window.memoryBar()).not.toHaveAccessibleName(new RegExp(sampleId))
    expect((await host.api('GET', '/api/v1/models/instances')).body).toEqual({ instances: [] })
  })

  await test.step('a restart keeps the catalog', async () => {
    await restart()
    await expect(window.row(sample)).toContainText('unloaded')
    await window.row(sample).click()
    await expect(window.details()).toContainText('tok/s')
    await window.goTo('Activity')
    await expect(window.row('berth-sample').first()).toBeVisible()
  })
})
