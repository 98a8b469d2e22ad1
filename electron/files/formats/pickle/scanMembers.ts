import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { createFindings, type Findings, limitChecks } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { shownText } from '../text.ts'
import { openZip, startsLikeZip, type ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'
import { startsLikePickle } from './looksLikePickle.ts'
import { type Budget, createBudget } from './machine.ts'
import { type PickleLevel, worstLevel } from './pickleReport.ts'
import { type PickleScan, scanPickle } from './scanPickle.ts'

export interface MemberScans {
  readonly scans: ReadonlyMap<ZipEntry, PickleScan>
  readonly checks: readonly Check[]
  /** the worst of all members; null: no member is a pickle */
  readonly level: PickleLevel | null
}

const mostDeflated = 2000
/** of all archives in one another; members may share their bytes, so sizes alone bound nothing */
const mostMembers = 20_000
const mostUnpacked = 128 << 20
const deepestArchive = 5
const isPickleName = (name: string) => /\.(pkl|pickle|debug_pkl)$/i.test(name)

export interface MemberOptions extends ReadOptions {
  readonly isTorchScript?: boolean
  /** shared with the other archives of one file; its own otherwise */
  readonly budget?: Budget
}

/**
 * Looks into every member that begins like a pickle, whatever its name, in all readings of the archive: which one a loader
 * takes is its caller's choice. Raw numbers begin like one by chance; those count only when they end well or do harm.
 * Archives in the archive are looked into 5 deep.
 */
export const scanMembers = async (archive: ZipArchive, options: MemberOptions = {}): Promise<MemberScans> => {
  const scan: Scan = {
    options,
    budget: options.budget ?? createBudget(),
    findings: createFindings('safety'),
    checks: [],
    deflatedLeft: mostDeflated,
    membersLeft: mostMembers,
    unpackedLeft: mostUnpacked,
    levels: new Set(),
  }
  const scans = await scanArchive(scan, archive, '', 1)
  if (scan.deflatedLeft < 0)
    scan.findings.add('unknown', 'members-not-read', `Only ${mostDeflated} of the compressed members were looked into.`)
  if (scan.membersLeft < 0)
    scan.findings.add('unknown', 'members-not-read', `Only ${mostMembers} members were looked into.`)
  return { scans, checks: limitChecks([...scan.checks, ...scan.findings.list]), level: worstLevel(scan.levels) }
}

/** What all archives in one file share. */
interface Scan {
  readonly options: MemberOptions
  readonly budget: Budget
  readonly findings: Findings
  readonly checks: Check[]
  readonly levels: Set<PickleLevel>
  deflatedLeft: number
  membersLeft: number
  /** bytes */
  unpackedLeft: number
}

const scanArchive = async (
  scan: Scan,
  archive: ZipArchive,
  path: string,
  depth: number,
): Promise<Map<ZipEntry, PickleScan>> => {
  const scans = new Map<ZipEntry, PickleScan>()
  for (const entry of [...archive.entries, ...archive.others]) {
    if (scan.membersLeft-- <= 0) break
    if (entry.isFolder || (entry.method !== 0 && scan.deflatedLeft-- <= 0)) continue
    try {
      const found = await scanMember(scan, archive, entry, path, depth)
      if (found !== null) scans.set(entry, found)
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      const message = `"${shownText(path + entry.name)}" could not be looked into: ${error.message}`
      scan.findings.add('unknown', 'member-not-read', message, { file: path + entry.name })
    }
  }
  return scans
}

const scanMember = async (
  scan: Scan,
  archive: ZipArchive,
  entry: ZipEntry,
  path: string,
  depth: number,
): Promise<PickleScan | null> => {
  const { options, budget } = scan
  const head = entry.method === 0 ? entry.rawHead : await archive.head(entry, 200)
  const file = shownText(path + entry.name)
  if (startsLikeZip(head)) {
    if (depth >= deepestArchive) throw new FormatError('TOO_DEEP', 'archives are nested more than 5 deep')
    const inner = await openZip(await sourceOf(scan, archive, entry), options)
    await scanArchive(scan, inner, `${path}${entry.name}/`, depth + 1)
    scan.checks.push(...inner.checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'note'))
    return null
  }
  if (!isPickleName(entry.name) && !startsLikePickle(head)) return null
  if (budget.isSpent()) throw new FormatError('TOO_MUCH_WORK', 'the pickles before it took all the time there is')
  const found = await scanPickle(await sourceOf(scan, archive, entry), { ...options, file, budget })
  if (!isPickleName(entry.name) && !found.isWhole && found.level !== 'dangerous') return null
  scan.checks.push(...found.checks)
  scan.levels.add(found.level)
  return found
}

const sourceOf = async (scan: Scan, archive: ZipArchive, entry: ZipEntry): Promise<ByteSource> => {
  if (scan.unpackedLeft <= 0) throw new FormatError('TOO_MUCH_WORK', 'the members before it were all that is unpacked')
  const source = await archive.source(entry)
  if (entry.method !== 0) scan.unpackedLeft -= source.sizeBytes
  return source
}
