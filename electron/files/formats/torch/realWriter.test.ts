import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../byteSource.ts'
import { openFolderSource } from '../folderSource.ts'
import type { Inspection } from '../modelFile.ts'
import { isAllowed } from '../pickle/allowList.ts'
import { dataTypes } from './dataTypes.ts'
import { inspectTorchSet } from './inspectTorchSet.ts'
import { torchFormat } from './torchFormat.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/torch/', import.meta.url))

interface Expectation {
  readonly tensors: Readonly<Record<string, readonly [type: string, shape: readonly number[]]>> | null
  readonly weightsOnly: boolean
  readonly needsCode: boolean
}
interface Expectations {
  readonly files: Readonly<Record<string, Expectation>>
  readonly allowedByPyTorch: readonly string[]
}
// written by make.py beside the files
const expectations = JSON.parse(readFileSync(`${folder}expectations.json`, 'utf8')) as Expectations

const inspect = async (name: string): Promise<Inspection> => {
  const source = await openFileSource(folder + name)
  try {
    return await torchFormat.inspect(source, { fileName: name })
  } finally {
    await source.close()
  }
}

const outcomes = ({ summary }: Inspection, outcome: string) =>
  summary.checks.filter((check) => check.outcome === outcome).map((check) => `${check.code}: ${check.message}`)

