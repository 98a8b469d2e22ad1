import { filesBatch } from './filesBatch.ts'
import { filesHashing } from './filesHashing.ts'
import { filesReading } from './filesReading.ts'
import type { Bench } from './measure.ts'
import type { Row } from './report.ts'

/** Each part measures one thing that Berth does with files, and makes the files it needs. */
const parts: readonly ((bench: Bench) => AsyncIterable<Row>)[] = [filesReading, filesBatch, filesHashing]

export async function* files(bench: Bench): AsyncGenerator<Row> {
  for (const part of parts) yield* part(bench)
}
