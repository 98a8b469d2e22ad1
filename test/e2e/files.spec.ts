import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { seriousFaults } from './accessibility.ts'
import { expect, test } from './host.ts'
import { filesOf } from './pages/files.ts'
import { windowOf } from './pages/window.ts'

/** What people really drop: a good model, one that was cut off, and a page that was saved as one. */
const fillFolder = async (folder: string): Promise<void> => {
  mkdirSync(folder)
  await writeSampleModel(join(folder, 'good.gguf'), { name: 'Good one' })
  const good = readFileSync(join(folder, 'good.gguf'))
  writeFileSync(join(folder, 'cut-off.gguf'), good.subarray(0, Math.floor(good.length / 2)))
  writeFileSync(join(folder, 'page.gguf'), '<!DOCTYPE html><html><body>Not found</body></html>')
}

test('a folder is validated, its reports are read, and what is said of a file survives a restart', async ({
  berth,
  host,
  dataDir,
  restart,
}) => {
  const folder = join(dataDir, 'mine')
  await fillFolder(folder)
  const window = windowOf(berth)
  const files = filesOf(berth)

  await test.step('the empty page says what it is for', async () => {
    await window.goTo('Files')
    await expect(berth.getByText('No file was looked into yet')).toBeVisible()
  })

  await test.step('every file of the folder gets a verdict', async () => {
    await files.validateFolder(folder, 'Validate once')
    await expect(files.row('good.gguf')).toContainText('passed')
    await expect(files.row('cut-off.gguf')).toContainText('broken')
    await expect(files.row('page.gguf')).toContainText('web page')
    await expect(berth.getByRole('button', { name: /mine/ })).toContainText('3 files')
  })

  await test.step('filter by verdict', async () => {
    await files.filterByVerdict('passed')
    await expect(files.row('cut-off.gguf')).toBeHidden()
    await expect(files.row('good.gguf')).toBeVisible()
    await files.clearVerdict()
    await expect(files.row('cut-off.gguf')).toBeVisible()
  })

  await test.step('a report says what is wrong and where', async () => {
    await files.row('cut-off.gguf').click()
    await expect(files.report()).toContainText('Current runtimes refuse it')
    await expect(
      files
        .report()
        .getByText(/bytes are missing/)
        .first(),
    ).toBeVisible()
  })

  await test.step('a report says what the file is, tensor by tensor', async () => {
    await files.row('good.gguf').click()
    await expect(files.report()).toContainText('No check found anything wrong.')
    await expect(files.report()).toContainText('Good one')
    await expect(files.report()).toContainText('quick identity, not proof')
    await files.unfold(/^Chat template/)
    await expect(files.report()).toContainText('add_generation_prompt')
    await files.report().getByRole('button', { name: 'Table of tensors' }).click()
    await files.dialog().getByRole('searchbox').fill('token_embd')
    await expect(files.dialog().getByRole('row')).toHaveCount(2) // the head and one tensor
    await files.dialog().getByRole('tab', { name: 'Map by layer' }).click()
    await expect(files.dialog().getByRole('figure')).toBeVisible()
    await berth.keyboard.press('Escape')
    await expect(files.dialog()).toBeHidden()
  })

  await test.step('labels are saved, and tags can be taken back', async () => {
    await files.addTag('keep')
    await expect(files.tags()).toHaveText(['keep'])
    const told = berth.getByRole('alert').filter({ hasText: 'Tags of 1 file changed.' })
    await told.getByRole('button', { name: 'Close' }).click()
    await expect(told).toBeHidden() // the next one to come is of the next tag
    await files.addTag('wrong')
    await expect(files.tags()).toHaveText(['keep', 'wrong'])
    await told.getByRole('button', { name: 'Undo' }).click()
    await expect(files.tags()).toHaveText(['keep'])
    const notes = files.report().getByRole('textbox', { name: 'Notes' })
    await notes.fill('the one for the train')
    await notes.blur()
    await expect.poll(async () => JSON.stringify((await host.api('GET', '/api/v1/files')).body)).toContain('the train')
  })

  await test.step('a restart keeps rows, reports and labels', async () => {
    await restart()
    await window.goTo('Files')
    await expect(files.row('cut-off.gguf')).toContainText('broken')
    await files.row('good.gguf').click()
    await expect(files.tags()).toHaveText(['keep'])
    await expect(files.report().getByRole('textbox', { name: 'Notes' })).toHaveValue('the one for the train')
  })
})

