import type { Host } from '../support/headlessHost.ts'
import { startLmStudioServer } from '../support/lmStudioServer.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { freePrice, openRouterModel, startOpenRouterServer } from '../support/openRouterServer.ts'
import { expect, test } from './host.ts'
import { inventoryOf } from './pages/inventory.ts'
import { providersOf } from './pages/providers.ts'
import { windowOf } from './pages/window.ts'

const connect = async (host: Host, kind: string, name: string, address: string, more: object = {}): Promise<void> => {
  const { status } = await host.api('POST', '/api/v1/providers', { kind, name, address, ...more })
  expect(status).toBe(200)
}
const qwen = { name: 'qwen3:8b', weights: 'the same', sizeBytes: 5_200_000_000, contextLength: 40_960 }
const layers = [
  { digest: `sha256:${'a1'.repeat(32)}`, bytes: 2_400_000_000 },
  { digest: `sha256:${'b2'.repeat(32)}`, bytes: 1_200_000 },
]

test('equal weights are one row with their places; what only sounds alike stands apart', async ({ berth, host }) => {
  const first = await startOllamaServer({ models: [qwen, { ...qwen, name: 'work:latest' }, { name: 'zebra:1b' }] })
  const second = await startOllamaServer({ models: [qwen] })
  const remote = await startOpenRouterServer({ models: [openRouterModel('qwen/qwen3-8b', { name: 'Qwen: Qwen3 8B' })] })
  await connect(host, 'ollama', 'Here', first.url)
  await connect(host, 'ollama', 'Elsewhere', second.url)
  await connect(host, 'openrouter', 'OpenRouter', remote.address, { key: remote.key })
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)

  await test.step('one row names its places and its other name', async () => {
    // until Berth has compared the lists of both, each place is a row of its own
    const both = inventory.row('qwen3:8b').filter({ hasText: 'Elsewhere' }).filter({ hasText: '+1 name' })
    await expect(both).toContainText('Here')
    await expect(inventory.row('qwen3:8b')).toHaveCount(1)
    await expect(berth.getByText('3 models')).toBeVisible()
    await expect(inventory.row('Qwen: Qwen3 8B')).not.toContainText('Here')
  })

  await test.step('the details say where it is too, and by what one knows it', async () => {
    await inventory.row('qwen3:8b').click()
    await expect(inventory.section('Also at')).toContainText('work:latest')
    await expect(inventory.section('Also at')).toContainText('the same bytes')
    await expect(inventory.section('Perhaps also')).toContainText('which proves nothing')
    await expect(inventory.section('Perhaps also')).toContainText('qwen/qwen3-8b')
  })

  await test.step('a place that is loaded is what the row is about, and the row stays where it was', async () => {
    const place = (await inventory.row('qwen3:8b').getAttribute('data-row')) ?? ''
    await host.api('POST', '/api/v1/models/load', { model: 'ollama/work:latest' })
    await inventory.isInState('work:latest', 'loaded')
    await expect(inventory.row('work:latest')).toHaveAttribute('data-row', place)
    await window.press('work:latest', 'Unload')
    await expect.poll(() => first.loaded).toEqual([])
  })
  await Promise.all([first.close(), second.close(), remote.close()])
})

