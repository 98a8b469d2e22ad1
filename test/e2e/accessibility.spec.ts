import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

const sample = 'Berth sample'

for (const colorScheme of ['dark', 'light'] as const) {
  test(`no page, dialog or menu has a serious violation (${colorScheme})`, async ({ berth, host, dataDir }) => {
    await berth.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(berth.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    const window = windowOf(berth)
    const violations = async (): Promise<string[]> => {
      const { violations: found } = await new AxeBuilder({ page: berth }).analyze()
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    }
    /** What opens stands before it is judged, and is gone before the next. */
    const judge = async (name: string, shown: ReturnType<typeof window.row>) => {
      await expect(shown).toBeVisible()
      expect(await violations(), name).toEqual([])
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
}
