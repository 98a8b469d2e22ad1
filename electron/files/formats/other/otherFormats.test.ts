import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource } from '../byteSource.ts'
import { openFolderSource } from '../folderSource.ts'
import type { InspectOptions } from '../format.ts'
import { otherFormats } from './otherFormats.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-other-'))
  await writeFile(join(folder, 'm.bin'), Buffer.alloc(100))
})
afterAll(() => rm(folder, { recursive: true }))

const inspect = async (bytes: Buffer, options: InspectOptions = {}) => {
  const format = otherFormats.find(({ recognizes }) => recognizes(bytes.subarray(0, 4096), bytes.length))
  if (format === undefined) throw new Error('nobody recognises it')
  return await format.inspect(bytesSource(bytes), options)
}
const bad = async (bytes: Buffer, options: InspectOptions = {}) =>
  (await inspect(bytes, options)).summary.checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ outcome, code }) => `${outcome}: ${code}`)
const latin = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(500, 0xa5)])

describe('files that are only recognised', () => {
  it.each<[string, string, string]>([
    ['TensorRT', 'ptrt\x61\0\0\0', 'dangerous: native-code'],
    ['llamafile', "MZqFpD='\n", 'dangerous: runs-code'],
    ['Program', '\x7fELF\x02', 'dangerous: runs-code'],
    ['Program', '#!/bin/sh\n', 'dangerous: runs-code'],
    ['R data', 'RDX3\n', 'warning: can-run-code'],
    ['ONNX Runtime', '\x1c\0\0\0ORTM', 'unknown: extensions-not-checked'],
    ['Archive', 'MSCF\0\0\0\0', 'unknown: opaque-archive'],
  ])('%s: %j is %s', async (format, head, code) => {
    const { summary } = await inspect(latin(head))
    expect(summary).toMatchObject({ format, loadable: false, parameterCount: null })
    expect(await bad(latin(head))).toEqual(['unknown: recognised-only', code])
  })

  it('data without code is told as that, and never as safe', async () => {
    expect(await bad(latin('CBM1'))).toEqual(['unknown: recognised-only'])
    for (const head of ['CBM1', 'ptrt', 'RDX3', "MZqFpD='", '\x1c\0\0\0ORTM'])
      expect(JSON.stringify(await inspect(latin(head)))).not.toMatch(/\bsafe\b/i)
  })

  it('nobody claims what it is not', () => {
    for (const bytes of [
      latin('GGUF\x03'),
      latin('PK\x03\x04'),
      latin('\x89PNG\r\n\x1a\n'),
      latin('\xa5'),
      Buffer.alloc(0),
    ])
      expect(otherFormats.some(({ recognizes }) => recognizes(bytes, bytes.length))).toBe(false)
  })
})

const layers = (...more: readonly string[]) =>
  Buffer.from(`<?xml version="1.0"?>\n<net name="fixture" version="11"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4"/></layer>
<layer id="1" name="w" type="Const" version="opset1"><data element_type="f32" offset="0" shape="4,4" size="64"/></layer>
${more.join('\n')}</layers></net>`)

describe('OpenVINO', () => {
  const here = () => ({ fileName: 'm.xml', folder: openFolderSource(folder, 'm') })

  it('the structure, and the weights beside it', async () => {
    expect(await bad(layers(), here())).toEqual([])
    const { summary, facts } = await inspect(layers(), here())
    expect(summary).toMatchObject({ format: 'OpenVINO', formatVersion: 'IR 11', name: 'fixture' })
    expect(facts[1]?.facts[1]?.value).toBe('Parameter × 1, Const × 1')
    expect(await bad(layers())).toEqual(['unknown: weights-not-looked-up'])
    expect(await bad(layers(), { ...here(), fileName: 'other.xml' })).toEqual(['broken: weights-missing'])
    const far = '<layer id="2" name="v" type="Const" version="opset1"><data offset="90" size="64"/></layer>'
    expect(await bad(layers(far), here())).toEqual(['broken: weights-too-short'])
    expect(await bad(layers(far.replace('90', '-1')), here())).toEqual(['broken: bad-range'])
  })

  it('layers of others, and entities', async () => {
    expect(await bad(layers('<layer id="2" name="t" type="Tokenizer" version="extension"/>'), here())).toEqual([
      'warning: custom-operators',
    ])
    const entity = Buffer.from(
      layers().toString().replace('<net', '<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<net'),
    )
    expect(await bad(entity, here())).toEqual(['dangerous: xml-entities'])
  })

  it('text made to slow a search down is searched at once', async () => {
    const start = cpuMs()
    for (const piece of ['<layer ', '<data offset="', '<net ', '<', '<layer type="a" type="'])
      await inspect(Buffer.concat([layers(), Buffer.from(piece.repeat(Math.floor((6 << 20) / piece.length)))]))
    expect(cpuMs() - start).toBeLessThan(5000)
  })
})

describe('PMML', () => {
  it('with and without entities', async () => {
    const text = '<?xml version="1.0"?>\n<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"/>'
    expect(await bad(Buffer.from(text))).toEqual([])
    expect(await bad(Buffer.from(text.replace('<PMML', '<!doctype a [<!entity b "c">]><PMML')))).toEqual([
      'dangerous: xml-entities',
    ])
  })
})
