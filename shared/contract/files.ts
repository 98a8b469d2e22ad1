import { eventIterator, type Schema } from '@orpc/contract'
import { z } from 'zod'
import { procedure, wholeNumber } from './base.ts'
import { Check, FactGroup, Rung, Verdict } from './checks.ts'
import { Job } from './jobs.ts'
import { ModelRole } from './models.ts'

const FilePath = z
  .string()
  .min(1)
  .max(4096)
  .meta({ examples: ['/models/qwen3-8b-q4_k_m.gguf'] })

/** file: one. set: shards of one model. folder: one model in a folder. collection: a folder of anything else. */
export const FileKind = z.enum(['file', 'set', 'folder', 'collection'])
export type FileKind = z.infer<typeof FileKind>

/** What a person says of a model file. Kept by content: it follows the bytes through renames and moves. */
export const Labels = z.object({
  name: z.string().nullable(),
  tags: z.array(z.string()),
  notes: z.string().nullable(),
  /** 1 to 5 */
  rating: z.int().nullable(),
  favourite: z.boolean(),
  /** in the place of what the file says of its licence */
  license: z.string().nullable(),
  sourceUrl: z.string().nullable(),
  versionLabel: z.string().nullable(),
})
export type Labels = z.infer<typeof Labels>

const shortText = z.string().trim().min(1).max(200)
const Tags = z.array(z.string().trim().min(1).max(60)).max(50)

/** Fields that are left out stay as they are; null clears one. */
export const LabelChange = z.strictObject({
  name: shortText.nullable().optional(),
  /** all tags from now on */
  tags: Tags.optional(),
  addTags: Tags.optional(),
  removeTags: Tags.optional(),
  notes: z.string().max(20_000).nullable().optional(),
  rating: z.int().min(1).max(5).nullable().optional(),
  favourite: z.boolean().optional(),
  license: shortText.nullable().optional(),
  sourceUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable()
    .optional(),
  versionLabel: shortText.nullable().optional(),
})
export type LabelChange = z.infer<typeof LabelChange>

/** What is known of the bytes from elsewhere: a store that names its files by hash, a side file of a download. */
export const KnownHash = z.object({
  sha256: z.string(),
  /** where it was read */
  source: z.string(),
  url: z.string().nullable(),
  repository: z.string().nullable(),
  revision: z.string().nullable(),
})
export type KnownHash = z.infer<typeof KnownHash>

/** Of the whole artifact. `fingerprint` is quick and never the last word on equality; `sha256` is. */
export const ContentHash = z.object({
  fingerprint: z.string(),
  /** of a model in several files: over the hashes of its files, in order */
  sha256: z.string().nullable(),
  hashedAt: z.number().nullable(),
  known: KnownHash.nullable(),
  /** does the full hash agree with what is known; null: one of them is missing */
  matches: z.boolean().nullable(),
})
export type ContentHash = z.infer<typeof ContentHash>

export const ReportMetadata = z.object({
  format: z.string().nullable(),
  formatVersion: z.string().nullable(),
  name: z.string().nullable(),
  role: ModelRole.nullable(),
  architecture: z.string().nullable(),
  parameterCount: z.number().nullable(),
  /** used for one token */
  activeParameterCount: z.number().nullable(),
  tensorCount: z.number().nullable(),
  quantization: z.string().nullable(),
  bitsPerWeight: z.number().nullable(),
  /** tokens */
  contextLength: z.number().nullable(),
  layers: z.number().nullable(),
  tokenizer: z.string().nullable(),
  license: z.string().nullable(),
  author: z.string().nullable(),
  baseModels: z.array(z.string()),
  capabilities: z.array(z.string()),
  sizeBytes: z.number(),
  /** tensor data without padding */
  dataBytes: z.number().nullable(),
})
export type ReportMetadata = z.infer<typeof ReportMetadata>

const VerdictCounts = z.object({
  ok: z.number(),
  warnings: z.number(),
  broken: z.number(),
  dangerous: z.number(),
  unknown: z.number(),
})

