import type { ByteSource } from '../byteSource.ts'
import type { InspectOptions, ModelFileFormat } from '../format.ts'
import { checkSiblings } from './checkSiblings.ts'
import { describeMetadata } from './describeMetadata.ts'
import { looksLikeHeader, readSafetensors } from './readSafetensors.ts'
import { safetensorsFacts } from './safetensorsFacts.ts'
import { splitOf } from './shardNames.ts'
import { readStoredShapes } from './storedShapes.ts'
import { type Contents, summarizeSafetensors } from './summarizeSafetensors.ts'

export const safetensorsFormat: ModelFileFormat = {
  name: 'safetensors',
  // a length below 2^48, then the header's brace; whether the length is right is for the reader to say
  recognizes: (head) => head.length > 8 && head[6] === 0 && head[7] === 0 && looksLikeHeader(head),
  summarize: async (source, options) => summarizeSafetensors(await contentsOf(source, options)).summary,
  inspect: async (source, options) => {
    const contents = await contentsOf(source, options)
    const summarized = summarizeSafetensors(contents)
    return {
      summary: summarized.summary,
      facts: safetensorsFacts(summarized, contents),
      metadata: describeMetadata(contents.metadata),
      tensors: contents.tensors,
      templates: [],
    }
  },
}

const contentsOf = async (source: ByteSource, options: InspectOptions = {}): Promise<Contents> => {
  const { fileName = null, folder = null } = options
  const file = await readSafetensors(source, options)
  return {
    tensors: file.tensors,
    metadata: file.metadata,
    sizeBytes: file.sizeBytes,
    shapes: await readStoredShapes(source, file.tensors),
    split: splitOf(fileName),
    findings: [...file.findings, ...(await checkSiblings(fileName, folder))],
  }
}
