import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup, type Row } from '../factGroup.ts'
import type { Inspection } from '../modelFile.ts'
import { byteCount } from '../words.ts'
import { findWeights } from './findWeights.ts'
import type { FolderReader } from './folderReader.ts'
import { inspectWeights } from './inspectWeights.ts'

export interface PipelineFacts {
  readonly className: string | null
  readonly parts: readonly Inspection[]
  readonly facts: readonly FactGroup[]
}

interface Component {
  readonly name: string
  readonly library: string
  readonly className: string
}

const mostComponents = 40

/** `model_index.json`: `"unet": ["diffusers", "UNet2DConditionModel"]`, one folder each. */
export const readPipeline = async (reader: FolderReader): Promise<PipelineFacts> => {
  const index = await reader.fields('model_index.json')
  const own = index?.list('_class_name')
  const className = index?.text('_class_name') ?? (own && typeof own[1] === 'string' ? own[1] : null)
  if (own && typeof own[0] === 'string') addCode(reader, `${own[0]}.py`, 'The pipeline itself')
  const components = (index?.keys() ?? []).flatMap((name): Component[] => {
    const [library, type] = index?.texts(name) ?? []
    return name.startsWith('_') || library === undefined || type === undefined
      ? []
      : [{ name: name.slice(0, 100), library: library.slice(0, 100), className: type.slice(0, 100) }]
  })
  const parts: Inspection[] = []
  const rows: Row[] = []
  for (const component of components.slice(0, mostComponents)) {
    const { found, row } = await readComponent(reader, component)
    parts.push(...found)
    rows.push(row)
  }
  if (components.length > 0 && !reader.structure.list.some(({ outcome }) => outcome === 'broken'))
    reader.structure.passed('components-present', `All ${components.length} parts of the pipeline are in the folder.`)
  return {
    className: className?.slice(0, 200) ?? null,
    parts,
    facts: [
      factGroup('Pipeline', [
        ['Class', className?.slice(0, 200) ?? null, 'model_index.json: _class_name'],
        [
          'Written by diffusers',
          index?.text('_diffusers_version')?.slice(0, 60) ?? null,
          'model_index.json: _diffusers_version',
        ],
        ...rows,
      ]),
    ],
  }
}

const readComponent = async (
  reader: FolderReader,
  { name, library, className }: Component,
): Promise<{ found: readonly Inspection[]; row: Row }> => {
  const inside = reader.names.filter((file) => file.startsWith(`${name}/`))
  const bytes = inside.reduce((sum, file) => sum + (reader.entries.get(file)?.sizeBytes ?? 0), 0)
  const row: Row = [name, `${className} (${library}), ${byteCount(bytes)}`, `model_index.json: ${name}`]
  for (const file of [`${library}.py`, `${name}/${library}.py`])
    if (reader.has(file)) addCode(reader, file, `The part "${name}" (${className})`)
  if (inside.length === 0) {
    reader.structure.add(
      'broken',
      'component-missing',
      `The part "${name}" (${className}) is missing: there is no folder ${name}.`,
      {
        file: 'model_index.json',
        text: name,
      },
    )
    return { found: [], row }
  }
  const sets = findWeights(inside.map((file) => file.slice(name.length + 1)).filter((file) => !file.includes('/')))
  const within = (file: string) => `${name}/${file}`
  const found: Inspection[] = []
  for (const [place, set] of sets.entries()) {
    const all = await inspectWeights(reader, {
      ...set,
      index: set.index === null ? null : within(set.index),
      files: set.files.map(within),
    })
    if (place === 0) found.push(...all)
    // of other copies only what they might do counts
    else for (const { summary } of all) addOthers(reader, summary.checks)
  }
  const needsWeights =
    /(Model|UNet\w*|Autoencoder\w*|Transformer\w*)$/.test(className) && /^(diffusers|transformers)$/.test(library)
  if (sets.length === 0 && needsWeights)
    reader.structure.add('broken', 'weights-missing', `The part "${name}" (${className}) has no weights.`, {
      file: name,
    })
  await checkClass(reader, name, className)
  return { found, row }
}

/** The component's own configuration names its class once more. */
const checkClass = async (reader: FolderReader, name: string, className: string): Promise<void> => {
  const config = await reader.fields(`${name}/config.json`)
  const stated = config?.text('_class_name') ?? null
  const plain = (text: string) => text.replace(/^Flax/, '')
  if (stated !== null && plain(stated) !== plain(className))
    reader.meaning.add(
      'warning',
      'class-differs',
      `model_index.json says that "${name}" is a ${className}; its own configuration says ${stated.slice(0, 100)}.`,
      { file: `${name}/config.json` },
    )
}

const addOthers = (reader: FolderReader, checks: Inspection['summary']['checks']): void => {
  for (const { outcome, code, message, evidence } of checks)
    if (outcome === 'dangerous') reader.safety.add(outcome, code, message, evidence ?? null)
}

const addCode = (reader: FolderReader, file: string, what: string): void =>
  reader.safety.add('warning', 'custom-code', `${what} is Python code of its own: ${file}.`, {
    file: reader.has(file) ? file : 'model_index.json',
    text: file,
    advice: 'Read that file first. It runs only where "trust remote code" is switched on.',
  })