test('a model is pulled: refused, corrected, cancelled, gone on with, shown', async ({ berth, host }) => {
  const ollama = await startOllamaServer({ registry: [{ name: 'phi4-mini:3.8b', layers }] })
  await connect(host, 'ollama', 'Ollama', ollama.url)
  const inventory = inventoryOf(berth)
  await expect(inventory.row('tiny:latest')).toBeVisible()
  const { dialog } = inventory

  await test.step('a name that cannot be is said beside the field', async () => {
    await inventory.openAdd('Pull a model…')
    await inventory.field('Model').fill('two words')
    await expect(dialog()).toContainText('has a blank')
    await expect(dialog().getByRole('button', { name: 'Pull', exact: true })).toBeDisabled()
  })

  await test.step('an unknown one and a registry out of reach, and each time one can go on', async () => {
    await inventory.field('Model').fill('nobody:1b')
    await inventory.press('Pull')
    await expect(dialog().getByRole('alert')).toContainText('MODEL_NOT_FOUND')
    ollama.store.state.offline = true
    await inventory.field('Model').fill('phi4-mini:3.8b')
    await inventory.press('Pull')
    await expect(dialog().getByRole('alert')).toContainText('could not reach the registry')
    ollama.store.state.offline = false
  })

  await test.step('it says how far it is, and ends when it is cancelled', async () => {
    const free = ollama.hold('next line')
    await inventory.press('Pull')
    await expect(dialog()).toContainText('Downloading a1a1a1')
    await dialog().getByRole('button', { name: 'Cancel', exact: true }).click()
    await expect(dialog()).toContainText('It was cancelled.')
    await expect.poll(() => ollama.aborted.map(({ path }) => path)).toContain('/api/pull')
    free()
  })

  await test.step('again, closed while it runs, it goes on in Activity', async () => {
    const firstLine = ollama.hold('next line')
    await inventory.press('Pull')
    await expect(dialog()).toContainText('Downloading a1a1a1') // the first line is waited for
    const free = ollama.hold('next line')
    firstLine()
    await expect(dialog()).toContainText('25 % · 600 MB of 2.4 GB')
    await inventory.press('Close')
    await windowOf(berth).goTo('Activity')
    await expect(inventory.row('Pull ollama/phi4-mini:3.8b').first()).toContainText(/running \d+ %/)
    free()
    await expect(inventory.row('Pull ollama/phi4-mini:3.8b').first()).toContainText('done')
    await windowOf(berth).goTo('Models')
    await expect(inventory.row('phi4-mini:3.8b')).toContainText('2.4 GB')
  })

  await test.step('what is there already is pulled again and can be shown', async () => {
    await inventory.openAdd('Pull a model…')
    await inventory.field('Model').fill('phi4-mini:3.8b')
    await inventory.press('Pull')
    await inventory.press('Show it')
    await expect(inventory.details()).toContainText('ollama/phi4-mini:3.8b')
  })
  await ollama.close()
})

test('a model is made of another one; what cannot be read says so and can be corrected', async ({ berth, host }) => {
  const ollama = await startOllamaServer({ models: [qwen] })
  await connect(host, 'ollama', 'Ollama', ollama.url)
  const inventory = inventoryOf(berth)
  await expect(inventory.row('qwen3:8b')).toBeVisible()
  await inventory.openAdd('Create a model…')
  await inventory.field(/^Path of the file/).fill('/nowhere/at/all.gguf')
  await inventory.field(/^New name/).fill('mine:8b')
  await inventory.press('Create')
  await expect(inventory.dialog().getByRole('alert')).toContainText('There is no /nowhere/at/all.gguf.')
  await expect(berth.getByRole('alert')).toHaveCount(1) // the dialog says it, and nothing covers its buttons
  await inventory.dialog().getByText('Another model', { exact: true }).click()
  await inventory.pick('Model', 'qwen3:8b')
  await inventory.field('Parameters').fill('num_ctx 8192\nstop </s>')
  await inventory.press('Create')
  await expect(inventory.dialog()).toContainText('Created mine:8b.')
  await inventory.press('Show it')
  await expect(inventory.details()).toContainText('ollama/mine:8b')
  await expect(inventory.section('Also at')).toContainText('qwen3:8b')
  const created = ollama.requests.find(({ path }) => path === '/api/create')
  expect(created?.body).toMatchObject({ from: 'qwen3:8b', parameters: { num_ctx: 8192, stop: ['</s>'] } })
  await ollama.close()
})

