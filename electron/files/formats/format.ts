import type { ByteSource } from './byteSource.ts'
import type { MetadataRow, ModelFileSummary } from './modelFile.ts'

export interface ReadOptions {
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What one format reader offers. Every read is bounded in time and memory, whatever the file holds. */
export interface ModelFileFormat {
  readonly name: string
  /** By content: the first bytes, as many as the file has up to 64. */
  recognizes(head: Uint8Array): boolean
  /** The facts a list shows, without reading what only a details page needs. */
  summarize(source: ByteSource, options?: ReadOptions): Promise<ModelFileSummary>
  /** Everything, checks of long tables included. */
  inspect(source: ByteSource, options?: ReadOptions): Promise<{ summary: ModelFileSummary; metadata: MetadataRow[] }>
}
