import type { ModelFileFormat } from '../format.ts'
import { isGgufVersion } from '../identify/signatures.ts'
import { inspectGguf } from './inspectGguf.ts'
import { readGguf, readGgufSummary } from './readGguf.ts'
import { summarizeGguf } from './summarizeGguf.ts'

export const ggufFormat: ModelFileFormat = {
  name: 'GGUF',
  recognizes: (head) =>
    head[0] === 0x47 && head[1] === 0x47 && head[2] === 0x55 && head[3] === 0x46 && isGgufVersion(head),
  summarize: async (source, options) => summarizeGguf(await readGgufSummary(source, options)),
  inspect: async (source, options) => {
    const file = await readGguf(source, options)
    return inspectGguf(summarizeGguf(file), [{ fileName: null, file }])
  },
}
