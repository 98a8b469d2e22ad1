import { createFindings, type Findings } from '../findings.ts'
import { shownText } from '../text.ts'
import type { ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'
import { entryCalled, type TorchKind } from './torchKind.ts'

const expected =
  /^(data\.pkl|data\/[0-9]{1,9}|version|byteorder|\.data\/serialization_id|\.format_version|\.storage_alignment)$/i

/** What PyTorch itself asks of the members of its archives, and which of them have no place in a plain checkpoint. */
export const checkMembers = async (
  archive: ZipArchive,
  { kind, folder }: TorchKind,
  usedKeys: ReadonlySet<string>,
): Promise<Findings['list']> => {
  const structure = createFindings('structure')
  const safety = createFindings('safety')
  await checkVersion(archive, folder, structure)
  await checkByteOrder(archive, folder, structure)
  const outside = archive.entries.find(({ name }) => !name.startsWith(folder))
  if (outside !== undefined)
    structure.add(
      'broken',
      'member-outside-folder',
      `"${shownText(outside.name)}" lies outside of the archive's one folder; PyTorch refuses that.`,
      {
        file: outside.name,
      },
    )
  const pickles = archive.entries.filter(({ name }) => name.toLowerCase() === `${folder}data.pkl`.toLowerCase())
  if (pickles.length > 1)
    safety.add(
      'dangerous',
      'several-data-pickles',
      'The archive has several "data.pkl": programs load different ones.',
      {
        file: pickles.at(-1)?.name ?? null,
      },
    )
  if (kind === 'checkpoint') checkExpected(archive.entries, folder, usedKeys, structure)
  checkCode(archive.entries, kind, safety)
  return [...structure.list, ...safety.list]
}

const textOf = async (archive: ZipArchive, entry: ZipEntry): Promise<string> =>
  Buffer.from(await archive.head(entry, 64))
    .toString('latin1')
    .trim()

const checkVersion = async (archive: ZipArchive, folder: string, structure: Findings): Promise<void> => {
  const entry = entryCalled(archive, `${folder}.data/version`) ?? entryCalled(archive, `${folder}version`)
  const text = entry === null ? null : await textOf(archive, entry)
  const version = text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) : null
  if (version === null || version < 1 || version > 10)
    structure.add(
      'broken',
      'bad-version',
      text === null
        ? 'The archive does not say its version; PyTorch refuses it.'
        : `The archive says version "${shownText(text)}"; PyTorch loads 1 to 10.`,
      { file: entry?.name ?? null },
    )
}

const checkByteOrder = async (archive: ZipArchive, folder: string, structure: Findings): Promise<void> => {
  const entry = entryCalled(archive, `${folder}byteorder`)
  const order = entry === null ? 'little' : await textOf(archive, entry)
  if (order === 'big')
    structure.add('note', 'big-endian', 'The numbers are stored big-endian; PyTorch turns them around.')
  else if (order !== 'little')
    structure.add(
      'broken',
      'bad-byte-order',
      `The byte order "${shownText(order)}" does not exist; PyTorch refuses the file.`,
      {
        file: entry?.name ?? null,
      },
    )
}

const checkExpected = (
  entries: readonly ZipEntry[],
  folder: string,
  usedKeys: ReadonlySet<string>,
  structure: Findings,
): void => {
  const unused: ZipEntry[] = []
  for (const entry of entries) {
    const inside = entry.name.slice(folder.length)
    if (entry.isFolder) continue
    if (!expected.test(inside))
      structure.add('note', 'unexpected-member', `"${shownText(entry.name)}" is no part of a PyTorch checkpoint.`, {
        file: entry.name,
      })
    else if (/^data\/./i.test(inside) && !usedKeys.has(inside.slice('data/'.length))) unused.push(entry)
  }
  const [first] = unused
  if (first !== undefined)
    structure.add('note', 'unused-data', `${unused.length} pieces of data belong to no tensor that is listed.`, {
      file: first.name,
    })
}

export const isNative = (name: string): boolean => /\.(so|dll|dylib|pyd|o|cubin)$/i.test(name)

const checkCode = (entries: readonly ZipEntry[], kind: TorchKind['kind'], safety: Findings): void => {
  const native = entries.find(({ name }) => isNative(name))
  const source = entries.filter(({ name }) => /\.py$/i.test(name))
  if (native !== undefined)
    safety.add(
      'unknown',
      'native-code',
      `The archive holds machine code ("${shownText(native.name)}") that runs when it is loaded.`,
      {
        file: native.name,
      },
    )
  if (kind === 'package' && source.length > 0)
    safety.add(
      'unknown',
      'python-code',
      `The archive holds Python code (${source.length} ${source.length === 1 ? 'file' : 'files'}) that runs when it is loaded.`,
      {
        file: source[0]?.name ?? null,
      },
    )
  if (kind === 'script')
    safety.add(
      'warning',
      'torchscript-code',
      'TorchScript holds a program. It runs in PyTorch’s own interpreter when the file is used.',
      { advice: 'Load it only with PyTorch 2.10 or later.' },
    )
}
