import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

for (const colorScheme of ['dark', 'light'] as const) {
  test(`no page has a serious violation (${colorScheme})`, async ({ berth, host }) => {
    await berth.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const window = windowOf(berth)
    const violations = async (): Promise<string[]> => {
      const { violations: found } = await new AxeBuilder({ page: berth }).analyze()
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    }
    await expect(window.welcome()).toBeVisible()
    expect(await violations(), 'first start').toEqual([])
    await host.api('POST', '/api/v1/samples', {})
    await host.api('POST', '/api/v1/models/load', { model: 'embedded/berth-sample' })
    for (const name of ['Models', 'Running', 'Hardware', 'Activity', 'Settings'] as const) {
      await window.goTo(name)
      await expect(berth.getByRole('heading', { name, level: 1 })).toBeVisible()
      expect(await violations(), name).toEqual([])
    }
    await window.goTo('Running')
    await window.openTryBox('Berth sample')
    await expect(window.message()).toBeVisible()
    expect(await violations(), 'try box').toEqual([])
    await window.goTo('Models')
    await window.row('Berth sample').click()
    await window.row('Berth sample').press('Enter')
    await expect(window.details()).toBeVisible()
    expect(await violations(), 'details').toEqual([])
    await berth.keyboard.press('Control+k')
    await expect(berth.getByPlaceholder(/find|action|model/i).last()).toBeVisible()
    expect(await violations(), 'palette').toEqual([])
  })
}