test('a model is copied, renamed and removed, and what that frees is said before', async ({ berth, host }) => {
  const long = `${'Langname'.repeat(14)}:q4`
  const ollama = await startOllamaServer({
    models: [qwen, { name: 'other:1b' }, { name: long, sizeBytes: 812_000_000 }],
  })
  await connect(host, 'ollama', 'Ollama', ollama.url)
  const inventory = inventoryOf(berth)
  const names = () => ollama.models.map(({ name }) => name)

  await test.step('a taken name is refused, and the error leaves with the next letter', async () => {
    await inventory.choose('qwen3:8b', 'Copy…')
    await inventory.field(/^New name/).fill('other:1b')
    await inventory.press('Copy')
    await expect(inventory.dialog().getByRole('alert')).toContainText('MODEL_EXISTS')
    await inventory.field(/^New name/).fill('second:8b')
    await expect(inventory.dialog().getByRole('alert')).toBeHidden()
    await inventory.press('Copy')
    await expect(inventory.dialog()).toBeHidden()
    await expect(inventory.details()).toContainText('ollama/second:8b')
  })

  await test.step('renamed', async () => {
    await inventory.search('second')
    await inventory.choose('second:8b', 'Rename…')
    await inventory.field(/^New name/).fill('third:8b')
    await inventory.press('Rename')
    await expect(inventory.details()).toContainText('ollama/third:8b')
    await expect.poll(names).toEqual(['qwen3:8b', 'other:1b', long, 'third:8b'])
  })

  await test.step('removed: weights that others use stay, and nothing is freed', async () => {
    await inventory.search('third')
    await inventory.choose('third:8b', 'Remove…')
    await expect(inventory.dialog()).toContainText('That frees no space.')
    await expect(inventory.dialog()).toContainText(/Its weights stay, because these use them too:\s*ollama\/qwen3:8b/)
    await inventory.press('Remove')
    await expect(inventory.dialog()).toBeHidden()
    await expect(inventory.details()).toBeHidden()
    await expect.poll(names).toEqual(['qwen3:8b', 'other:1b', long])
  })

  await test.step('removed: a model of its own frees its space, and its long name stays in the dialog', async () => {
    await inventory.search('Langname')
    await inventory.choose('Langname', 'Remove…')
    await expect(inventory.dialog()).toContainText('That frees 812 MB.')
    const { scrollWidth, clientWidth } = await inventory
      .dialog()
      .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))
    expect(scrollWidth).toBe(clientWidth)
    await inventory.press('Remove (frees 812 MB)')
    await expect(inventory.row('Langname')).toBeHidden()
    await expect.poll(names).toEqual(['qwen3:8b', 'other:1b'])
  })
  await ollama.close()
})

test('two texts are compared by their vectors; a model stays loaded as long as it is told to', async ({
  berth,
  host,
}) => {
  const ollama = await startOllamaServer({ models: [qwen, { name: 'minilm:latest', embedding: true }] })
  await connect(host, 'ollama', 'Ollama', ollama.url)
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)
  await window.press('minilm', 'Load')
  await inventory.isInState('minilm', 'loaded')
  await inventory.choose('minilm', 'Try…')
  await inventory.press('Compare')
  await expect(inventory.dialog().getByRole('status')).toContainText(
    /Cosine similarity 1\.000 · 3 dimensions .* 6 tokens/,
  )
  await inventory.close()

  await window.press('qwen3:8b', 'Load')
  await inventory.isInState('qwen3:8b', 'loaded')
  await window.goTo('Running')
  await expect(inventory.row('qwen3:8b')).toContainText(/in 4 min|in 5 min/)
  await inventory.keep('qwen3:8b', 'Keep loaded')
  await expect(inventory.row('qwen3:8b')).toContainText('never')
  await inventory.keep('qwen3:8b', 'Unload after 4 h')
  await expect(inventory.row('qwen3:8b')).toContainText(/in 3 h 59 min|in 4 h/)
  await ollama.close()
})

