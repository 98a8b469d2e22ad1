import type { Findings } from '../findings.ts'
import { shownText } from '../text.ts'
import { hidingFlags } from './localHeaders.ts'
import type { ZipEntry } from './zipEntry.ts'
import { zipLimits } from './zipLimits.ts'

/** What names, flags and sizes of the entries tell by themselves. */
export const checkEntries = (entries: readonly ZipEntry[], structure: Findings, safety: Findings): void => {
  const exact = new Set<string>()
  const folded = new Set<string>()
  for (const entry of entries) {
    checkName(entry, safety)
    checkPacking(entry, safety)
    const lower = entry.name.toLowerCase()
    if (exact.has(entry.name))
      safety.add(
        'dangerous',
        'zip-duplicate-name',
        `Two entries are called "${shownText(entry.name)}": one program reads the first, another the second.`,
        { file: entry.name, offset: entry.headerOffset },
      )
    else if (folded.has(lower))
      structure.add(
        'warning',
        'zip-same-name-in-other-case',
        `Two entries are called "${shownText(entry.name)}" but for capital letters; some programs take them for one.`,
        { file: entry.name, offset: entry.headerOffset },
      )
    exact.add(entry.name)
    folded.add(lower)
  }
  checkTotal(entries, safety)
}

const checkName = ({ name, headerOffset }: ZipEntry, safety: Findings): void => {
  const where = { file: name, offset: headerOffset, text: shownText(name) }
  const shown = shownText(name)
  const parts = name.split(/[/\\]/)
  if (name.includes('\0'))
    safety.add('dangerous', 'zip-name-with-nul', `The name "${shown}" ends earlier for some programs.`, where)
  if (parts.includes('..') || /^([/\\]|[a-z]:)/i.test(name))
    safety.add(
      'dangerous',
      'zip-name-escapes',
      `The entry "${shown}" would be unpacked outside the folder that was chosen.`,
      { ...where, advice: 'Do not unpack this archive.' },
    )
  else if (name.includes('\\'))
    safety.add(
      'warning',
      'zip-name-with-backslash',
      `The name "${shown}" means different places on different systems.`,
      where,
    )
}

const checkPacking = (entry: ZipEntry, safety: Findings): void => {
  const { name, headerOffset, method, flags, sizeBytes, compressedBytes } = entry
  const where = { file: name, offset: headerOffset }
  if ((flags & hidingFlags) !== 0)
    safety.add(
      'unknown',
      'zip-entry-encrypted',
      `The entry "${shownText(name)}" says that it is encrypted; it was read as it stands.`,
      where,
    )
  if (method !== 0 && method !== 8)
    safety.add(
      'unknown',
      'zip-unknown-method',
      `The entry "${shownText(name)}" is compressed in a way (method ${method}) that cannot be looked into.`,
      where,
    )
  if (method !== 0 && sizeBytes > zipLimits.bombBytes && sizeBytes / Math.max(1, compressedBytes) > zipLimits.ratio)
    safety.add(
      'unknown',
      'zip-bomb',
      `The entry "${shownText(name)}" unpacks to ${Math.round(sizeBytes / compressedBytes)} times its size: it was not looked into in full.`,
      { ...where, advice: 'Do not unpack this archive.' },
    )
  if (method === 0 && sizeBytes !== compressedBytes)
    safety.add(
      'dangerous',
      'zip-stored-size-wrong',
      `The entry "${shownText(name)}" is not compressed and yet has two different sizes.`,
      where,
    )
}

const checkTotal = (entries: readonly ZipEntry[], safety: Findings): void => {
  const unpacked = entries.reduce((sum, entry) => sum + (entry.method === 0 ? 0 : entry.sizeBytes), 0)
  if (unpacked > zipLimits.unpacked)
    safety.add(
      'unknown',
      'zip-too-much-inside',
      'The archive unpacks to more than 20 GB: it was not looked into in full.',
    )
}
