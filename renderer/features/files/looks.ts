import {
  Binary,
  Box,
  Check,
  CircleCheck,
  CircleQuestionMark,
  CircleX,
  FileArchive,
  FileAudio,
  FileBox,
  FileImage,
  FileQuestionMark,
  FileText,
  Flame,
  Folder,
  Folders,
  Info,
  Layers,
  type LucideIcon,
  OctagonAlert,
  Package,
  TriangleAlert,
  Workflow,
} from 'lucide-react'
import type { Outcome, Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow } from '../../../shared/contract/files.ts'

export type Look = { readonly Icon: LucideIcon; readonly tone: string }

/** Each verdict has a colour and a shape: neither is needed to know the other. */
export const verdictLooks: Record<Verdict, Look> = {
  ok: { Icon: CircleCheck, tone: 'var(--berth-loaded)' },
  warnings: { Icon: TriangleAlert, tone: 'var(--berth-stale)' },
  broken: { Icon: CircleX, tone: 'var(--berth-failed)' },
  dangerous: { Icon: OctagonAlert, tone: 'var(--berth-failed)' },
  unknown: { Icon: CircleQuestionMark, tone: 'var(--berth-unloaded)' },
}

export const outcomeLooks: Record<Outcome, Look> = {
  passed: { Icon: Check, tone: 'var(--berth-loaded)' },
  note: { Icon: Info, tone: 'var(--berth-loading)' },
  warning: verdictLooks.warnings,
  broken: verdictLooks.broken,
  dangerous: verdictLooks.dangerous,
  unknown: verdictLooks.unknown,
}

/** Words of a format or, where there is none, of what the file was recognised as. */
const typeIcons: readonly (readonly [words: readonly string[], LucideIcon])[] = [
  [['gguf', 'ggml'], Box],
  [['safetensors'], Package],
  [['pickle', 'pytorch', 'torch', 'checkpoint'], Flame],
  [['onnx', 'tensorflow', 'graph'], Workflow],
  [['numpy', 'keras', 'hdf5'], Binary],
  [['picture', 'image', 'png', 'jpeg'], FileImage],
  [['audio', 'sound', 'video'], FileAudio],
  [['archive', 'zip', 'tar'], FileArchive],
  [['html', 'json', 'text', 'pointer', 'xml', 'script', 'web page', 'document'], FileText],
]

/** A format's name, or what the file was recognised as: `web page`. */
export const typeWord = ({ format, label }: Pick<FileRow, 'format' | 'label'>): string =>
  format ?? label.replace(/^(an?|the) /, '')

export const typeIcon = ({ kind, format, label }: Pick<FileRow, 'kind' | 'format' | 'label'>): LucideIcon => {
  if (kind === 'folder') return Folder
  if (kind === 'collection') return Folders
  if (kind === 'set') return Layers
  const text = (format ?? label).toLowerCase()
  const found = typeIcons.find(([words]) => words.some((word) => text.includes(word)))
  return found?.[1] ?? (format === null ? FileQuestionMark : FileBox)
}