test('remote models are tried at once, with what it cost; those that cost money can be left out', async ({
  berth,
  host,
}) => {
  const models = [
    openRouterModel('some/paid', { name: 'Paid model' }),
    openRouterModel('some/gift:free', { name: 'Gift model', pricing: freePrice }),
  ]
  const remote = await startOpenRouterServer({ models })
  await connect(host, 'openrouter', 'OpenRouter', remote.address, { key: remote.key })
  const window = windowOf(berth)
  const providers = providersOf(berth)
  const inventory = inventoryOf(berth)

  await test.step('there is nothing to load, only to try', async () => {
    await expect(inventory.row('Paid model')).toContainText('$0.15 / $0.60')
    await inventory.isInState('Paid model', 'available')
    await inventory.row('Paid model').hover()
    await inventory.row('Paid model').getByRole('button', { name: 'Try', exact: true }).click()
    await inventory.press('Send')
    await expect(window.answer()).toHaveText('Hello from far away')
    await expect(window.tryBox()).toContainText(/Cost\s*\$0\.00014/)
    await inventory.close()
  })

  await test.step('Free only', async () => {
    await inventory.freeOnly().click()
    await expect(inventory.row('Paid model')).toBeHidden()
    await expect(inventory.row('Gift model')).toContainText('free')
    await inventory.freeOnly().click()
    await expect(inventory.row('Paid model')).toBeVisible()
  })

  await test.step('what its provider hides is not there at all', async () => {
    await window.goTo('Providers')
    await providers.row('OpenRouter').click()
    await providers.details().getByRole('switch', { name: 'Hide models that cost money' }).click()
    await expect(providers.details()).toContainText('1, 0 loaded')
    await window.goTo('Models')
    await expect(inventory.row('Gift model')).toBeVisible()
    await expect(inventory.row('Paid model')).toBeHidden()
    const paid = { model: 'openrouter/some/paid', messages: [{ role: 'user', content: 'hello' }], maxTokens: 9 }
    expect((await host.api('POST', '/api/v1/models/chat', paid)).status).toBe(404)
  })
  await remote.close()
})

test('a load offers what its provider takes, and says where the rest is set; instances of one model are told apart', async ({
  berth,
  host,
}) => {
  const lmStudio = await startLmStudioServer({ models: [{ key: 'someone/qwen3', name: 'Qwen3', maxContext: 40_960 }] })
  await connect(host, 'lmstudio', 'LM Studio', lmStudio.url)
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)
  await inventory.choose('Qwen3', 'Load with…')
  const dialog = inventory.dialog()
  await expect(dialog.getByRole('textbox', { name: 'Batch size' })).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Threads' })).toHaveCount(0)
  await expect(dialog.getByRole('region', { name: 'Load options it does not take' })).toContainText(
    /Threads\s*LM Studio takes the number of threads from its own settings/,
  )
  await dialog.getByRole('textbox', { name: 'Context length in tokens' }).fill('8192')
  await expect(dialog).toContainText('Changed from the defaults: context 8,192 tokens')
  await inventory.press('Load')
  await window.goTo('Running')
  await expect(inventory.row('Qwen3')).toContainText('8,192 tokens')

  lmStudio.world.load('someone/qwen3', { contextLength: 2048 })
  const second = inventory.row('2,048 tokens')
  await expect(second).toContainText(':2')
  await second.getByRole('button', { name: 'Unload' }).click()
  await expect(second).toBeHidden()
  await expect.poll(() => lmStudio.world.state.instances.map(({ id }) => id)).toEqual(['someone/qwen3'])
  await lmStudio.close()
})

test('a provider that goes down while its model is loaded is told everywhere, and so is its return', async ({
  berth,
  host,
}) => {
  const ollama = await startOllamaServer({ models: [qwen, { name: 'other:1b' }] })
  await connect(host, 'ollama', 'Wackelig', ollama.url)
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)
  await window.press('qwen3:8b', 'Load')
  await inventory.isInState('qwen3:8b', 'loaded')

  await ollama.close()
  await inventory.isInState('qwen3:8b', 'stale')
  await inventory.row('other:1b').click()
  await expect(inventory.details()).toContainText('This is what Wackelig last said')
  await expect(inventory.details()).toContainText(/nothing listens there.*(Next attempt|being tried again)/s)
  await expect(inventory.details()).toContainText('The details could not be read')
  await expect(inventory.details().getByRole('button', { name: 'Check again' })).toBeVisible()
  await window.goTo('Running')
  await inventory.isInState('qwen3:8b', 'stale')

  const again = await startOllamaServer({ port: ollama.port, models: [qwen, { name: 'other:1b' }] })
  await window.goTo('Models')
  await inventory.row('other:1b').click()
  await host.api('POST', '/api/v1/providers/check', { provider: 'ollama' }) // if it was not found to be back already
  await expect(inventory.details()).not.toContainText('last said')
  await expect(inventory.details()).toContainText('/api/show')
  await inventory.isInState('qwen3:8b', 'unloaded') // it was restarted
  await again.close()
})
