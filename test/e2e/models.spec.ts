import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { expect, test } from './host.ts'
import { windowOf } from './pages/window.ts'

test('the list keeps its search and its selected rows when one of them is opened', async ({ berth, host, dataDir }) => {
  const folder = join(dataDir, 'models')
  mkdirSync(folder)
  for (const name of ['Ash one', 'Ash two', 'Ash three', 'Birch'])
    await writeSampleModel(join(folder, `${name.toLowerCase().replace(' ', '-')}.gguf`), { name })
  await host.api('POST', '/api/v1/folders', { path: folder })
  const window = windowOf(berth)
  const search = berth.getByRole('searchbox', { name: 'Search models' })
  await expect(berth.getByText('4 models')).toBeVisible() // they come as they are found

  await search.fill('ash')
  await expect(window.row('Birch')).toBeHidden()
  await window.row('Ash one').click()
  await expect(window.details()).toBeVisible()
  await expect(search).toHaveValue('ash')

  await window.row('Ash two').click({ modifiers: ['Shift'] })
  await expect(berth.getByText('3 selected')).toBeVisible() // one, three and two in the order of names
  expect(await berth.evaluate(() => getSelection()?.toString())).toBe('')
  await berth.keyboard.press('Escape')
  await expect(window.details()).toBeHidden()

  await berth.keyboard.press('Shift+F10')
  await expect(berth.getByRole('menu')).toHaveAccessibleName('Actions of Ash two')
  await expect(berth.getByRole('menuitem', { name: /^Load ?L$/ })).toBeFocused()
  await berth.keyboard.press('Escape')
  await expect(berth.getByRole('menu')).toBeHidden()
  await expect(berth.getByText('3 selected')).toBeVisible()
  await expect(search).toHaveValue('ash')
})
