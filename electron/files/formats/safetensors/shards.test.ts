import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../../test/support/tempDir.ts'
import { openFolderSource } from '../folderSource.ts'
import { inspectSafetensorsSet } from './inspectSafetensorsSet.ts'
import { safetensorsFormat } from './safetensorsFormat.ts'
import { fileOf, headerOf, modelOf, type Shapes } from './testFile.ts'

const shard = (shapes: Shapes) => {
  const { header, dataBytes } = headerOf(shapes, { format: 'pt' })
  return fileOf(header, dataBytes)
}
const one = 'model-00001-of-00002.safetensors'
const two = 'model-00002-of-00002.safetensors'
const indexName = 'model.safetensors.index.json'
const map = { 'a.weight': one, 'b.weight': one, 'c.weight': two }
const whole = {
  [one]: shard({ 'a.weight': ['F16', 2, 2], 'b.weight': ['F16', 3] }),
  [two]: shard({ 'c.weight': ['F32', 4] }),
}

const inspect = async (files: Readonly<Record<string, Buffer | string>>, name = indexName) => {
  const folder = tempDir()
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, file), bytes)
  return await inspectSafetensorsSet(openFolderSource(folder, 'model'), name)
}
const index = (weightMap: Readonly<Record<string, string>>, total: unknown = 30) =>
  JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap })
const found = async (files: Readonly<Record<string, Buffer | string>>, name?: string) =>
  (await inspect(files, name)).summary.checks.filter(
    (check) => check.outcome !== 'passed' && check.rung === 'structure',
  )

