import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../test/support/tempDir.ts'
import { openFileSource } from '../formats/byteSource.ts'
import { readGguf } from '../formats/gguf/readGguf.ts'
import { type MetadataChanges, writeCopy } from './writeCopy.ts'

const path = fileURLToPath(new URL('../../../test/fixtures/gguf/llama-q5_0.gguf', import.meta.url))
const never = new AbortController().signal

const write = async (...changes: MetadataChanges) => {
  const target = join(tempDir(), 'copy.gguf')
  await writeCopy({ path, target, changes }, { signal: never, report: () => {} })
  const source = await openFileSource(target)
  try {
    return (await readGguf(source)).metadata
  } finally {
    await source.close()
  }
}

describe('a copy with other metadata', () => {
  it('keeps the type of each key', async () => {
    const metadata = await write(
      ['tokenizer.ggml.bos_token_id', '7'],
      ['llama.attention.layer_norm_rms_epsilon', '0.5'],
      ['tokenizer.ggml.add_bos_token', 'false'],
      ['new.key', '1'],
    )
    expect(metadata.get('tokenizer.ggml.bos_token_id')).toMatchObject({ type: 'uint32', value: 7 })
    expect(metadata.get('llama.attention.layer_norm_rms_epsilon')).toMatchObject({ type: 'float32', value: 0.5 })
    expect(metadata.get('tokenizer.ggml.add_bos_token')).toMatchObject({ type: 'bool', value: false })
    expect(metadata.get('new.key')).toMatchObject({ type: 'string', value: '1' })
  })

  it.each<[string, MetadataChanges]>([
    ['a number that is none', [['tokenizer.ggml.bos_token_id', '1.5']]],
    ['a number that does not fit', [['tokenizer.ggml.bos_token_id', '-1']]],
    ['neither true nor false', [['tokenizer.ggml.add_bos_token', '1']]],
    ['a list of numbers', [['tokenizer.ggml.scores', '[1]']]],
    ['half of a character in a key', [['a\ud800', 'x']]],
    ['half of a character in a value', [['a', '\udc00']]],
    [
      'a key that is there twice',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
  ])('%s is refused by name, and nothing is left', async (_, changes) => {
    const folder = tempDir()
    const target = join(folder, 'copy.gguf')
    await expect(writeCopy({ path, target, changes }, { signal: never, report: () => {} })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('that is cancelled leaves nothing', async () => {
    const target = join(tempDir(), 'copy.gguf')
    const ending = new AbortController()
    const writing = writeCopy(
      { path, target, changes: [['a', '1']] },
      { signal: ending.signal, report: () => ending.abort() },
    )
    await expect(writing).rejects.toBeDefined()
    expect([existsSync(target), existsSync(`${target}.part`)]).toEqual([false, false])
  })
})
