import { type Check, type Outcome, Rung, type Verdict } from '../../../shared/contract/checks.ts'
import type { ContentHash, Report, ReportMetadata } from '../../../shared/contract/files.ts'
import { checkOf } from '../formats/findings.ts'
import type { ModelFileSummary } from '../formats/modelFile.ts'
import type { Examination } from './examination.ts'

/** Worst first. */
const severities: readonly Outcome[] = ['dangerous', 'broken', 'unknown', 'warning', 'note', 'passed']
const severityOf = ({ outcome }: Check): number => severities.indexOf(outcome)

export const verdictOf = (checks: readonly Check[]): Verdict => {
  const has = (outcome: Outcome) => checks.some((check) => check.outcome === outcome)
  if (has('dangerous')) return 'dangerous'
  if (has('broken')) return 'broken'
  if (has('unknown')) return 'unknown'
  return has('warning') ? 'warnings' : 'ok'
}

export const issuesOf = (checks: readonly Check[]): Check[] =>
  checks.filter(({ outcome }) => outcome !== 'passed').sort((one, other) => severityOf(one) - severityOf(other))

const rungs = Rung.options
const inOrder = (checks: readonly Check[]): Check[] =>
  [...checks].sort((one, other) => rungs.indexOf(one.rung) - rungs.indexOf(other.rung))

/** What a report may carry: a page shows no more, and each is stored. */
const limits = { checks: 1_000, keyValues: 2_000, templateCharacters: 200_000 }

/** Where a report cannot carry all of them, no number of remarks crowds out what is bad. */
const worst = (checks: readonly Check[]): readonly Check[] =>
  checks.length <= limits.checks
    ? checks
    : checks.toSorted((one, other) => severityOf(one) - severityOf(other)).slice(0, limits.checks)

export interface ReportContext {
  readonly path: string
  readonly requestId: string
  /** checks that need the machine: does it fit */
  readonly fit: readonly Check[]
  readonly checkedAt: number
  readonly elapsedMs: number
}

export const composeReport = (examination: Examination, context: ReportContext): Report => {
  const { kind, label, inspection, files, fingerprint, known } = examination
  const all = [...examination.checks, ...context.fit]
  const checks = inOrder(worst(all))
  const verdict = verdictOf(all)
  const content: ContentHash | null = fingerprint === null ? null : contentHash(fingerprint, known)
  return {
    requestId: context.requestId,
    path: context.path,
    kind,
    label,
    isValid: verdict === 'ok' || verdict === 'warnings',
    verdict,
    checks,
    issues: issuesOf(checks),
    metadata: metadataOf(
      inspection?.summary ?? null,
      files.reduce((sum, file) => sum + file.sizeBytes, 0),
    ),
    facts: [...(inspection?.facts ?? [])],
    tensorTypes: [...(inspection?.summary.tensorTypes ?? [])],
    templates: (inspection?.templates ?? []).map((template) => ({
      ...template,
      text: template.text.slice(0, limits.templateCharacters),
    })),
    keyValues: (inspection?.metadata ?? []).slice(0, limits.keyValues),
    files: [...files],
    content,
    members: null,
    checkedAt: context.checkedAt,
    elapsedMs: context.elapsedMs,
  }
}

const contentHash = (fingerprint: string, known: ContentHash['known']): ContentHash => ({
  fingerprint,
  sha256: null,
  hashedAt: null,
  known,
  matches: null,
})

export const metadataOf = (summary: ModelFileSummary | null, sizeBytes: number): ReportMetadata => ({
  format: summary?.format ?? null,
  formatVersion: summary?.formatVersion ?? null,
  name: summary?.name ?? null,
  role: summary?.role ?? null,
  architecture: summary?.architecture ?? null,
  parameterCount: summary?.parameterCount ?? null,
  activeParameterCount: summary?.activeParameterCount ?? null,
  tensorCount: summary?.tensorCount ?? null,
  quantization: summary?.quantization ?? null,
  bitsPerWeight: summary?.bitsPerWeight ?? null,
  contextLength: summary?.contextLength ?? null,
  layers: summary?.geometry?.blockCount ?? null,
  tokenizer: summary?.tokenizer ?? null,
  license: summary?.license ?? null,
  author: summary?.author ?? null,
  baseModels: [...(summary?.baseModels ?? [])],
  capabilities: [...(summary?.capabilities ?? [])],
  sizeBytes,
  dataBytes: summary?.dataBytes ?? null,
})

/** Of a file that could not even be opened. */
export const unreadReport = (path: string, message: string, context: Omit<ReportContext, 'path' | 'fit'>): Report =>
  composeReport(
    {
      kind: 'file',
      label: 'a file that could not be read',
      checks: [checkOf('identity', 'unknown', 'not-readable', message)],
      inspection: null,
      files: [],
      fingerprint: null,
      known: null,
    },
    { ...context, path, fit: [] },
  )