describe('a model in several files', () => {
  it('whole: every tensor with its file', async () => {
    const { summary, tensors } = await inspect({ ...whole, [indexName]: index(map) })
    expect(tensors.map(({ name, file }) => [name, file])).toEqual(Object.entries(map))
    expect(summary).toMatchObject({ tensorCount: 3, dataBytes: 30, split: { no: null, count: 2, tensorCount: 3 } })
    expect(summary.checks.filter((check) => check.rung === 'structure').map((check) => check.code)).toEqual([
      'shards-present',
      'index-agrees',
      'data-covered',
    ])
    expect(summary.sizeBytes).toBe(whole[one].length + whole[two].length)
  })

  it.each([indexName, one, two])('a file that is missing is named (%s)', async (name) => {
    const files = { [one]: whole[one], [indexName]: index(map) }
    expect(await found(files, name)).toMatchObject([
      { code: 'missing-shards', outcome: 'broken', evidence: { file: two } },
    ])
  })

  it('a file that is short or damaged', async () => {
    const short = whole[two].subarray(0, -1)
    expect(await found({ ...whole, [two]: short, [indexName]: index(map) })).toMatchObject([
      { code: 'data-truncated', outcome: 'broken', evidence: { file: two, tensor: 'c.weight' } },
    ])
    const damaged = await found({ ...whole, [two]: 'not a model at all', [indexName]: index(map) })
    expect(damaged).toMatchObject([{ code: 'shard-unreadable', outcome: 'broken', evidence: { file: two } }])
  })

  it('an index that does not agree with the files', async () => {
    expect(await found({ ...whole, [indexName]: index({ ...map, 'c.weight': one }, null) })).toMatchObject([
      { code: 'tensor-not-in-shard', outcome: 'broken', evidence: { tensor: 'c.weight' } },
    ])
    expect(await found({ ...whole, [indexName]: index({ ...map, 'd.weight': two }) })).toMatchObject([
      { code: 'tensor-not-in-shard', message: expect.stringContaining('in none of the files') },
    ])
    expect(await found({ ...whole, [indexName]: index({ 'a.weight': one, 'c.weight': two }) })).toMatchObject([
      { code: 'unmapped-tensors', outcome: 'note' },
    ])
    expect(await found({ ...whole, [indexName]: index(map, 32) })).toMatchObject([
      { code: 'total-size-differs', outcome: 'warning' },
    ])
    expect(await found({ ...whole, [indexName]: index(map, 30.0) })).toEqual([])
    expect(await found({ ...whole, [indexName]: index(map, null) })).toEqual([])
    expect(
      await found({
        ...whole,
        [two]: shard({ 'c.weight': ['F32', 4], 'a.weight': ['F16', 0] }),
        [indexName]: index(map),
      }),
    ).toMatchObject([{ code: 'repeated-tensor', outcome: 'warning' }])
  })

  it('names that lead out of the folder are dangerous, and nothing there is read', async () => {
    for (const path of [
      '../secret.safetensors',
      '..\\secret',
      '/etc/passwd',
      'C:\\x',
      'C:x',
      '..',
      '',
      'a/b.safetensors',
      '~/x',
      'a\0b',
    ]) {
      const checks = await found({ ...whole, [indexName]: index({ ...map, 'x.weight': path }, null) })
      expect(checks[0], path).toMatchObject({ code: 'path-escapes', outcome: 'dangerous' })
    }
    expect((await found({ [indexName]: index({ 'x.weight': '../x' }) }))[0]).toMatchObject({ outcome: 'dangerous' })
  })

  it('an index that is none', async () => {
    for (const text of [
      '',
      '[]',
      '{}',
      '{"weight_map":[]}',
      '{"weight_map":{"a":1}}',
      '{"weight_map":{}} x',
      `{"x":${'['.repeat(100_000)}`,
      '{"weight_map":{"a":"b"',
    ])
      await expect(inspect({ ...whole, [indexName]: text }), text.slice(0, 30)).rejects.toMatchObject({
        code: text.startsWith('{"x":[') ? 'TOO_DEEP' : 'BAD_INDEX',
      })
    await expect(inspect({ [indexName]: index(map) })).rejects.toMatchObject({ code: 'BAD_SHARD_SET' })
    await expect(inspect(whole, 'model.safetensors')).rejects.toMatchObject({ code: 'BAD_SHARD_SET' })
    await expect(inspect(whole)).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  it('a tensor named twice, or as every object’s parts', async () => {
    const twice = `{"weight_map":{"a.weight":"${two}","a.weight":"${one}","b.weight":"${one}","c.weight":"${two}"}}`
    expect(await found({ ...whole, [indexName]: twice })).toMatchObject([
      { code: 'duplicate-tensor', outcome: 'warning' },
    ])
    const proto = `{"__proto__":{"weight_map":{}},"weight_map":{"__proto__":"${one}","a.weight":"${one}","b.weight":"${one}","c.weight":"${two}"}}`
    expect(await found({ ...whole, [indexName]: proto })).toMatchObject([{ code: 'tensor-not-in-shard' }])
  })

  it('in a folder of a pipeline', async () => {
    const folder = tempDir()
    await mkdir(join(folder, 'unet'))
    for (const [file, bytes] of Object.entries({ ...whole, [indexName]: index(map) }))
      await writeFile(join(folder, 'unet', file), bytes)
    const { summary, tensors } = await inspectSafetensorsSet(openFolderSource(folder, 'model'), `unet/${indexName}`)
    expect(summary.checks.filter((check) => check.outcome !== 'passed' && check.rung === 'structure')).toEqual([])
    expect(tensors[2]?.file).toBe(`unet/${two}`)
    await rm(join(folder, 'unet', two))
    const again = await inspectSafetensorsSet(openFolderSource(folder, 'model'), `unet/${one}`)
    expect(again.summary.checks).toContainEqual(expect.objectContaining({ code: 'missing-shards', outcome: 'broken' }))
  })
})

it('one part alone tells which of the others are missing', async () => {
  const folder = tempDir()
  await writeFile(join(folder, one), whole[one])
  const { checks, split } = await safetensorsFormat.summarize(modelOf({ 'a.weight': ['F16', 2] }), {
    fileName: one,
    folder: openFolderSource(folder, 'model'),
  })
  expect(split).toEqual({ no: 0, count: 2, tensorCount: null })
  expect(checks).toContainEqual(
    expect.objectContaining({
      code: 'missing-shards',
      outcome: 'broken',
      message: `1 of 2 parts of the model are missing: "${two}".`,
    }),
  )
  for (const fileName of [
    'model-00001-of-99999.safetensors',
    'model-00003-of-00002.safetensors',
    'model.safetensors',
    null,
  ])
    expect((await safetensorsFormat.summarize(modelOf({}), { fileName })).split, String(fileName)).toBeNull()
})
