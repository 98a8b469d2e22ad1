import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings } from '../findings.ts'
import { headBytes, type ModelFileFormat } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { identify } from '../identify/identify.ts'
import { checkEntities, xmlText } from './checkXml.ts'
import { describeOther } from './describeOther.ts'
import { openvinoFormat } from './openvinoFormat.ts'

/** What is known by its first bytes alone. */
const recognisedOnly: ModelFileFormat = {
  name: 'other',
  recognizes: (head, sizeBytes) => describeOther(identify(head, sizeBytes, null)) !== null,
  summarize: async (source, options) => (await recognisedOnly.inspect(source, options)).summary,
  async inspect(source) {
    const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
    const identity = identify(head, source.sizeBytes, null)
    const known = describeOther(identity)
    if (known === null) throw new FormatError('UNKNOWN_FORMAT', `This is ${identity.label}.`, { offset: 0 })
    const { format, reason, checks } = known
    const summary = fileSummary({ format, reason, checks, sizeBytes: source.sizeBytes })
    const facts = [
      factGroup('Identity', [
        ['Format', format, 'first bytes'],
        ['Kind', identity.label, 'first bytes'],
      ]),
    ]
    return { summary, facts, metadata: [], tensors: [], templates: [] }
  },
}

/** PMML: models of statistics as XML. */
const pmmlFormat: ModelFileFormat = {
  name: 'PMML',
  recognizes: (head, sizeBytes) => identify(head, sizeBytes, null).kind === 'pmml',
  summarize: async (source, options) => (await pmmlFormat.inspect(source, options)).summary,
  async inspect(source) {
    const safety = createFindings('safety')
    const { text, isWhole } = await xmlText(source)
    checkEntities(text, isWhole, safety)
    const version = /<PMML\b[^>]{0,500}\bversion="([^"]{0,20})"/.exec(text)?.[1] ?? null
    const reason = 'PMML models run with programs for statistics.'
    const summary = fileSummary({
      format: 'PMML',
      formatVersion: version,
      reason,
      checks: safety.list,
      sizeBytes: source.sizeBytes,
    })
    return {
      summary,
      facts: [factGroup('Identity', [['Format', `PMML ${version ?? ''}`.trim(), 'PMML: version']])],
      metadata: [],
      tensors: [],
      templates: [],
    }
  },
}

/** Readers of formats that are only looked at from outside. They come after all others. */
export const otherFormats: readonly ModelFileFormat[] = [openvinoFormat, pmmlFormat, recognisedOnly]
