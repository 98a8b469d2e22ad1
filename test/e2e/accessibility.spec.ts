import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { startLmStudioServer } from '../support/lmStudioServer.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { openRouterModel, startOpenRouterServer } from '../support/openRouterServer.ts'
import { startVllmServer } from '../support/vllmServer.ts'
import { seriousFaults } from './accessibility.ts'
import { expect, test } from './host.ts'
import { inventoryOf } from './pages/inventory.ts'
import { windowOf } from './pages/window.ts'

const sample = 'Berth sample'

test('no page, dialog or menu has a serious violation', async ({ berth, host, dataDir }) => {
  const window = windowOf(berth)
  /** What opens stands before it is judged, and is gone before the next. */
  const judge = async (name: string, shown: ReturnType<typeof window.row>) => {
    await expect(shown).toBeVisible()
    expect(await seriousFaults(berth), name).toEqual([])
  }
  const close = async (shown: ReturnType<typeof window.row>) => {
    await berth.keyboard.press('Escape')
    await expect(shown).toBeHidden()
  }

  await judge('first start', window.welcome())
  await host.api('POST', '/api/v1/samples', {})
  const folder = join(dataDir, 'mine')
  mkdirSync(folder)
  writeFileSync(join(folder, 'broken.gguf'), 'GGUF, but not really')
  await host.api('POST', '/api/v1/folders', { path: folder })
  await host.api('POST', '/api/v1/models/load', { model: 'embedded/berth-sample' })
  for (const name of ['Models', 'Running', 'Hardware', 'Providers', 'Activity', 'Settings'] as const) {
    await window.goTo(name)
    await judge(name, berth.getByRole('heading', { name, level: 1 }))
  }

  await window.goTo('Running')
  await window.openTryBox(sample)
  await judge('try box', window.message())

  await window.goTo('Models')
  await window.row(sample).click()
  await judge('details', window.details())
  await window.row(sample).click({ button: 'right' })
  const menu = berth.getByRole('menu')
  await judge('menu of a row', menu)
  await close(menu)
  await host.api('POST', '/api/v1/models/unload', { model: 'embedded/berth-sample' })
  const dialog = berth.getByRole('dialog')
  await window.details().getByRole('button', { name: 'Load with…' }).click()
  await judge('load dialog', dialog)
  await close(dialog)
  await berth.getByRole('button', { name: 'Add', exact: true }).click()
  await berth.getByRole('menuitem', { name: 'A folder…' }).click()
  await dialog.getByRole('textbox').fill('/nowhere/at/all')
  await dialog.getByRole('button', { name: 'Add folder' }).click()
  await judge('a refused folder', dialog.getByRole('alert'))
  await close(dialog)
  await berth.getByRole('combobox', { name: 'State' }).click()
  await judge('filter', berth.getByRole('option', { name: 'loaded', exact: true }))
  await berth.keyboard.press('Escape')
  await berth.getByRole('button', { name: /providers answer/ }).click()
  await judge('providers', dialog)
  await close(dialog)
  await berth.keyboard.press('Control+k')
  await judge('palette', berth.getByRole('textbox', { name: 'Find an action or a model' }))
  await berth.keyboard.press('Escape')
  await berth.getByRole('heading', { name: 'Models', level: 1 }).click()
  await berth.keyboard.press('?')
  await judge('keys', dialog)
})

test('no dialog about models of other providers has a serious violation', async ({ berth, host }) => {
  const weights = 'the same'
  const ollama = await startOllamaServer({
    models: [
      { name: 'one:1b', weights },
      { name: 'two:1b', weights },
      { name: 'me/mine:1b' },
      { name: 'mini:l6', embedding: true },
    ],
    registry: [{ name: 'far:1b', layers: [{ digest: `sha256:${'a'.repeat(64)}`, bytes: 4e9 }] }],
  })
  const lmStudio = await startLmStudioServer()
  const remote = await startOpenRouterServer({ models: [openRouterModel('some/one', { name: 'Paid one' })] })
  const vllm = await startVllmServer()
  const connect = (kind: string, address: string, more: object = {}) =>
    host.api('POST', '/api/v1/providers', { kind, name: kind, address, ...more })
  await connect('ollama', ollama.url)
  await connect('lmstudio', lmStudio.url)
  await connect('openrouter', remote.address, { key: remote.key })
  await connect('vllm', vllm.url)
  for (const model of ['ollama/one:1b', 'ollama/mini:l6']) await host.api('POST', '/api/v1/models/load', { model })
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)
  const judge = async (name: string, shown: Locator): Promise<void> => {
    await expect(shown).toBeVisible()
    expect(await seriousFaults(berth), name).toEqual([])
  }
  const dialog = inventory.dialog()
  const alert = dialog.getByRole('alert')

  await inventory.isInState('Paid one', 'available')
  await judge('models with prices', inventory.row('Paid one'))
  await inventory.openAdd('Pull a model…')
  await inventory.field('Model').fill('two words')
  await judge('a name that cannot be', dialog.getByText('has a blank'))
  await inventory.field('Model').fill('nobody:1b')
  await inventory.press('Pull')
  await judge('a failed pull', alert)
  const free = ollama.hold('next line')
  await inventory.field('Model').fill('far:1b')
  await inventory.press('Pull')
  await judge('a pull', dialog.getByRole('region', { name: 'Progress' }))
  await inventory.close()
  free()
  await inventory.openAdd('Create a model…')
  await inventory.field(/^Path of the file/).fill('/nowhere/at/all.gguf')
  await inventory.field(/^New name/).fill('new:1b')
  await inventory.press('Create')
  await judge('a failed creation', alert)
  await inventory.close()
  for (const item of ['Copy…', 'Rename…', 'Remove…', 'Push…'] as const) {
    await inventory.choose('me/mine:1b', item)
    await judge(item, dialog)
    await inventory.close()
  }
  await inventory.choose('mini:l6', 'Try…')
  await inventory.press('Compare')
  await judge('vectors', dialog.getByText(/Cosine similarity/))
  await inventory.close()
  await inventory.choose('tiny', 'Load with…')
  await judge('options that are not taken', dialog.getByRole('region', { name: 'Load options it does not take' }))
  await inventory.close()
  await inventory.row('Qwen/Qwen3-8B').click()
  await judge('details with adapters', inventory.section('LoRA adapters'))
  await inventory.row('one:1b').click()
  await judge('details of equal weights', inventory.section('Also at'))
  await window.goTo('Running')
  await berth.getByRole('button', { name: 'How long one:1b stays loaded' }).click()
  await judge('keep loaded', berth.getByRole('menuitem', { name: 'Keep loaded' }))
  await berth.keyboard.press('Escape')
  await ollama.close()
  await inventory.isInState('one:1b', 'stale')
  await judge('stale', inventory.row('one:1b'))
  await window.goTo('Models')
  await inventory.row('me/mine:1b').click()
  await judge('stale details', inventory.details().getByText('last said'))
  await Promise.all([lmStudio.close(), remote.close(), vllm.close()])
})
