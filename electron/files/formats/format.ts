import type { ByteSource } from './byteSource.ts'
import type { FolderSource } from './folderSource.ts'
import type { Inspection, ModelFileSummary } from './modelFile.ts'

export interface ReadOptions {
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface InspectOptions extends ReadOptions {
  /** as the file is called, without its folder; null: it has no name */
  readonly fileName?: string | null
  /** where the file lies: for shards, external data and other companions; null: nothing but the bytes is there */
  readonly folder?: FolderSource | null
}

/** What one format reader offers. Every read is bounded in time and memory, whatever the file holds. */
export interface ModelFileFormat {
  readonly name: string
  /** By content: the first bytes, as many as the file has up to `headBytes`. Cheap, and never throws. */
  recognizes(head: Uint8Array, sizeBytes: number): boolean
  /** The facts a list shows, without reading what only a details page needs. */
  summarize(source: ByteSource, options?: InspectOptions): Promise<ModelFileSummary>
  /**
   * Everything, checks of long tables included. A FormatError says that nothing more can be known of the file; what can
   * be told in spite of a fault is a check with the outcome `broken`.
   */
  inspect(source: ByteSource, options?: InspectOptions): Promise<Inspection>
}

/** How many first bytes `recognizes` wants to see. */
export const headBytes = 4096
