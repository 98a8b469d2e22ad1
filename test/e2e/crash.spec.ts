import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

const Instances = z.object({ instances: z.array(z.object({ pid: z.number() })) })

test('an engine that is killed while it answers is said to be gone, and loads again', async ({
  berth,
  host,
  dataDir,
}) => {
  mkdirSync(join(dataDir, 'slow'))
  // large enough that an answer takes seconds
  await writeSampleModel(join(dataDir, 'slow', 'slow.gguf'), {
    name: 'Slow one',
    targetBytes: 150_000_000,
    width: 1024,
    vocab: 4096,
  })
  await host.api('POST', '/api/v1/folders', { path: join(dataDir, 'slow') })
  await expect
    .poll(async () => (await host.api('POST', '/api/v1/models/load', { model: 'embedded/slow' })).status)
    .toBe(200)
  const window = windowOf(berth)
  await window.goTo('Running')
  await window.openTryBox('Slow one')
  await window.message().fill('say a lot')
  await berth.getByRole('button', { name: 'Send' }).click()
  await expect(window.answer()).toHaveText(/\w+ \w+/)
  const [instance] = Instances.parse((await host.api('GET', '/api/v1/models/instances')).body).instances
  process.kill(instance?.pid ?? 0, 'SIGKILL')
  await expect(window.tryBox().getByRole('alert')).toContainText(/SIGKILL.*ENGINE_CRASHED/s)
  await expect(window.row('Slow one').first()).toContainText('failed')
  await berth.getByRole('button', { name: 'Load again' }).first().click()
  await expect(window.row('Slow one').first()).toContainText('loaded')
})
