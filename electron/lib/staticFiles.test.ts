import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { mutationSeed } from '../../test/support/mutation.ts'
import { findStaticFile, staticNames } from './staticFiles.ts'

let outside: string
let root: string
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'berth-static-'))
  root = join(outside, 'ui')
  await mkdir(join(root, 'assets'), { recursive: true })
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await writeFile(join(root, 'index.html'), '<!doctype html>')
  await writeFile(join(root, '.hidden'), 'hidden')
  await writeFile(join(root, 'assets', 'index-Bx12_z.js'), 'run()')
  await symlink(join(outside, 'secret.txt'), join(root, 'link.txt'))
  await symlink(outside, join(root, 'up'))
})

describe('findStaticFile', () => {
  it('finds the page and its assets', async () => {
    expect(await findStaticFile(root, '/')).toBe(await realpath(join(root, 'index.html')))
    expect(await findStaticFile(root, '/assets/index-Bx12_z.js')).toBe(
      await realpath(join(root, 'assets', 'index-Bx12_z.js')),
    )
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%252e%252e/secret.txt',
    '/..%2fsecret.txt',
    '/..%252fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/..\\secret.txt',
    '/....//secret.txt',
    '/.%00./secret.txt',
    '/index.html%00.js',
    '/index.html%00',
    '//secret.txt',
    '///etc/passwd',
    '/etc/passwd',
    '/C:/Windows/win.ini',
    '/c%3a/windows/win.ini',
    '/\\\\server\\share\\file',
    '//server/share/file',
    '/file:///etc/passwd',
    '/%2fetc%2fpasswd',
    '/.hidden',
    '/./index.html',
    '/index.html/',
    '/index.html.',
    '/index.html%20',
    '/index.html::$DATA',
    '/con',
    '/aux.js',
    '/COM1.txt',
    '/assets',
    '/assets/',
    '/link.txt',
    '/up/secret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/%zz',
    '/%',
    '/%u002e%u002e/secret.txt',
    '/missing.js',
    '',
    'index.html',
  ])('finds nothing at %j', async (path) => {
    expect(await findStaticFile(root, path)).toBeNull()
  })

  it('turns any string into a path inside the folder, or into nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '%2e',
        '%2f',
        '%5c',
        '%00',
        '\0',
        'C:',
        'nul',
        'a',
        'index.html',
        '%25',
        ' ',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const names = staticNames(`/${pieces.join('')}`)
        if (names === null) return
        expect(join(root, ...names).startsWith(root + sep)).toBe(true)
        expect(names.join('')).not.toMatch(/[\\/\0:%]|^\.|\.$/)
      }),
      { numRuns: 50_000, verbose: 1, seed: mutationSeed },
    )
  })
})
