import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../byteSource.ts'
import { kerasFormat } from './kerasFormat.ts'

interface Expected {
  readonly datasets: readonly (readonly [path: string, shape: readonly number[], offset: number | null])[]
  readonly attributes: readonly string[]
}
const folder = fileURLToPath(new URL('../../../../test/fixtures/keras/', import.meta.url))
// what make.py wrote
const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as Record<string, Expected>

const inspect = async (name: string) => {
  const source = await openFileSource(folder + name)
  try {
    return await kerasFormat.inspect(source, { fileName: name })
  } finally {
    await source.close()
  }
}
const bad = async (name: string) =>
  (await inspect(name)).summary.checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ outcome, code }) => `${outcome}: ${code}`)

describe('files by the HDF5 library', () => {
  const whole = Object.entries(expected).filter(([name]) => name !== 'latest-many.h5')

  it.each(whole)('%s holds what h5py reads in it', async (name, { datasets, attributes }) => {
    const { tensors, metadata } = await inspect(name)
    const seen = tensors.map(({ name: path, shape, offset }) => [path, shape, offset])
    expect(seen.toSorted()).toEqual([...datasets].toSorted())
    expect(metadata.map(({ key }) => key).toSorted()).toEqual(attributes)
  })

  it('a Keras model of the old kind', async () => {
    const { summary, facts, tensors } = await inspect('plain.h5')
    expect(summary).toMatchObject({
      format: 'Keras HDF5',
      formatVersion: '2.15.0',
      name: 'fixture',
      architecture: 'Sequential',
      loadable: false,
      parameterCount: 72,
      tensorCount: 5,
      dataBytes: 2 * (128 + 8) + 8,
    })
    expect(await bad('plain.h5')).toEqual([])
    expect(facts[1]?.facts[1]?.value).toBe('Dense × 2, Sequential × 1')
    const kernel = tensors.find(({ name }) => name.endsWith('kernel:0'))
    expect(Math.abs(readFileSync(`${folder}plain.h5`).readFloatLE(kernel?.offset ?? 0))).toBeLessThan(0.2)
  })

  it('what cannot be looked into is said', async () => {
    expect(await bad('latest-many.h5')).toEqual(['unknown: partial-check'])
    expect(await bad('latest.h5')).toEqual([])
  })

  it('code in a layer, files of others, and shapes that fill the memory', async () => {
    expect(await bad('lambda.h5')).toEqual(['dangerous: keras-lambda'])
    expect(await bad('reaches-out.h5')).toEqual(['dangerous: hdf5-external-link', 'dangerous: hdf5-external-storage'])
    expect(await bad('bomb.h5')).toEqual(['dangerous: hdf5-shape-bomb', 'dangerous: hdf5-external-storage'])
  })

  it('archives of Keras 3', async () => {
    const { summary, tensors } = await inspect('plain.keras')
    expect(summary).toMatchObject({ format: 'Keras', formatVersion: '3.11.3', name: 'fixture', parameterCount: 12 })
    expect(tensors[0]).toMatchObject({ name: 'layers/dense/vars/0', shape: [4, 3], file: 'model.weights.h5' })
    expect(await bad('plain.keras')).toEqual([])
    expect(await bad('lambda.keras')).toEqual(['dangerous: keras-stranger-in-archive', 'dangerous: keras-lambda'])
  })
})
