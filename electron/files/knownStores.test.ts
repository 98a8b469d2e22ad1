import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { findKnownStores } from './knownStores.ts'

const found = async (home: string, env: Record<string, string> = {}, platform: NodeJS.Platform = 'linux') =>
  (await findKnownStores({ platform, home, env }))
    .filter(({ path }) => path.startsWith(home))
    .map(({ name, path }) => `${name}: ${path.slice(home.length + 1)}`)

const make = (...parts: string[]): string => {
  const path = join(...parts)
  mkdirSync(path, { recursive: true })
  return path
}

describe('stores of other programs', () => {
  it('nothing is found where nothing is', async () => {
    expect(await found(tempDir())).toEqual([])
  })

  it('finds those that are there, at their usual places on Linux', async () => {
    const home = tempDir()
    make(home, '.ollama', 'models')
    make(home, '.cache', 'huggingface', 'hub')
    make(home, '.lmstudio', 'models')
    expect(await found(home)).toEqual([
      'Ollama: .ollama/models',
      'Hugging Face: .cache/huggingface/hub',
      'LM Studio: .lmstudio/models',
    ])
  })

  it('follows the environment, as the programs themselves do', async () => {
    const home = tempDir()
    make(home, 'elsewhere', 'hub')
    const models = make(home, 'ollama')
    expect(await found(home, { HF_HOME: join(home, 'elsewhere'), OLLAMA_MODELS: models })).toEqual([
      'Ollama: ollama',
      'Hugging Face: elsewhere/hub',
    ])
  })

  it('follows where LM Studio and Stability Matrix were told to keep models', async () => {
    const home = tempDir()
    const own = make(home, 'lms')
    const disk = make(home, 'disk')
    const library = make(home, 'sm')
    make(library, 'Models')
    writeFileSync(join(home, '.lmstudio-home-pointer'), `${own}\n`)
    writeFileSync(join(own, 'settings.json'), JSON.stringify({ downloadsFolder: disk }))
    writeFileSync(
      join(make(home, '.config', 'StabilityMatrix'), 'library.json'),
      JSON.stringify({ LibraryPath: library }),
    )
    expect(await found(home)).toEqual(['LM Studio: disk', 'Stability Matrix: sm/Models'])
  })

  it('settings that are not what they should be name no folder', async () => {
    const home = tempDir()
    make(home, '.lmstudio', 'models')
    writeFileSync(join(home, '.lmstudio', 'settings.json'), '{"downloadsFolder": "relative"')
    expect(await found(home)).toEqual(['LM Studio: .lmstudio/models'])
  })

  it('a file with the name of a store is none', async () => {
    const home = tempDir()
    make(home, '.ollama')
    writeFileSync(join(home, '.ollama', 'models'), '')
    expect(await found(home)).toEqual([])
  })
})
