import type { ModelFileFormat } from '../format.ts'
import { inspectZip } from './inspectZip.ts'
import { startsLikeZip } from './readZip.ts'

/** Archives whose first member does not say what they are. */
export const zipFormat: ModelFileFormat = {
  name: 'zip',
  recognizes: startsLikeZip,
  summarize: async (source, options) => (await inspectZip(source, options)).summary,
  inspect: inspectZip,
}
