/** What a file is for a person; `media` is sound and video, `download-remains` what a download left instead of the file. */
export type Family =
  | 'model'
  | 'archive'
  | 'document'
  | 'picture'
  | 'media'
  | 'program'
  | 'text'
  | 'download-remains'
  | 'unknown'

export interface Identity {
  /** stable, kebab-case: gguf, safetensors, zip, pickle, hdf5, onnx, html … */
  readonly kind: string
  /** with its article, to stand in a sentence: "a picture (PNG)" */
  readonly label: string
  readonly family: Family
  /** what the bytes say beyond their kind, for instance size and digest in a git-lfs pointer */
  readonly details: Readonly<Record<string, string | number | null>>
}

export const identityOf = (
  kind: string,
  label: string,
  family: Family,
  details: Identity['details'] = {},
): Identity => ({ kind, label, family, details })
