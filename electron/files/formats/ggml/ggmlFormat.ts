import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings } from '../findings.ts'
import type { ModelFileFormat } from '../format.ts'
import type { ModelFileSummary } from '../modelFile.ts'
import { oldFileTypes } from './oldTypes.ts'
import { type GgmlFile, type GgmlKind, readGgml } from './readGgml.ts'

const magics = ['lmgg', 'fmgg', 'tjgg', 'algg']

/** What came before GGUF, and whisper.cpp, which stayed with it. */
export const ggmlFormat: ModelFileFormat = {
  name: 'GGML',
  recognizes: (head) => magics.includes(String.fromCharCode(...head.subarray(0, 4))),
  summarize: async (source, options) => summarize(await readGgml(source, options)),
  inspect: async (source, options) => {
    const file = await readGgml(source, options)
    const summary = summarize(file)
    return {
      summary,
      facts: [
        factGroup('Identity', [
          ['Format', `${summary.format} ${summary.formatVersion ?? ''}`.trim(), 'file header'],
          ['What it is for', summary.role, 'file header'],
          ['Model', summary.name, 'file header'],
          ['Vocabulary', file.vocabulary, 'file header'],
          ['Languages', languagesOf(file), 'n_vocab'],
        ]),
        factGroup(
          'Numbers in the header',
          [...file.numbers].map(([name, value]) => [name, value, 'file header']),
        ),
        factGroup('Weights', [
          ['Parameters', summary.parameterCount, 'tensor table'],
          ['Quantisation', summary.quantization, 'ftype'],
          ['Tensors', summary.tensorCount, 'tensor table'],
        ]),
      ].filter(({ facts }) => facts.length > 0),
      metadata: [...file.numbers].map(([key, value]) => ({ key, type: 'uint32', value: `${value}` })),
      tensors: file.tensors,
      templates: [],
    }
  },
}

const roles: Readonly<Record<GgmlKind, ModelRole>> = { whisper: 'speech', vad: 'speech', llama: 'llm', lora: 'adapter' }

/** width of the audio part and number of its layers → the name whisper's makers gave it */
const whisperSizes: Readonly<Record<string, string>> = {
  '384/4': 'tiny',
  '512/6': 'base',
  '768/12': 'small',
  '1024/24': 'medium',
  '1280/32': 'large',
}

const nameOf = ({ kind, numbers }: GgmlFile): string | null => {
  if (kind !== 'whisper') return null
  const size = whisperSizes[`${numbers.get('audio_state')}/${numbers.get('audio_layer')}`]
  if (size === undefined) return null
  if (size !== 'large') return `whisper ${size}`
  const generation = numbers.get('mels') === 128 ? 'large-v3' : 'large'
  return `whisper ${generation}${numbers.get('text_layer') === 4 ? '-turbo' : ''}`
}

const languagesOf = ({ kind, numbers }: GgmlFile): string | null =>
  kind !== 'whisper' ? null : (numbers.get('vocab') ?? 0) >= 51_865 ? 'many' : 'English'

const summarize = (file: GgmlFile): ModelFileSummary => {
  const { kind, container, version, numbers, tensors, dataBytes } = file
  const elements = tensors.reduce((sum, tensor) => sum + tensor.elements, 0)
  const isWhole = file.stoppedAt === null && tensors.length > 0
  const ftype = (numbers.get('ftype') ?? -1) % 1000
  const known = {
    format: container.toUpperCase(),
    formatVersion: version === null ? null : `v${version}`,
    name: nameOf(file),
    role: roles[kind],
    reason: reasonOf(kind),
    capabilities: kind === 'whisper' ? ['transcription'] : [],
    architecture: kind === 'whisper' ? 'whisper' : kind === 'vad' ? null : 'llama',
    parameterCount: isWhole ? elements : null,
    activeParameterCount: isWhole ? elements : null,
    quantization: kind === 'whisper' || kind === 'llama' ? (oldFileTypes.get(ftype) ?? null) : null,
    bitsPerWeight: isWhole && elements > 0 ? (8 * dataBytes) / elements : null,
    contextLength: numbers.get('text_ctx') ?? null,
    dataBytes,
    sizeBytes: file.sizeBytes,
    checks: checksOf(file),
  }
  return fileSummary(known, tensors)
}

const reasonOf = (kind: GgmlKind): string =>
  kind === 'whisper' || kind === 'vad'
    ? 'This is a speech model for whisper.cpp. The embedded engine runs language models that write token by token.'
    : 'This format ended in August 2023: llama.cpp no longer reads it. Convert it with convert_llama_ggml_to_gguf.py.'

const checksOf = (file: GgmlFile): readonly Check[] => {
  const [structure, meaning, safety] = [
    createFindings('structure'),
    createFindings('meaning'),
    createFindings('safety'),
  ]
  if (file.stoppedAt !== null)
    structure.add('unknown', 'partial-check', `Only a part was looked at: ${file.stoppedAt}.`)
  else if (file.tensors.length === 0) structure.add('broken', 'no-tensors', 'The file has no weights.')
  else structure.passed('tensors', `${file.tensors.length} tensors, all inside the file.`)
  if (file.kind === 'llama' || file.kind === 'lora')
    meaning.add(
      'broken',
      'ended-format',
      `The ${file.container} format ended in August 2023: llama.cpp no longer reads it.`,
      {
        advice:
          'Convert it with convert_llama_ggml_to_gguf.py, or take a GGUF file of the same model. KoboldCpp still reads it.',
      },
    )
  safety.passed('data-only', 'The format holds numbers and texts, no code.')
  return [...structure.list, ...meaning.list, ...safety.list]
}
