import { expect, it } from 'vitest'
import type { Folder } from '../../../shared/contract/folders.ts'
import { aFile, aJob } from '../../lib/testMirror.ts'
import { baseName, copyPath, isBelow, parentOf } from './paths.ts'
import { placesOf } from './places.ts'

it('knows what lies below a folder, on either side of the world', () => {
  expect(isBelow('/m', '/m/a.gguf')).toBe(true)
  expect(isBelow('/m', '/m')).toBe(true)
  expect(isBelow('/m', '/models/a.gguf')).toBe(false)
  expect(isBelow('/', '/a.gguf')).toBe(true)
  expect(isBelow('D:\\m', 'D:\\m\\a.gguf')).toBe(true)
  expect(isBelow('D:\\m', 'D:\\mm\\a.gguf')).toBe(false)
})

it('takes paths apart', () => {
  expect([baseName('/m/a.gguf'), baseName('D:\\m\\a'), baseName('/m/folder/')]).toEqual(['a.gguf', 'a', 'folder'])
  expect([parentOf('/m/n/a.gguf'), parentOf('D:\\m\\a'), parentOf('/a')]).toEqual(['/m/n', 'D:\\m', ''])
  expect([copyPath('/m/a.b.gguf'), copyPath('D:\\m\\a'), copyPath('/m.x/a')]).toEqual([
    '/m/a.b-edited.gguf',
    'D:\\m\\a-edited',
    '/m.x/a-edited',
  ])
})

const folder = (path: string): Folder => ({
  path,
  addedAt: 0,
  state: 'ok',
  reason: null,
  lastScanAt: null,
  artifacts: 0,
  sizeBytes: 0,
  watched: true,
})

it('lists the library’s folders and what was validated once, with what lies below each', () => {
  const rows = [aFile('/m/a'), aFile('/m/b', { verdict: 'dangerous' }), aFile('/n/c', { sizeBytes: 5 })]
  const jobs = [
    aJob('1', { kind: 'validate', subject: '/n', state: 'done' }),
    aJob('2', { kind: 'validate', subject: '/m', state: 'done' }),
    aJob('3', { kind: 'validate', subject: '/gone', state: 'done' }),
    aJob('4', { kind: 'validate', subject: '/new', state: 'running' }),
    aJob('5', { kind: 'hash', subject: '/o', state: 'done' }),
  ]
  expect(placesOf([folder('/m')], jobs, rows, null)).toEqual([
    { path: '/m', files: 2, sizeBytes: 2000, broken: 0, dangerous: 1, inLibrary: true },
    { path: '/n', files: 1, sizeBytes: 5, broken: 0, dangerous: 0, inLibrary: false },
    { path: '/new', files: 0, sizeBytes: 0, broken: 0, dangerous: 0, inLibrary: false },
  ])
  const paths = placesOf([folder('/m')], [], rows, '/n').map(({ path }) => path)
  expect(paths).toEqual(['/m', '/n'])
  expect(placesOf([folder('/m')], [], rows, '/o')).toHaveLength(1)
})