export const Report = z.object({
  requestId: z.string(),
  path: z.string(),
  kind: FileKind,
  /** in a few words, for people: `GGUF language model`, `a picture (PNG)` */
  label: z.string(),
  /** the verdict is ok or warnings */
  isValid: z.boolean(),
  verdict: Verdict,
  /** all that was looked at, in the order of the ladder */
  checks: z.array(Check),
  /** those that did not pass, worst first */
  issues: z.array(Check),
  metadata: ReportMetadata,
  facts: z.array(FactGroup),
  tensorTypes: z.array(z.object({ type: z.string(), tensors: z.number(), bytes: z.number() })),
  templates: z.array(z.object({ name: z.string(), text: z.string(), source: z.string() })),
  /** key/values as the file gives them, long values cut */
  keyValues: z.array(z.object({ key: z.string(), type: z.string(), value: z.string() })),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), modifiedAt: z.number() })),
  /** null: nothing could be read */
  content: ContentHash.nullable(),
  /** of a collection: how many of each */
  members: VerdictCounts.nullable(),
  /** Unix milliseconds */
  checkedAt: z.number(),
  elapsedMs: z.number(),
})
export type Report = z.infer<typeof Report>

/** A report as it grows: rungs that end, then the whole. The structure comes twice: tables first, a sample of values later. */
export const ReportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('rung'), rung: Rung, checks: z.array(Check) }),
  z.object({ type: z.literal('progress'), done: z.number(), total: z.number().nullable() }),
  z.object({ type: z.literal('report'), report: Report }),
])
export type ReportEvent = z.infer<typeof ReportEvent>

/** A whole report, or its events as they come; which of the two the request's `stream` decides. */
export type ReportAnswer = Report | AsyncIteratorObject<ReportEvent, unknown, void>
const reportEvents = eventIterator(ReportEvent)
const isIterator = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
const ReportAnswer: Schema<ReportAnswer, ReportAnswer> = {
  '~standard': {
    version: 1,
    vendor: 'berth',
    validate: (value) => (isIterator(value) ? reportEvents : Report)['~standard'].validate(value),
  },
}

/** One line of the Files page. */
export const FileRow = z.object({
  path: z.string(),
  kind: FileKind,
  sizeBytes: z.number(),
  modifiedAt: z.number(),
  label: z.string(),
  format: z.string().nullable(),
  role: ModelRole.nullable(),
  architecture: z.string().nullable(),
  parameterCount: z.number().nullable(),
  quantization: z.string().nullable(),
  contextLength: z.number().nullable(),
  license: z.string().nullable(),
  verdict: Verdict,
  /** checks that did not pass, notes left out */
  issues: z.number(),
  /** the worst of them, in words */
  worstIssue: z.string().nullable(),
  checkedAt: z.number(),
  sha256: z.string().nullable(),
  matches: z.boolean().nullable(),
  labels: Labels,
})
export type FileRow = z.infer<typeof FileRow>

export const TensorRow = z.object({
  name: z.string(),
  type: z.string(),
  /** outermost dimension first; empty for a scalar */
  shape: z.array(z.number()),
  elements: z.number(),
  bytes: z.number(),
  offset: z.number().nullable(),
  file: z.string().nullable(),
})
export type TensorRow = z.infer<typeof TensorRow>

const ValueChange = z.object({ key: z.string(), left: z.string().nullable(), right: z.string().nullable() })
const TensorShape = z.object({ type: z.string(), shape: z.array(z.number()) })
export const Comparison = z.object({
  left: z.object({ path: z.string(), label: z.string() }),
  right: z.object({ path: z.string(), label: z.string() }),
  facts: z.array(ValueChange),
  keyValues: z.array(ValueChange),
  tensors: z.object({
    /** same name, type and shape */
    same: z.number(),
    changed: z.number(),
    onlyLeft: z.number(),
    onlyRight: z.number(),
    /** the first few thousand of them; null: not there */
    rows: z.array(z.object({ name: z.string(), left: TensorShape.nullable(), right: TensorShape.nullable() })),
  }),
  /** line by line; empty when they are equal or neither has one */
  template: z.array(z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() })),
})
export type Comparison = z.infer<typeof Comparison>

const PathInput = z.strictObject({ path: FilePath })
const paths = z.array(FilePath).min(1).max(10_000)
const reading = ['PATH_UNUSABLE', 'FILE_INVALID', 'CANCELLED'] as const

