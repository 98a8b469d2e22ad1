/** One member of an archive, as the central directory, a local header alone or a second directory describes it. */
export interface ZipEntry {
  /** as the archive writes it; `/` at the end for a folder */
  readonly name: string
  readonly isFolder: boolean
  /** 0 stored, 8 deflated; others cannot be read here */
  readonly method: number
  /** general purpose flags; never believed when it is decided whether to read */
  readonly flags: number
  readonly crc32: number
  readonly compressedBytes: number
  /** as declared, unpacked */
  readonly sizeBytes: number
  /** of its local header, in the source */
  readonly headerOffset: number
  /** of its data, in the source; null: its local header is missing or leaves the file */
  readonly dataOffset: number | null
  /** the first raw bytes, at most 200; they lie beside the header and cost nothing */
  readonly rawHead: Uint8Array
  /** where it is described: only what the `directory` lists is what readers normally see */
  readonly seenIn: 'directory' | 'local-header' | 'other-directory'
}

/** Where an entry's raw bytes end. */
export const dataEndOf = (entry: ZipEntry): number =>
  entry.dataOffset === null ? entry.headerOffset : entry.dataOffset + entry.compressedBytes

/** UTF-8 where it is, whatever the flag says; else one character per byte, so that no two names become one. */
export const decodeName = (bytes: Buffer): string => {
  const text = bytes.toString('utf8')
  return text.includes('�') ? bytes.toString('latin1') : text
}
