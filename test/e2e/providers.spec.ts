import type { Page } from '@playwright/test'
import { startHost } from '../support/headlessHost.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { startOpenAiServer } from '../support/openAiServer.ts'
import { seriousFaults } from './accessibility.ts'
import { expect, test } from './host.ts'
import { providersOf } from './pages/providers.ts'
import { windowOf } from './pages/window.ts'

const canary = 'sk-canary-3f9a1c77e0'

/** Every text that the host sends to this page, from now on. */
const listen = (page: Page): string[] => {
  const frames: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => frames.push(payload.toString()))
  })
  return frames
}

test('a server is tried out, connected, edited, switched off and removed', async ({ berth, host }) => {
  const ollama = await startOllamaServer({ models: [{ name: 'tiny:latest' }, { name: 'other:1b' }] })
  const window = windowOf(berth)
  const providers = providersOf(berth)
  await window.goTo('Providers')

  await test.step('nothing is connected by itself', async () => {
    await expect(providers.found().getByRole('button', { name: 'Search again' })).toBeEnabled()
    await expect(berth.getByRole('row')).toHaveCount(2) // the head and the embedded engine
    expect(ollama.requests).toEqual([])
  })

  await test.step('a wrong address says what is wrong with it', async () => {
    await providers.openConnect()
    await providers.field('Address').fill('http://127.0.0.1:1')
    await providers.press('Test')
    await expect(providers.result()).toContainText(/refused|nothing listens/i)
    await expect(providers.result()).toContainText('PROVIDER_UNREACHABLE')
  })

  await test.step('another kind is recognised and offered', async () => {
    await providers.chooseKind('vLLM')
    await expect(providers.result()).toContainText('Test tries') // what was said of the other kind is gone
    await providers.field('Address').fill(ollama.url)
    await providers.press('Test')
    await expect(providers.result()).toContainText('answers Ollama')
    await providers.dialog().getByRole('button', { name: 'Connect it as Ollama' }).click()
    await providers.press('Test')
    await expect(providers.result()).toContainText(/It works: version 0\.32.*2 models/)
  })

  await test.step('connected, its models are there', async () => {
    await providers.field('Name').fill('Testbank')
    await providers.press('Connect')
    await expect(providers.dialog()).toBeHidden()
    await expect(providers.row('Testbank')).toContainText('reachable')
    await expect(providers.details()).toContainText(ollama.url)
    await expect(berth).toHaveURL(/#\/providers\/ollama$/)
    await window.goTo('Models')
    await expect(window.row('other:1b')).toBeVisible()
  })

  await test.step('the same server twice is refused beside the form, and nothing typed is lost', async () => {
    await window.goTo('Providers')
    await providers.openConnect()
    await providers.field('Address').fill(ollama.url)
    await providers.press('Connect')
    await expect(providers.dialog().getByRole('alert')).toContainText('PROVIDER_EXISTS')
    await expect(providers.field('Address')).toHaveValue(ollama.url)
    await providers.press('Cancel')
    await expect(providers.dialog()).toBeHidden()
  })

  await test.step('edited', async () => {
    await providers.row('Testbank').click()
    await providers.details().getByRole('button', { name: 'Edit…' }).click()
    await providers.field('Name').fill('Werkbank')
    await providers.press('Save')
    await expect(providers.row('Werkbank')).toContainText('reachable')
  })

  await test.step('switched off and on', async () => {
    await providers.details().getByRole('button', { name: 'Switch off' }).click()
    await expect(providers.row('Werkbank')).toContainText('off')
    await providers.details().getByRole('button', { name: 'Switch on' }).click()
    await expect(providers.row('Werkbank')).toContainText('reachable')
  })

  await test.step('removed, after it was said what is lost', async () => {
    await providers.details().getByRole('button', { name: 'Remove…' }).click()
    await expect(providers.dialog()).toContainText('2 models leave the list')
    await providers.press('Remove provider')
    await expect(providers.row('Werkbank')).toBeHidden()
    await expect(providers.details()).toContainText('There is no provider of this name')
    await expect(providers.dialog()).toBeHidden() // while it closes, Esc is meant for it
    await berth.keyboard.press('Escape')
    await expect(providers.details()).toBeHidden()
    expect(JSON.stringify((await host.api('GET', '/api/v1/models')).body)).not.toContain('other:1b')
  })
  await ollama.close()
})

test('what was found is offered, and connected by a click', async ({ dataDir, page }) => {
  const ollama = await startOllamaServer()
  const host = await startHost(dataDir, { OLLAMA_HOST: ollama.url })
  const window = windowOf(page)
  const providers = providersOf(page)
  await page.goto(await host.link())
  await expect(window.welcome()).toBeVisible()
  await expect(page.getByRole('heading', { name: /already running: found [1-9]/ })).toBeVisible()
  await expect(providers.foundAt(ollama.url)).toContainText('OLLAMA_HOST')

  await window.goTo('Providers')
  await expect(providers.foundAt(ollama.url)).toContainText('answers')
  await expect(providers.row(ollama.url.slice('http://'.length))).toBeHidden()
  await providers.foundAt(ollama.url).getByRole('button', { name: 'Connect' }).click()
  await expect(providers.row(ollama.url.slice('http://'.length))).toContainText('reachable')
  await expect(providers.foundAt(ollama.url)).toBeHidden()
  await host.stop()
  await ollama.close()
})

test('a key that stands in the environment is used unless the person says no', async ({ dataDir, page }) => {
  const server = await startOpenAiServer()
  const address = `${server.url}/v1`
  const host = await startHost(dataDir, { OPENAI_BASE_URL: address, OPENAI_API_KEY: canary })
  const window = windowOf(page)
  const providers = providersOf(page)
  await page.goto(await host.link())
  await window.goTo('Providers')
  const offer = providers.foundAt(address)
  await expect(offer.getByRole('checkbox', { name: 'Use the key in OPENAI_API_KEY' })).toBeChecked()
  await offer.getByRole('button', { name: 'Connect' }).click()
  await expect(providers.row(address.slice('http://'.length))).toContainText('reachable')
  await providers.row(address.slice('http://'.length)).click()
  await expect(providers.details()).toContainText('Read from OPENAI_API_KEY in the environment')
  expect(await page.content()).not.toContain(canary)
  expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${canary}`)
  await host.stop()
  await server.close()
})

test('keys under a passphrase are locked after a restart, and unlocked where they are needed', async ({
  berth,
  host,
  restart,
}) => {
  const server = await startOpenAiServer({ key: canary })
  await host.api('POST', '/api/v1/secrets/unlock', { passphrase: 'a long passphrase' })
  await host.api('POST', '/api/v1/providers', { kind: 'openai', name: 'Locked one', address: server.url, key: canary })
  await restart()
  const window = windowOf(berth)
  const providers = providersOf(berth)
  await window.goTo('Providers')
  await providers.row('Locked one').click()
  await expect(providers.details()).toContainText('A key is stored and locked')

  const form = providers.details().getByRole('form', { name: 'Unlock the keys' })
  await form.getByLabel('Passphrase').fill('another passphrase')
  await form.getByRole('button', { name: 'Unlock' }).click()
  await expect(form.getByRole('alert')).toContainText('PASSPHRASE_WRONG')
  await form.getByLabel('Passphrase').fill('a long passphrase')
  await form.getByRole('button', { name: 'Unlock' }).click()
  await expect(providers.details()).toContainText('encrypted under your passphrase')
  await providers.details().getByRole('button', { name: 'Check again' }).click()
  await expect(providers.row('Locked one')).not.toContainText('not reachable')
  await server.close()
})

test('a key goes in once and never comes back', async ({ berth }) => {
  const server = await startOpenAiServer({ key: canary, models: ['tiny'] })
  const frames = listen(berth)
  await berth.reload()
  const window = windowOf(berth)
  const providers = providersOf(berth)
  await window.goTo('Providers')
  await providers.openConnect()
  await providers.chooseKind('OpenAI-compatible')
  await providers.field('Address').fill(server.url)
  await expect(providers.key()).toHaveAttribute('autocomplete', 'off')

  await test.step('without it, and with a wrong one, the test says so', async () => {
    await providers.press('Test')
    await expect(providers.result()).toContainText('PROVIDER_KEY_REJECTED')
    await providers.key().fill('sk-wrong')
    await providers.press('Test')
    await expect(providers.result()).toContainText('PROVIDER_KEY_REJECTED')
  })

  await test.step('with it, it works', async () => {
    await providers.key().fill(canary)
    await providers.press('Test')
    await expect(providers.result()).toContainText('It works')
    await providers.press('Connect')
    await expect(providers.dialog()).toBeHidden()
    await expect(providers.row('OpenAI-compatible')).toContainText('reachable')
    await expect(providers.details()).toContainText('Kept in memory until Berth ends')
  })

  await test.step('another origin drops it, and says so before', async () => {
    await providers.details().getByRole('button', { name: 'Edit…' }).click()
    await expect(providers.key()).toHaveValue('')
    await providers.field('Address').fill('http://127.0.0.1:2')
    await expect(providers.dialog()).toContainText('the key is dropped')
    await providers.press('Save')
    await expect(providers.dialog()).toBeHidden()
    await expect(providers.details()).toContainText('No key is stored')
  })

  await test.step('it is nowhere in the page and in nothing that came to it', async () => {
    expect(frames.length).toBeGreaterThan(10)
    expect(frames.filter((frame) => frame.includes(canary))).toEqual([])
    expect(await berth.content()).not.toContain(canary)
    const stored = await berth.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
    expect(stored).not.toContain(canary)
  })
  await server.close()
})

test('a server that goes away says why and when it is asked again, and comes back', async ({ berth, host }) => {
  const ollama = await startOllamaServer()
  await host.api('POST', '/api/v1/providers', { kind: 'ollama', name: 'Wackelkandidat', address: ollama.url })
  const window = windowOf(berth)
  const providers = providersOf(berth)
  await window.goTo('Providers')
  await expect(providers.row('Wackelkandidat')).toContainText('reachable')

  await ollama.close()
  await expect(providers.row('Wackelkandidat')).toContainText('not reachable')
  await expect(providers.row('Wackelkandidat')).toContainText(/nothing listens.*(Next attempt in|being tried again)/i)
  await window.goTo('Models')
  await expect(window.row('tiny')).toContainText('stale') // its last word stays

  const again = await startOllamaServer({ port: ollama.port })
  await window.goTo('Providers')
  await providers.row('Wackelkandidat').hover()
  await providers.row('Wackelkandidat').getByRole('button', { name: 'Check Wackelkandidat again' }).click()
  await expect(providers.row('Wackelkandidat')).not.toContainText('not reachable')
  await window.goTo('Models')
  await expect(window.row('tiny')).not.toContainText('stale')
  await again.close()
})

test('the page and its dialogs have no serious violation', async ({ berth, host }) => {
  const ollama = await startOllamaServer()
  await host.api('POST', '/api/v1/providers', { kind: 'ollama', name: 'A server', address: ollama.url })
  await host.api('POST', '/api/v1/providers', {
    kind: 'openai',
    name: 'Down',
    address: 'http://127.0.0.1:2',
    key: 'k',
  })
  const window = windowOf(berth)
  const providers = providersOf(berth)
  const judge = async (name: string): Promise<void> => expect(await seriousFaults(berth), name).toEqual([])
  const close = async (): Promise<void> => {
    await berth.keyboard.press('Escape')
    await expect(providers.dialog()).toBeHidden()
  }

  await window.goTo('Providers')
  await expect(providers.row('Down')).toContainText('not reachable')
  await judge('list')
  await providers.row('Down').click()
  await expect(providers.details()).toContainText('What it cannot do')
  await judge('details')
  await providers.details().getByRole('button', { name: 'Replace key…' }).click()
  await expect(providers.dialog()).toBeVisible()
  await judge('key')
  await close()
  await providers.details().getByRole('button', { name: 'Remove…' }).click()
  await expect(providers.dialog()).toBeVisible()
  await judge('remove')
  await close()
  await providers.details().getByRole('button', { name: 'Edit…' }).click()
  await expect(providers.dialog()).toBeVisible()
  await judge('edit')
  await providers.press('Test')
  await expect(providers.result()).toContainText('PROVIDER_UNREACHABLE')
  await judge('a failed test')
  await close()
  await providers.row('A server').click({ button: 'right' })
  await expect(berth.getByRole('menu')).toBeVisible()
  await judge('menu')
  await berth.keyboard.press('Escape')
  await window.goTo('Settings')
  await expect(berth.getByRole('form', { name: 'Choose a passphrase' })).toBeVisible()
  await judge('settings')
  await ollama.close()
})

test('keys are stored under a passphrase, and hosts of the network are added and removed', async ({ berth, host }) => {
  const window = windowOf(berth)
  await window.goTo('Settings')
  const form = berth.getByRole('form', { name: 'Choose a passphrase' })
  const store = form.getByRole('button', { name: 'Store keys under it' })
  await form.getByLabel(/^New passphrase/).fill('a long passphrase')
  await form.getByLabel('Once more').fill('a long passphrasE')
  await expect(store).toBeDisabled()
  await form.getByLabel('Once more').fill('a long passphrase')
  await store.click()
  await expect(form).toBeHidden()
  await expect(berth.getByRole('region', { name: 'Keys' })).toContainText('encrypted under your passphrase')
  expect((await host.api('GET', '/api/v1/secrets')).body).toMatchObject({ protection: 'passphrase' })

  const lan = berth.getByRole('region', { name: 'Local network' })
  await lan.getByRole('textbox').fill('http://box:1234')
  await lan.getByRole('button', { name: 'Add host' }).click()
  await expect(lan.getByRole('alert')).toContainText('without a port')
  await lan.getByRole('textbox').fill('gpu-box.invalid')
  await lan.getByRole('button', { name: 'Add host' }).click()
  await expect(lan.getByRole('listitem')).toContainText('gpu-box.invalid')
  await lan.getByRole('button', { name: 'Remove gpu-box.invalid' }).click()
  await expect(lan.getByRole('listitem')).toHaveCount(0)
})