export const files = {
  list: procedure({ method: 'GET', path: '/files', summary: 'Every file that was validated', access: 'user' })
    .input(
      z.strictObject({
        /** words of the path, label, labels and tags */
        search: z.string().max(200).optional(),
        verdict: Verdict.optional(),
        /** a folder: what lies below it */
        below: FilePath.optional(),
        limit: wholeNumber(1, 100_000).optional(),
        offset: wholeNumber(0, 10_000_000).optional(),
      }),
    )
    .output(z.object({ files: z.array(FileRow), total: z.number(), verdicts: VerdictCounts })),
  validate: procedure(
    {
      method: 'POST',
      path: '/files/validate',
      summary:
        'What a file or folder is, whether it is whole and whether it can run code; with stream: true as it is found',
      access: 'user',
    },
    reading,
  )
    .input(z.strictObject({ path: FilePath, stream: z.boolean().optional() }))
    .output(ReportAnswer),
  batch: procedure(
    {
      method: 'POST',
      path: '/files/batch',
      summary: 'Validate everything below a folder as a job; the results are in GET /files',
      access: 'user',
    },
    ['PATH_UNUSABLE'],
  )
    .input(PathInput)
    .output(Job),
  report: procedure(
    {
      method: 'GET',
      path: '/files/report',
      summary: 'The last report of a file, or of its content wherever it lies',
      access: 'user',
    },
    ['FILE_NOT_KNOWN'],
  )
    .input(
      z
        .strictObject({
          path: FilePath.optional(),
          /** SHA-256, or a fingerprint as a report gives it */
          content: z
            .string()
            .regex(/^(f1:)?[0-9a-f]{64}$/)
            .optional(),
        })
        .refine(({ path, content }) => (path === undefined) !== (content === undefined), 'Give a path or a content.'),
    )
    .output(Report),
  export: procedure(
    {
      method: 'GET',
      path: '/files/export',
      summary: 'The last report as a document: json, or html that a person can read and send on',
      access: 'user',
    },
    ['FILE_NOT_KNOWN'],
  )
    .input(z.strictObject({ path: FilePath, as: z.enum(['json', 'html']) }))
    .output(z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() })),
  tensors: procedure(
    { method: 'GET', path: '/files/tensors', summary: 'The tensor table of a file, read anew', access: 'user' },
    reading,
  )
    .input(
      z.strictObject({
        path: FilePath,
        /** a part of the name, or a type */
        search: z.string().max(200).optional(),
        limit: wholeNumber(1, 50_000).optional(),
        offset: wholeNumber(0, 10_000_000).optional(),
      }),
    )
    .output(z.object({ tensors: z.array(TensorRow), total: z.number() })),
  compare: procedure(
    {
      method: 'POST',
      path: '/files/compare',
      summary: 'How two models differ: metadata, tensors, template',
      access: 'user',
    },
    reading,
  )
    .input(z.strictObject({ left: FilePath, right: FilePath }))
    .output(Comparison),
  label: procedure(
    {
      method: 'PUT',
      path: '/files/labels',
      summary: 'Name, tags, notes, rating and more for one file or many; kept by content',
      access: 'user',
    },
    ['PATH_UNUSABLE', 'FILE_INVALID'],
  )
    .input(z.strictObject({ paths, change: LabelChange }))
    .output(z.object({ files: z.array(FileRow) })),
  writeMetadata: procedure(
    {
      method: 'POST',
      path: '/files/metadata',
      summary: 'A copy of a GGUF or safetensors file with other metadata; the file itself stays as it is',
      access: 'user',
    },
    ['PATH_UNUSABLE', 'FILE_INVALID', 'FILE_EXISTS'],
  )
    .input(
      z.strictObject({
        path: FilePath,
        /** where the copy goes; must not exist yet */
        target: FilePath,
        /** null removes a key. GGUF keeps the type a key has; a new one is a text. */
        changes: z
          .array(z.strictObject({ key: z.string().min(1).max(1000), value: z.string().max(1_000_000).nullable() }))
          .min(1)
          .max(1000),
      }),
    )
    .output(Job),
  hash: procedure(
    {
      method: 'POST',
      path: '/files/hash',
      summary: 'Full SHA-256 as a job; a file that was hashed before is compared: has it rotted?',
      access: 'user',
    },
    ['FILE_NOT_KNOWN'],
  )
    .input(z.strictObject({ paths }))
    .output(Job),
  forget: procedure(
    {
      method: 'DELETE',
      path: '/files',
      summary: 'Take files out of the list; they stay on the disk, and their labels stay with their content',
      access: 'user',
    },
    [],
  )
    .input(z.strictObject({ paths }))
    .output(z.object({ forgotten: z.number() })),
}
