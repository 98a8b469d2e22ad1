import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { openFolderSource } from '../folderSource.ts'
import { message } from '../protobuf/testProtobuf.ts'
import { locationFault } from './location.ts'
import { onnxFormat } from './onnxFormat.ts'
import { external, model, node, tensor } from './testOnnx.ts'

let root = ''
let folder = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'berth-onnx-'))
  folder = join(root, 'model')
  await mkdir(join(folder, 'sub'), { recursive: true })
  await writeFile(join(folder, 'w.bin'), Buffer.alloc(8192))
  await writeFile(join(folder, 'sub', 'w.bin'), Buffer.alloc(8192))
  await writeFile(join(root, 'secret'), Buffer.alloc(8192))
  await symlink(join(root, 'secret'), join(folder, 'link.bin'))
  await symlink(root, join(folder, 'up'))
  await writeFile(join(folder, 'first.bin'), Buffer.alloc(8192))
  await link(join(folder, 'first.bin'), join(folder, 'second.bin'))
  await symlink('w.bin', join(folder, 'inside.bin'))
  await symlink('sub', join(folder, 'also'))
})
afterAll(() => rm(root, { recursive: true }))

const found = async (bytes: Buffer) => {
  const { summary } = await onnxFormat.inspect(bytesSource(bytes), { folder: openFolderSource(folder, 'model') })
  return summary.checks.filter(({ outcome }) => outcome !== 'passed').map(({ outcome, code }) => `${outcome}: ${code}`)
}
const withEntries = (...entries: readonly (readonly [string, string])[]) =>
  found(model([[5, external('w', ...entries)]]))
const at = (location: string) => withEntries(['location', location])

describe('values in other files', () => {
  it('beside the model and below it', async () => {
    for (const location of ['w.bin', 'sub/w.bin']) expect(await at(location)).toEqual([])
    expect(await withEntries(['location', 'w.bin'], ['offset', '4096'], ['length', '8'], ['checksum', 'ab'])).toEqual(
      [],
    )
  })

  it.each([
    '../../../etc/passwd',
    'a/../../x',
    'a/../b',
    '..\\secret',
    'sub\\..\\..\\secret',
    '/etc/passwd',
    '\\\\server\\share\\w',
    '//server/share/w',
    '\\w.bin',
    'C:\\w.bin',
    'C:x',
    'file:///etc/passwd',
    'https://example.com/w',
    'w.bin:stream',
    'w.bin\0x',
    'CON',
    'sub/nul.bin',
    'com1',
    '..',
    'link.bin',
    'up/secret',
  ])('%j leads out of the folder', async (location) => {
    expect(await at(location)).toEqual(['dangerous: external-escapes'])
  })

  it('an address in the memory of the runtime', async () => {
    expect(await at('*/_ORT_MEM_ADDR_/*')).toEqual(['dangerous: external-memory-address'])
    expect(locationFault('x*/_ORT_MEM_ADDR_/*')?.outcome).toBe('dangerous')
  })

  it('names that are told twice, or made to change a program', async () => {
    expect(await withEntries(['location', 'w.bin'], ['location', 'w.bin'])).toEqual(['dangerous: external-key-twice'])
    expect(await withEntries(['location', 'w.bin'], ['__class__', 'x'])).toEqual(['dangerous: external-attack-key'])
    expect(await withEntries(['location', 'w.bin'], ['colour', 'x'])).toEqual(['note: external-unknown-key'])
  })

  it('no location, and names that ONNX refuses', async () => {
    expect(await withEntries()).toEqual(['broken: external-without-location'])
    expect(await withEntries(['location', ''])).toEqual(['broken: external-without-location'])
    expect(await at('..w')).toEqual(['broken: external-refused-name'])
    expect(await at('sub\\w.bin')).toEqual(['warning: external-odd-name'])
    expect(await at('./w.bin')).toContain('warning: external-odd-name')
  })

  it('numbers that are none, and ranges that do not fit', async () => {
    for (const offset of ['-1', '1e3', ' 1', '', '0x10', '1.5'])
      expect(await withEntries(['location', 'w.bin'], ['offset', offset])).toEqual(['broken: external-bad-number'])
    expect(await withEntries(['location', 'w.bin'], ['length', '-8'])).toEqual(['broken: external-bad-number'])
    expect(await withEntries(['location', 'w.bin'], ['length', '4'])).toEqual(['broken: external-wrong-length'])
    expect(await withEntries(['location', 'w.bin'], ['offset', '8192'])).toContain('broken: external-file-too-short')
    for (const offset of ['1125899906842624', '18446744073709551615', '99999999999999999999'])
      expect(await withEntries(['location', 'w.bin'], ['offset', offset])).toContain('broken: external-file-too-short')
  })

  it('a missing file is told with the size it must have', async () => {
    const bytes = model([[5, external('w', ['location', 'gone.bin'], ['offset', '65536'])]])
    const { summary } = await onnxFormat.inspect(bytesSource(bytes), { folder: openFolderSource(folder, 'model') })
    expect(summary.checks).toContainEqual(
      expect.objectContaining({
        code: 'external-file-missing',
        outcome: 'broken',
        message: expect.stringContaining('65,544 bytes'),
      }),
    )
    expect(await at('sub')).toEqual(['broken: external-file-unreadable'])
  })

  it('links that stay inside are a warning, for onnx itself refuses them', async () => {
    for (const location of ['inside.bin', 'also/w.bin', 'first.bin', 'second.bin'])
      expect(await at(location), location).toEqual(['warning: external-linked'])
  })

  it('ranges that are shared or not aligned are notes', async () => {
    const pair = model([
      [5, external('v', ['location', 'w.bin'])],
      [5, external('w', ['location', 'w.bin'], ['offset', '4'])],
    ])
    expect(await found(pair)).toEqual(['note: external-shared', 'note: external-unaligned'])
  })

  it('places where values hide: attributes, graphs inside, functions, sparse weights', async () => {
    const bad = external('', ['location', '../x'])
    const constant = node('Constant', [], ['z'], [5, message([1, 'value'], [5, bad], [20, 4])])
    const listed = node('Foo', [], ['z'], [7, 'ai.onnx.preview'], [5, message([1, 'value'], [10, bad], [20, 9])])
    const inner = message([2, 's'], [5, external('w', ['location', '../x'])], [12, message([1, 'w'])])
    const places = [
      model([[1, constant]]),
      model([[1, listed]], [[8, message([1, 'ai.onnx.preview'], [2, 1])]]),
      model([[1, node('If', ['x'], ['z'], [5, message([1, 'then_branch'], [6, inner], [20, 5])])]]),
      model([[1, node('If', ['x'], ['z'], [5, message([1, 'then_branch'], [11, inner], [20, 10])])]]),
      model([], [[25, message([1, 'F'], [10, 'own'], [7, constant], [9, message([1, ''], [2, 21])])]]),
      model([
        [
          15,
          message(
            [1, external('s', ['location', '../x'])],
            [2, tensor('', { type: 7, values: [[9, Buffer.alloc(16)]] })],
            [3, 4],
          ),
        ],
      ]),
      model([], [[20, message([1, message([2, 'training'], [5, external('w', ['location', '../x'])])])]]),
    ]
    for (const [index, bytes] of places.entries())
      expect(await found(bytes), `place ${index}`).toContain('dangerous: external-escapes')
  })
})
