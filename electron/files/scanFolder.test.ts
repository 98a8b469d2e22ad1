import { mkdir, realpath, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { AppError } from '../lib/appError.ts'
import { type CatalogArtifact, describeScan, type ReadArtifact, scanFolder } from './scanFolder.ts'

const fault = (code: string) =>
  new AppError(code === 'READER_CRASHED' ? 'FILE_INVALID' : 'PATH_UNUSABLE', `fault ${code}`, {
    details: { fault: code },
  })

/** A scan of a real folder whose files are read by a fake that fails as it is told. */
const makeScan = async () => {
  const root = join(await realpath(tempDir()), 'models')
  await mkdir(root)
  const catalog = new Map<string, CatalogArtifact>()
  const asked: string[] = []
  let failure: unknown = null
  const scan = () =>
    scanFolder(root, {
      reader: {
        recognize: async (paths) => paths.map(() => false),
        summarize: async ({ files }) => {
          asked.push(files[0]?.name ?? '')
          throw failure
        },
      },
      known: [...catalog.values()],
      notModels: new Set(),
      signal: new AbortController().signal,
      report: () => {},
      isUnplugged: async () => false,
      remove: (paths) => {
        for (const path of paths) catalog.delete(path)
      },
      save: (artifacts: readonly ReadArtifact[]) => {
        for (const artifact of artifacts) catalog.set(artifact.path, { ...artifact, key: artifact.path })
      },
    })
  return {
    root,
    catalog,
    asked,
    scan: (error: unknown) => {
      failure = error
      return scan()
    },
  }
}

test('a fault that may pass is tried again at the next scan, one of the content is not', async () => {
  const { root, scan, catalog, asked } = await makeScan()
  await writeFile(join(root, 'a.gguf'), 'x')
  for (const code of ['FILE_SHRANK', 'READ_TIMEOUT', 'NO_PERMISSION', 'READER_CRASHED']) {
    expect(await scan(fault(code))).toMatchObject({ found: 1, read: 1, broken: 1 })
    expect(catalog.get(join(root, 'a.gguf'))?.error?.code).toBe(code)
  }
  expect(await scan(fault('READER_CRASHED'))).toMatchObject({ read: 0, broken: 1 })
  expect(asked).toHaveLength(4)
})

test('a file that vanished before it could be read is not listed', async () => {
  const { root, scan, catalog } = await makeScan()
  await writeFile(join(root, 'a.gguf'), 'x')
  expect(await scan(fault('FILE_MISSING'))).toMatchObject({ read: 0, broken: 0 })
  expect(catalog.size).toBe(0)
})

test('when the reader itself fails no file is blamed', async () => {
  const { root, scan, catalog } = await makeScan()
  await writeFile(join(root, 'a.gguf'), 'x')
  await expect(scan(new AppError('INTERNAL'))).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(catalog.size).toBe(0)
})

test.skipIf(process.platform === 'win32')('models in a folder that cannot be entered now stay listed', async () => {
  const { root, scan, catalog } = await makeScan()
  // Deeper than a path may be long: refused to everybody, unlike a folder without rights, which root may read.
  const long = join(...Array.from({ length: 10 }, () => 'd'.repeat(250)))
  const aside = join(root, '..', 'aside')
  await mkdir(join(root, long), { recursive: true })
  await mkdir(join(aside, long), { recursive: true })
  await rename(join(aside, 'd'.repeat(250)), join(root, long, 'below'))
  const [folder] = (await scan(null)).unreadable
  const inside = join(folder ?? expect.fail('everything could be entered'), 'a.gguf')
  const gone = join(root, 'b.gguf')
  const artifact: CatalogArtifact = {
    key: 'a',
    path: inside,
    files: [{ path: inside, sizeBytes: 1, modifiedAt: 1 }],
    sizeBytes: 1,
    modifiedAt: 1,
    format: 'GGUF',
    name: 'a',
    architecture: null,
    quantization: null,
    error: null,
    summary: null,
  }
  catalog.set(inside, artifact)
  catalog.set(gone, { ...artifact, path: gone })
  expect(await scan(null)).toMatchObject({ gone: 1 })
  expect([...catalog.keys()]).toEqual([inside])
  await rename(join(root, long, 'below'), join(aside, 'taken-apart'))
})

test('the result is a sentence', () => {
  const scan = { found: 0, read: 0, broken: 0, gone: 0, unreadable: [], linksOut: 0 }
  expect(describeScan(scan)).toBe('0 models.')
  expect(describeScan({ ...scan, found: 1200, read: 2, broken: 1, gone: 3 })).toBe(
    '1,200 models, 2 read, 1 broken, 3 gone.',
  )
  expect(describeScan({ ...scan, found: 1, unreadable: ['/a', '/b'], linksOut: 1 })).toBe(
    '1 model, nothing changed. 2 folders could not be read: /a, /b. 1 link leads elsewhere and was not followed.',
  )
})
