import type { WebSocketRoute } from '@playwright/test'
import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

test('a fallen connection is said and made again, and no promise is left without an end', async ({ page, host }) => {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const sockets: WebSocketRoute[] = []
  await page.routeWebSocket(/\/rpc\?/, (socket) => {
    sockets.push(socket)
    socket.connectToServer()
  })
  const window = windowOf(page)
  await page.goto(await host.link())
  await expect(window.welcome()).toBeVisible()
  await host.api('POST', '/api/v1/samples', {})
  await host.api('POST', '/api/v1/models/load', { model: 'embedded/berth-sample' })
  await window.goTo('Hardware')
  await expect(page.getByRole('figure', { name: /^Memory/ }).first()).toBeVisible()

  await test.step('the socket falls: what changed meanwhile is there afterwards', async () => {
    await sockets[0]?.close({ code: 1001 })
    await host.api('POST', '/api/v1/models/unload', { model: 'embedded/berth-sample' })
    await expect.poll(() => sockets.length).toBeGreaterThan(1)
    await window.goTo('Models')
    await window.row('Berth sample').click()
    await expect(window.row('Berth sample')).toContainText('unloaded')
    await expect(page.getByText('Connection lost')).toBeHidden()
  })

  await test.step('Berth ends: the page keeps what it knows and says so', async () => {
    await window.goTo('Hardware')
    process.kill(host.pid, 'SIGKILL')
    await expect(page.getByText('Connection lost')).toBeVisible()
    await window.goTo('Models')
    await window.row('Berth sample').click()
    await expect(window.details()).toContainText('The connection to Berth is lost.')
    await window.goTo('Activity') // never fetched before
    await expect(page.getByRole('alert')).toContainText('This page cannot be shown')
    await window.goTo('Models')
    await expect(window.row('Berth sample')).toBeVisible()
  })
  expect(faults).toEqual([])
})
