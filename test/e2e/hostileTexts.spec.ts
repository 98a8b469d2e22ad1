import type { Page } from '@playwright/test'
import type { Host } from '../support/headlessHost.ts'
import { hostileTexts } from '../support/hostileTexts.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { sendError, sendJson, startLyingServer, startOpenAiServer } from '../support/openAiServer.ts'
import { openRouterModel, startOpenRouterServer } from '../support/openRouterServer.ts'
import { expect, test } from './host.ts'
import { inventoryOf } from './pages/inventory.ts'
import { providersOf } from './pages/providers.ts'
import { windowOf } from './pages/window.ts'

// the rules of the page would stop a script too: here it is the page itself that is looked at
test.use({ bypassCSP: true })

const connect = async (host: Host, kind: string, name: string, address: string, more: object = {}): Promise<void> => {
  const { status } = await host.api('POST', '/api/v1/providers', { kind, name, address, ...more })
  expect(status).toBe(200)
}

/** Everything that must not happen, from now on. */
const watch = async (page: Page, host: Host) => {
  const happened: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${host.address}/assets/`)) happened.push(`request ${request.url()}`)
  })
  page.on('dialog', (dialog) => happened.push(`dialog ${dialog.message()}`))
  page.on('popup', (popup) => happened.push(`window ${popup.url()}`))
  await page.evaluate(() =>
    Object.assign(window, { hostileCount: 0, hostileRan: () => Object.assign(window, { hostileCount: 1 }) }),
  )
  const frame = await page.getByRole('navigation', { name: 'Pages' }).boundingBox()
  /** Nothing ran, nothing was fetched, nothing of a text became a part of the page, and the page has its form. */
  return async (where: string): Promise<void> => {
    const found = await page.evaluate(() => ({
      ran: Reflect.get(window, 'hostileCount'),
      handlers: [...document.querySelectorAll('*')].filter(({ attributes }) =>
        [...attributes].some(({ name, value }) => name.startsWith('on') || /^\s*javascript:/i.test(value)),
      ).length,
      foreign: document.querySelectorAll('iframe, object, base, video, math, animate, [http-equiv], [action]').length,
      fetched: document.querySelectorAll('[src*="hostile.invalid"], [href*="hostile.invalid"]').length,
      wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }))
    expect(found, where).toEqual({ ran: 0, handlers: 0, foreign: 0, fetched: 0, wider: 0 })
    expect(happened, where).toEqual([])
    expect(await page.getByRole('navigation', { name: 'Pages' }).boundingBox(), where).toEqual(frame)
  }
}

/** The texts of one column, from the first row to the last. */
const readRows = async (page: Page, table: string, cell: string): Promise<Set<string>> => {
  const grid = page.getByRole('grid', { name: table })
  const seen = new Set<string>()
  const height = await grid.evaluate((element) => element.scrollHeight)
  for (let top = 0; top < height; top += 300) {
    await grid.evaluate((element, to) => element.scrollTo(0, to), top)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    for (const text of await grid.locator(cell).allTextContents()) seen.add(text)
  }
  return seen
}
/** Goes there and waits for the whole of it; what is looked at with every frame is not waited for between looks. */
const showDetails = async (page: Page, id: string, name: string): Promise<void> => {
  await page.evaluate((to) => Object.assign(location, { hash: `/models/${encodeURIComponent(to)}` }), id)
  await page.waitForFunction((expected) => {
    const details = document.querySelector('aside[aria-label="Model details"]')
    const heading = details?.querySelector('h2')?.textContent
    return heading?.replaceAll(/\s+/g, ' ').trim() === expected && details?.textContent.includes('Description')
  }, name)
}
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

test('200 hostile texts are names, descriptions, slugs and answers, and none does anything', async ({
  berth,
  host,
}) => {
  expect(new Set(hostileTexts).size).toBe(200)
  const models = hostileTexts.map((text, index) =>
    openRouterModel(`evil/model-${index}`, {
      name: text,
      description: `${text} ${text}`,
      canonical_slug: text,
      hugging_face_id: text,
      architecture: { modality: 'text->text', tokenizer: text, instruct_type: text },
    }),
  )
  const remote = await startOpenRouterServer({ models })
  remote.state.answer = [...hostileTexts]
  const server = await startOpenAiServer({ models: hostileTexts.map((id) => ({ id, owned_by: id })) })
  await connect(host, 'openrouter', hostileTexts[0] ?? '', remote.address, { key: remote.key })
  const window = windowOf(berth)
  const inventory = inventoryOf(berth)
  await expect(berth.getByText('200 models')).toBeVisible()
  const isCalm = await watch(berth, host)

  await test.step('names', async () => {
    const names = new Set([...(await readRows(berth, 'Models', '[role="gridcell"]:first-child'))].map(oneLine))
    for (const text of hostileTexts) expect(names).toContain(oneLine(text))
    await isCalm('names')
    const heights = await inventory.rows().evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height))
    expect(new Set(heights)).toEqual(new Set([36]))
  })

  await test.step('details', async () => {
    for (const [index, text] of hostileTexts.entries())
      await showDetails(berth, `openrouter/evil/model-${index}`, oneLine(text).trim())
    await isCalm('details')
  })

  await test.step('an answer', async () => {
    await inventory.search('evil/model-0')
    await inventory.choose('<script>', 'Try…')
    await inventory.press('Send')
    await expect(window.answer()).toContainText(hostileTexts.at(-1) ?? '')
    expect(await window.answer().textContent()).toBe(hostileTexts.join(''))
    await isCalm('answer')
    await inventory.close()
  })

  await test.step('ids of models', async () => {
    await connect(host, 'openai', 'Plain', server.url)
    await inventory.search('')
    await window.goTo('Providers')
    await window.goTo('Models')
    await expect(berth.getByText(/^[34]\d\d models/)).toBeVisible()
    await readRows(berth, 'Models', '[role="gridcell"]:first-child')
    await isCalm('ids')
  })
  await Promise.all([remote.close(), server.close()])
})

test('200 hostile texts are errors and versions, and none does anything', async ({ berth, host }) => {
  const ollama = await startOllamaServer()
  const said = { version: '1', fault: null as string | null }
  const server = await startLyingServer({
    routes: {
      'GET /v1/models': (_, response) =>
        said.fault === null
          ? sendJson(response, { data: [{ id: 'm', owned_by: 'vllm', object: 'model' }] })
          : sendError(response, 409, said.fault), // not one that is tried again
      'GET /version': (_, response) => sendJson(response, { version: said.version }),
      'GET /health': (_, response) => void response.writeHead(200).end(),
    },
  })
  await connect(host, 'ollama', 'Ollama', ollama.url)
  await connect(host, 'vllm', 'Liar', server.url)
  const window = windowOf(berth)
  const providers = providersOf(berth)
  const isCalm = await watch(berth, host)
  const pulls = () => ollama.requests.filter(({ path }) => path === '/api/pull').length
  const check = () => host.api('POST', '/api/v1/providers/check', { provider: 'vllm' })

  await test.step('versions', async () => {
    await window.goTo('Providers')
    await providers.row('Liar').click()
    for (const text of hostileTexts) {
      said.version = text.slice(0, 100)
      await check()
    }
    await expect(providers.details()).toContainText(said.version)
    await isCalm('versions')
  })

  await test.step('why a server does not work', async () => {
    for (const text of hostileTexts) {
      said.fault = text
      await check()
    }
    await expect(providers.details().getByRole('alert')).toContainText(said.fault ?? '')
    await isCalm('faults')
  })

  await test.step('why pulls failed', async () => {
    for (const [index, error] of hostileTexts.entries()) {
      ollama.behaviour['/api/pull'] = { lines: [JSON.stringify({ status: error }), JSON.stringify({ error })] }
      await host.api('POST', '/api/v1/models/pull', { model: `ollama/m${index}:1b` })
      await expect.poll(pulls, { intervals: [20] }).toBe(index + 1)
    }
    await window.goTo('Activity')
    await expect(window.row('Pull ollama/m199:1b')).toContainText('failed')
    const notes = [...(await readRows(berth, 'Jobs, newest first', '[role="gridcell"]:nth-child(3)'))].map(oneLine)
    const told = hostileTexts.filter((text) => notes.some((note) => note.includes(oneLine(text).trim())))
    expect(told.length).toBeGreaterThan(150) // as many as the list keeps
    await isCalm('errors')
  })
  await Promise.all([ollama.close(), server.close()])
})