describe('files by PyTorch itself', () => {
  it.each(Object.entries(expectations.files))('%s: tensors as PyTorch reads them', async (name, expected) => {
    const inspection = await inspect(name)
    if (expected.tensors !== null) {
      const rows = new Map(inspection.tensors.map((row) => [row.name, row]))
      for (const [tensor, [type, shape]] of Object.entries(expected.tensors)) {
        expect(rows.get(tensor), tensor).toMatchObject({ shape, type: dataTypes.get(type)?.label })
      }
      expect(inspection.tensors.length).toBeGreaterThanOrEqual(Object.keys(expected.tensors).length)
    }
    expect(outcomes(inspection, 'dangerous')).toEqual([])
    expect(outcomes(inspection, 'broken')).toEqual([])
    const codes = inspection.summary.checks.map(({ code }) => code)
    if (expected.weightsOnly) expect(codes).toContain('pickle-only-data')
    if (expected.needsCode) expect(codes).not.toContain('pickle-only-data')
    structuredClone(inspection)
  })

  it('every name that PyTorch itself allows is allowed', () => {
    expect(expectations.allowedByPyTorch.length).toBeGreaterThan(140)
    for (const name of expectations.allowedByPyTorch) {
      const dot = name.lastIndexOf('.')
      expect(isAllowed(name.slice(0, dot), name.slice(dot + 1), false), name).toBe(true)
    }
  })

  it('bytes of shared storages count once, and rows say where the numbers are', async () => {
    for (const name of ['views.pt', 'views-legacy.pt']) {
      const { summary, tensors } = await inspect(name)
      expect(summary.dataBytes).toBe(24 * 4 + 4 + 4)
      expect(summary.parameterCount).toBe(24 + 1 + 1)
      expect(summary.tensorCount).toBe(7)
      const bytes = readFileSync(folder + name)
      const at = (tensor: string) => tensors.find((row) => row.name === tensor)?.offset ?? Number.NaN
      expect(bytes.readFloatLE(at('whole') + 5 * 4)).toBe(5)
      expect(bytes.readFloatLE(at('scalar'))).toBe(2.5)
      expect(tensors.find((row) => row.name === 'transposed')).toMatchObject({ offset: null, shape: [6, 4] })
      expect(tensors.find((row) => row.name === 'expanded')).toMatchObject({
        shape: [5, 7],
        elements: 35,
        offset: null,
      })
    }
  })

  it('a checkpoint of a training program is unwrapped', async () => {
    for (const name of ['nested.pt', 'nested-legacy.pt']) {
      const { summary, facts, metadata } = await inspect(name)
      expect(summary.parameterCount).toBe(12 + 3 + 3 + 3 + 2 + 1 + 2)
      expect(facts.flatMap((group) => group.facts)).toContainEqual({
        label: 'Tensors of the model',
        value: '7',
        source: 'key "state_dict"',
      })
      expect(metadata).toContainEqual({ key: 'epoch', type: 'number', value: '3' })
      expect(metadata).toContainEqual({ key: 'name', type: 'str', value: 'Grüße' })
    }
    const { facts } = await inspect('params-ema.pt')
    expect(facts.flatMap((group) => group.facts)).toContainEqual(
      expect.objectContaining({ label: 'Tensors of the model', source: 'key "params_ema"' }),
    )
  })

  it('what runs code is named', async () => {
    expect(outcomes(await inspect('module.pt'), 'unknown')[0]).toContain('"torch"')
    expect(outcomes(await inspect('module-legacy.pt'), 'unknown')[0]).toContain('"torch"')
    expect(outcomes(await inspect('namespace.pt'), 'warning').join()).toContain('argparse.Namespace')
    expect(outcomes(await inspect('package.pt'), 'unknown').join()).toContain('python-code')
    expect(outcomes(await inspect('generator.pt'), 'unknown').join()).toContain('numpy.random')
  })

  it('TorchScript, exported programs and packages are told apart, and their tensors found', async () => {
    for (const [name, format, tensors] of [
      ['scripted.pt', 'TorchScript', { weight: [3, 2], bias: [3] }],
      ['traced.pt', 'TorchScript', { '0.weight': [3, 2], '0.bias': [3] }],
      ['exported.pt2', 'PyTorch exported program', { weight: [3, 2], bias: [3] }],
      ['package.pt', 'PyTorch package', { w: [2] }],
    ] as const) {
      const inspection = await inspect(name)
      expect(inspection.summary.format).toBe(format)
      expect(Object.fromEntries(inspection.tensors.map((row) => [row.name, row.shape])), name).toEqual(tensors)
      expect([...outcomes(inspection, 'dangerous'), ...outcomes(inspection, 'broken')], name).toEqual([])
    }
  })

  it('plain pickles of every protocol', async () => {
    for (let protocol = 0; protocol <= 5; protocol++) {
      const inspection = await inspect(`plain-${protocol}.pkl`)
      expect(inspection.summary).toMatchObject({ format: 'Pickle', tensorCount: 1, loadable: false })
      expect(inspection.tensors[0]).toMatchObject({ name: 'c.d', shape: [3], type: 'I64' })
      expect(inspection.summary.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
    }
  })

  it('no verdict calls a file safe', async () => {
    for (const name of readdirSync(folder).filter((file) => /\.(pt|pt2|pkl|bin)$/.test(file))) {
      const { summary } = await inspect(name)
      for (const { message, advice } of summary.checks) expect(`${message} ${advice}`).not.toMatch(/\bsafe\b/i)
      expect(summary.checks.some(({ message }) => message.includes('can run code'))).toBe(true)
    }
  })

  it('a model in several files is put together by its index', async () => {
    const source = openFolderSource(await realpath(folder), 'torch')
    const { summary, tensors } = await inspectTorchSet(source, 'pytorch_model.bin.index.json')
    expect(summary).toMatchObject({ parameterCount: 24, dataBytes: 96, split: { no: 0, count: 2, tensorCount: 4 } })
    expect(tensors.find(({ name }) => name === 'two.weight')?.file).toBe('pytorch_model-00002-of-00002.bin')
    expect(summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'passed set-complete',
      'passed pickle-only-data',
    ])
  })

  it('and what is missing from it is named', async () => {
    const copy = await mkdtemp(join(await realpath(tmpdir()), 'berth-torch-set-'))
    try {
      await copyFile(`${folder}pytorch_model-00001-of-00002.bin`, join(copy, 'part.bin'))
      const map = { 'one.weight': 'part.bin', 'one.new': 'part.bin', 'two.weight': 'gone.bin', x: '../outside.bin' }
      await writeFile(join(copy, 'index.json'), JSON.stringify({ weight_map: map }))
      const { summary } = await inspectTorchSet(openFolderSource(copy, 'copy'), 'index.json')
      const codes = summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)
      expect(codes).toEqual(
        expect.arrayContaining([
          'broken part-missing',
          'dangerous path-escapes',
          'broken tensor-not-in-part',
          'note tensor-not-in-index',
        ]),
      )
      await writeFile(join(copy, 'index.json'), '{}')
      await expect(inspectTorchSet(openFolderSource(copy, 'copy'), 'index.json')).rejects.toMatchObject({
        code: 'BAD_INDEX',
      })
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  })
})