test('one file by its path: the report opens, goes on as a document, and compares with another', async ({
  berth,
  dataDir,
}) => {
  const folder = join(dataDir, 'mine')
  await fillFolder(folder)
  await writeSampleModel(join(folder, 'other.gguf'), { name: 'Another one', layers: 2 })
  const window = windowOf(berth)
  const files = filesOf(berth)
  await window.goTo('Files')

  await files.validateFile(join(folder, 'nowhere.gguf'))
  await expect(files.report().getByRole('alert')).toContainText('PATH_UNUSABLE')
  await files.validateFile(join(folder, 'good.gguf'))
  await expect(files.report()).toContainText('passed')
  await expect(berth).toHaveURL(/good\.gguf$/)
  await files.validateFile(join(folder, 'other.gguf'))
  await expect(files.report()).toContainText('Another one')

  await files.report().getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    berth.waitForEvent('download'),
    berth.getByRole('menuitem', { name: /JSON/ }).click(),
  ])
  expect(download.suggestedFilename()).toBe('other.gguf.report.json')
  expect(readFileSync(await download.path(), 'utf8')).toContain('"verdict": "ok"')

  await files.row('good.gguf').click()
  await files.row('other.gguf').click({ modifiers: ['Control'] })
  await expect(berth.getByText(/^2 selected, /)).toBeVisible()
  await berth.getByRole('button', { name: 'Compare' }).click()
  await expect(files.dialog()).toContainText('Another one')
  await expect(files.dialog()).toContainText(/Tensors: \d+ the same, .*only on the left/)
  await berth.keyboard.press('Escape')

  await berth.getByRole('button', { name: 'Forget', exact: true }).click()
  await expect(files.row('good.gguf')).toBeHidden()
  await berth.getByRole('button', { name: 'Undo' }).click()
  await expect(files.row('good.gguf')).toBeVisible()
})

test('a dropped folder is offered for one look or for the library, and the browser says what it cannot know', async ({
  berth,
  dataDir,
}) => {
  const folder = join(dataDir, 'mine')
  await fillFolder(folder)
  const files = filesOf(berth)
  const hovering = await files.dragOver([folder], 'Validate this file or folder')
  await hovering.drop()
  await expect(files.dialog()).toContainText('You dropped mine. A browser does not tell where that lies')
  await files.dialog().getByRole('textbox').fill(folder)
  await files.dialog().getByRole('button', { name: 'Add to the library' }).click()
  await expect(files.dialog()).toBeHidden()
  await expect(files.row('cut-off.gguf')).toContainText('broken')
  await expect(berth.getByRole('button', { name: /^mine/ })).toContainText('3 files')
})

test('the Files page, a report and its dialogs have no serious violation', async ({ berth, host, dataDir }) => {
  const folder = join(dataDir, 'mine')
  await fillFolder(folder)
  const window = windowOf(berth)
  const files = filesOf(berth)
  await window.goTo('Files')
  await expect(berth.getByText('No file was looked into yet')).toBeVisible()
  expect(await seriousFaults(berth), 'empty').toEqual([])

  await host.api('POST', '/api/v1/files/batch', { path: folder })
  await expect(files.row('good.gguf')).toContainText('passed')
  await expect(files.row('page.gguf')).toContainText('broken')
  await files.row('cut-off.gguf').click()
  await files.report().getByText('Evidence').first().click()
  expect(await seriousFaults(berth), 'a broken file').toEqual([])
  await files.row('good.gguf').click()
  await files.unfold(/^Chat template/)
  await files.unfold(/^Keys and values/)
  expect(await seriousFaults(berth), 'a good file').toEqual([])

  await files.report().getByRole('button', { name: 'Table of tensors' }).click()
  await expect(files.dialog().getByRole('grid')).toBeVisible()
  expect(await seriousFaults(berth), 'tensor table').toEqual([])
  await files.dialog().getByRole('tab', { name: 'Map by layer' }).click()
  await expect(files.dialog().getByRole('figure')).toBeVisible()
  expect(await seriousFaults(berth), 'tensor map').toEqual([])
  await berth.keyboard.press('Escape')
  await expect(files.dialog()).toBeHidden()

  await files.report().getByRole('button', { name: 'More', exact: true }).click()
  await expect(berth.getByRole('menu')).toBeVisible()
  expect(await seriousFaults(berth), 'menu').toEqual([])
  await berth.getByRole('menuitem', { name: /Write a copy/ }).click()
  await expect(files.dialog()).toBeVisible()
  expect(await seriousFaults(berth), 'write a copy').toEqual([])
  await berth.keyboard.press('Escape')
  await expect(files.dialog()).toBeHidden()

  await files.row('page.gguf').click({ modifiers: ['Control'] })
  await berth.getByRole('button', { name: 'Tag…' }).click()
  await expect(files.dialog()).toBeVisible()
  expect(await seriousFaults(berth), 'tags').toEqual([])
})
