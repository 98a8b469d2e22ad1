import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings } from '../findings.ts'
import { headBytes, type InspectOptions, type ModelFileFormat } from '../format.ts'
import { identify } from '../identify/identify.ts'
import type { Inspection } from '../modelFile.ts'
import { grouped } from '../words.ts'
import { type GraphOperators, readGraphOperators } from './graphOperators.ts'

/** TensorFlow's SavedModel (saved_model.pb) and frozen graphs: which operators they call, nothing of the weights. */
export const savedModelFormat: ModelFileFormat = {
  name: 'TensorFlow',
  recognizes: (head, sizeBytes) => kinds.has(identify(head, sizeBytes, null).kind),
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

const kinds: ReadonlySet<string> = new Set(['saved-model', 'tensorflow-graph'])

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
  const isSaved = identify(head, source.sizeBytes, null).kind === 'saved-model'
  const operators = await readGraphOperators(source, isSaved ? 'saved-model' : 'graph', options)
  const format = isSaved ? 'TensorFlow SavedModel' : 'TensorFlow graph'
  const most = [...operators.counts].sort(([, one], [, other]) => other - one).slice(0, 12)
  const summary = fileSummary({
    format,
    formatVersion: operators.schemaVersion === null ? null : `schema ${operators.schemaVersion}`,
    sizeBytes: source.sizeBytes,
    checks: checkOperators(operators),
    reason: 'The embedded engine runs GGUF models. These models run with TensorFlow.',
  })
  return {
    summary,
    facts: [
      factGroup('Identity', [['Format', format, 'fields of the file']]),
      factGroup('Graph', [
        ['Graphs', operators.graphs, 'meta_graphs'],
        ['Operations', operators.nodes, 'node and library'],
        ['Most used operators', most.map(([name, count]) => `${name.slice(0, 60)} × ${count}`).join(', '), 'node: op'],
      ]),
    ],
    metadata: [],
    tensors: [],
    templates: [],
  }
}

/** A graph is a program: these operators reach out of it. */
const flagged: readonly (readonly [outcome: 'note' | 'warning' | 'dangerous', names: string, what: string])[] = [
  ['dangerous', 'ShellExecute ExecuteOp PyCall', 'runs commands or Python'],
  ['dangerous', 'ReadFile WriteFile', 'reads or writes files of the graph’s choice'],
  ['warning', 'PyFunc PyFuncStateless EagerPyFunc', 'calls Python of the program that runs it'],
  [
    'warning',
    'MatchingFiles LoadAndRemapMatrix SystemConfig RegisterDataset Abort',
    'looks at files or at the system, or ends the program',
  ],
  [
    'warning',
    'InitializeTableFromTextFile InitializeTableFromTextFileV2 TextLineDataset TFRecordDataset FixedLengthRecordDataset',
    'reads a file, which should be one of the model’s own assets',
  ],
  [
    'note',
    'MergeV2Checkpoints SaveV2 RestoreV2 Save SaveSlices Restore RestoreSlice',
    'writes or reads checkpoints, as every saved model does',
  ],
]

const checkOperators = ({ counts, nodes }: GraphOperators): readonly Check[] => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  if (nodes === 0) structure.add('broken', 'no-graph', 'There are no operations in the file.')
  else structure.passed('graph', `${grouped(nodes)} operations, all inside the file.`)
  for (const [outcome, names, what] of flagged) {
    const found = names.split(' ').filter((name) => counts.has(name))
    if (found.length > 0)
      safety.add(outcome, 'operator-reaches-out', `The graph ${what}: ${found.join(', ')}.`, { text: found.join(', ') })
  }
  if (!safety.list.some(({ outcome }) => outcome !== 'note'))
    safety.passed('operators', 'No operator was found that runs commands or reaches for files of its own choice.')
  return [...structure.list, ...safety.list]
}
