import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { modelsFolder } from './lmStudioPaths.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmstudio-home-'))
})
afterEach(() => rm(home, { recursive: true }))

const settings = async (folder: string, text: string) => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'settings.json'), text)
}

test('without LM Studio there is no folder of models', async () => {
  expect(await modelsFolder(home)).toBeNull()
})

test('the usual folder counts where nothing else was chosen, or what was chosen cannot be read', async () => {
  const usual = join(home, '.lmstudio', 'models')
  await mkdir(usual, { recursive: true })
  expect(await modelsFolder(home)).toBe(usual)
  for (const text of ['{"downloadsFolder":7}', '{"downloadsFolder":"relative"}', '{"downl', '[]', 'null']) {
    await settings(join(home, '.lmstudio'), text)
    expect(await modelsFolder(home)).toBe(usual)
  }
})

test('the folder that was chosen counts, in the home that the pointer names, or the old one', async () => {
  const chosen = (name: string) => JSON.stringify({ downloadsFolder: join(home, name) })
  await settings(join(home, '.lmstudio'), chosen('new'))
  expect(await modelsFolder(home)).toBe(join(home, 'new'))
  await settings(join(home, '.cache', 'lm-studio'), chosen('old'))
  expect(await modelsFolder(home)).toBe(join(home, 'old'))
  await settings(join(home, 'moved'), chosen('pointed'))
  await writeFile(join(home, '.lmstudio-home-pointer'), `${join(home, 'moved')}\n`)
  expect(await modelsFolder(home)).toBe(join(home, 'pointed'))
})
