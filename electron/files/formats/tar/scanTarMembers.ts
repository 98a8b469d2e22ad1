import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { startsLikePickle } from '../pickle/looksLikePickle.ts'
import { type Budget, createBudget } from '../pickle/machine.ts'
import { type PickleImport, type PickleLevel, worstLevel } from '../pickle/pickleReport.ts'
import { type MemberOptions, scanMembers } from '../pickle/scanMembers.ts'
import { scanPickle } from '../pickle/scanPickle.ts'
import { shownText } from '../text.ts'
import { readTorchZip } from '../torch/readTorchZip.ts'
import { torchKindOf } from '../torch/torchKind.ts'
import { packingOf } from '../torch/unpackWhole.ts'
import { openZip, startsLikeZip } from '../zip/readZip.ts'
import { windowOf } from '../zip/zipContent.ts'
import type { TarEntry } from './readTarEntries.ts'

export interface TarMembers {
  readonly tensors: readonly TensorRow[]
  readonly parameterCount: number | null
  readonly imports: readonly PickleImport[]
  readonly level: PickleLevel | null
  readonly checks: readonly Check[]
}

/** Archives among the members: what each unpacks has a limit of its own. */
const mostArchives = 4

/** Follows the pickles in an archive, and lists the tensors of the first PyTorch checkpoint in it. */
export const scanTarMembers = async (
  source: ByteSource,
  entries: readonly TarEntry[],
  options: ReadOptions,
): Promise<TarMembers> => {
  const findings = createFindings('safety')
  const budget = createBudget()
  const found: TarMembers[] = []
  let archives = 0
  for (const entry of entries) {
    const inside = windowOf(
      source,
      entry.offset,
      Math.max(0, Math.min(entry.sizeBytes, source.sizeBytes - entry.offset)),
    )
    const file = shownText(entry.name)
    try {
      const head = await inside.read(0, Math.min(200, inside.sizeBytes))
      if (startsLikeZip(head)) {
        if (++archives > mostArchives) throw new FormatError('TOO_MANY_ENTRIES', 'there are too many archives in it')
        found.push(await readArchive(inside, entry, { ...options, budget }))
      } else if (startsLikePickle(head)) found.push(await readPickle(inside, { ...options, file, budget }))
      else if (packingOf(head) !== null)
        findings.add('unknown', 'packed-member', `"${file}" is packed again and was not looked into.`, { file })
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      findings.add('unknown', 'member-not-read', `"${file}" could not be looked into: ${error.message}`, { file })
    }
  }
  const model = found.find(({ tensors }) => tensors.length > 0)
  return {
    tensors: model?.tensors ?? [],
    parameterCount: model?.parameterCount ?? null,
    imports: found.flatMap(({ imports }) => imports),
    level: worstLevel(found.map(({ level }) => level)),
    checks: [...found.flatMap(({ checks }) => checks), ...findings.list],
  }
}

const readPickle = async (
  source: ByteSource,
  options: ReadOptions & { readonly file: string; readonly budget: Budget },
): Promise<TarMembers> => {
  if (options.budget.isSpent())
    throw new FormatError('TOO_MUCH_WORK', 'the pickles before it took all the time there is')
  const { globals, level, checks } = await scanPickle(source, options)
  return { tensors: [], parameterCount: null, imports: globals, level, checks }
}

const readArchive = async (
  source: ByteSource,
  { name, offset }: TarEntry,
  options: MemberOptions,
): Promise<TarMembers> => {
  const archive = await openZip(source, options)
  const kind = torchKindOf(archive)
  if (kind === null) {
    const { scans, level, checks } = await scanMembers(archive, options)
    const imports = [...scans.values()].flatMap(({ globals }) => globals)
    return { tensors: [], parameterCount: null, imports, level, checks: [...checks, ...archive.checks] }
  }
  const content = await readTorchZip(archive, kind, options)
  const checks = content.checks.filter(({ outcome }) => outcome !== 'passed')
  return {
    ...content,
    tensors: content.tensors.map((row) => ({ ...row, offset: row.offset === null ? null : row.offset + offset })),
    checks: checks.map((check) => ({
      ...check,
      evidence: { ...(check.evidence ?? { offset: null, tensor: null, text: null }), file: shownText(name) },
    })),
  }
}
