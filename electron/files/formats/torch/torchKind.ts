import type { ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'

export interface TorchKind {
  readonly kind: 'checkpoint' | 'script' | 'export' | 'package'
  readonly label: string
  /** the one folder all members lie in, with its `/` */
  readonly folder: string
}

const labels = {
  checkpoint: 'PyTorch checkpoint',
  script: 'TorchScript',
  export: 'PyTorch exported program',
  package: 'PyTorch package',
} as const

/** Names match without regard to case, and the later of two wins: that is how PyTorch looks them up. */
export const entryCalled = (archive: ZipArchive, name: string): ZipEntry | null =>
  archive.entries.findLast((entry) => entry.name.toLowerCase() === name.toLowerCase()) ?? null

/** Null: no archive of PyTorch's. */
export const torchKindOf = (archive: ZipArchive): TorchKind | null => {
  const first = archive.entries.find(({ name }) => name.includes('/'))
  const folder = first === undefined ? '' : first.name.slice(0, first.name.indexOf('/') + 1)
  const kindIn = (inside: string): TorchKind['kind'] | null => {
    const has = (name: string) => entryCalled(archive, inside + name) !== null
    if (has('archive_format') || has('serialized_exported_program.json')) return 'export'
    if (has('.data/extern_modules')) return 'package'
    if (has('constants.pkl') || (has('model.json') && has('version')) || (has('attributes.pkl') && has('version')))
      return 'script'
    return has('data.pkl') ? 'checkpoint' : null
  }
  for (const inside of new Set([folder, ''])) {
    const kind = kindIn(inside)
    if (kind !== null) return { kind, label: labels[kind], folder: inside }
  }
  return null
}
