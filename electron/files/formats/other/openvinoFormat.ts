import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { InspectOptions, ModelFileFormat } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { identify } from '../identify/identify.ts'
import type { Inspection } from '../modelFile.ts'
import { byteCount, grouped } from '../words.ts'
import { checkEntities, xmlText } from './checkXml.ts'

/** OpenVINO's pair of files: the structure as XML, the weights in a .bin of the same name. */
export const openvinoFormat: ModelFileFormat = {
  name: 'OpenVINO',
  recognizes: (head, sizeBytes) => identify(head, sizeBytes, null).kind === 'openvino',
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  const { text, isWhole } = await xmlText(source)
  checkEntities(text, isWhole, safety)
  const layers = layersOf(text)
  checkLayers(layers, safety)
  const needed = neededBytes(text, structure)
  await checkWeights(options, needed, structure)
  const [net = ''] = tagsOf(text, 'net')
  const checks: readonly Check[] = [...structure.list, ...safety.list]
  const version = attribute(net, 'version')
  const summary = fileSummary({
    format: 'OpenVINO',
    formatVersion: version === null ? null : `IR ${version}`,
    name: attribute(net, 'name'),
    sizeBytes: source.sizeBytes,
    checks,
    reason: 'The embedded engine runs GGUF models. OpenVINO models run with OpenVINO.',
  })
  return {
    summary,
    facts: [
      factGroup('Identity', [
        ['Name', summary.name, 'net: name'],
        ['Format', `OpenVINO ${summary.formatVersion ?? ''}`.trim(), 'net: version'],
      ]),
      factGroup('Architecture', [
        ['Layers', layers.reduce((sum, { count }) => sum + count, 0), 'layer'],
        [
          'Most used',
          layers
            .slice(0, 12)
            .map(({ type, count }) => `${type} × ${count}`)
            .join(', '),
          'layer: type',
        ],
        ['Weights', byteCount(needed), 'data: offset, size'],
      ]),
    ],
    metadata: [],
    tensors: [],
    templates: [],
  }
}

const mostTagLetters = 4000

/** The opening tags of one name. Each letter is looked at once, whatever the text is. */
function* tagsOf(text: string, name: string): Generator<string> {
  for (let at = text.indexOf(`<${name} `); at !== -1; ) {
    const end = text.indexOf('>', at)
    if (end === -1) return
    yield text.slice(at, Math.min(end, at + mostTagLetters))
    at = text.indexOf(`<${name} `, end)
  }
}

/** Of a tag; up to 200 letters of it. */
const attribute = (tag: string, name: string): string | null => {
  const at = tag.indexOf(` ${name}="`)
  if (at === -1) return null
  const start = at + name.length + 3
  const end = tag.indexOf('"', start)
  return end === -1 ? null : tag.slice(start, Math.min(end, start + 200))
}

interface LayerKind {
  readonly type: string
  readonly isExtension: boolean
  readonly count: number
}

/** By type, most used first. */
const layersOf = (text: string): readonly LayerKind[] => {
  const kinds = new Map<string, { type: string; isExtension: boolean; count: number }>()
  for (const tag of tagsOf(text, 'layer')) {
    const type = (attribute(tag, 'type') ?? '?').slice(0, 60)
    const isExtension = !/^opset\d+$/.test(attribute(tag, 'version') ?? '')
    const key = `${type} ${isExtension}`
    const known = kinds.get(key)
    if (known !== undefined) known.count += 1
    else if (kinds.size < 1000) kinds.set(key, { type, isExtension, count: 1 })
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count)
}

const checkLayers = (layers: readonly LayerKind[], safety: Findings): void => {
  const extensions = layers.filter(({ isExtension }) => isExtension).map(({ type }) => type)
  if (extensions.length === 0) safety.passed('standard-operators', 'All layers are of OpenVINO itself.')
  else
    safety.add(
      'warning',
      'custom-operators',
      `Layers that OpenVINO does not have: ${extensions.slice(0, 5).join(', ')}. Someone must supply a native library for them.`,
      { advice: 'A native library can do anything. Take it only from someone you trust.' },
    )
}

/** Where the last constant ends in the weights file. */
const neededBytes = (text: string, structure: Findings): number => {
  let most = 0
  for (const tag of tagsOf(text, 'data')) {
    const [offset, size] = [attribute(tag, 'offset'), attribute(tag, 'size')]
    if (offset === null || size === null) continue
    const end = /^\d{1,15}$/.test(offset) && /^\d{1,15}$/.test(size) ? Number(offset) + Number(size) : null
    if (end === null)
      structure.add(
        'broken',
        'bad-range',
        `A layer’s place in the weights is no number: "${offset.slice(0, 40)}", "${size.slice(0, 40)}".`,
      )
    else most = Math.max(most, end)
  }
  return most
}

const checkWeights = async (
  { folder, fileName }: InspectOptions,
  needed: number,
  structure: Findings,
): Promise<void> => {
  if (needed === 0) return
  if (!folder || !fileName) {
    structure.add(
      'unknown',
      'weights-not-looked-up',
      'The weights are in a .bin file of the same name. It was not looked up: only this file is here.',
    )
    return
  }
  const name = fileName.replace(/\.xml$/i, '.bin')
  try {
    const weights = await folder.open(name)
    await weights.close()
    if (weights.sizeBytes >= needed) structure.passed('weights', `The weights in ${name} are there, and long enough.`)
    else
      structure.add(
        'broken',
        'weights-too-short',
        `${name} has ${byteCount(weights.sizeBytes)}, the model needs ${grouped(needed)}.`,
        { file: name, advice: 'Download it again.' },
      )
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    structure.add(
      'broken',
      'weights-missing',
      `${name} with the weights cannot be opened: ${error.message} It has at least ${byteCount(needed)}.`,
      { file: name },
    )
  }
}
