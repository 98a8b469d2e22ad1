import { readHfConfig } from '../config/hfConfig.ts'
import { type HfQuantization, quantizationFiles, quantizationOfFile } from '../config/hfQuantization.ts'
import type { FolderSource } from '../folderSource.ts'
import type { ModelFileFormat, ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection } from '../modelFile.ts'
import { readAdapter } from './adapterFolder.ts'
import { checkAgainstConfig } from './checkAgainstConfig.ts'
import { readPipeline } from './diffusersFolder.ts'
import { findWeights, type WeightSet } from './findWeights.ts'
import { checkCode } from './folderCode.ts'
import type { FolderContents } from './folderContents.ts'
import type { FolderKind } from './folderKind.ts'
import { createFolderReader, type FolderReader } from './folderReader.ts'
import { readTemplates, templateSupports } from './folderTemplates.ts'
import { inspectPair } from './inspectPair.ts'
import { inspectWeights } from './inspectWeights.ts'
import { mergeInspections } from './mergeInspections.ts'
import { readModelCard } from './modelCard.ts'
import { recognizeFolder } from './recognizeFolder.ts'
import { readSentenceTransformers } from './sentenceTransformers.ts'
import { summarizeFolder } from './summarizeFolder.ts'
import { checkTokenizer, readTokenizer } from './tokenizerFiles.ts'

/**
 * A folder that is one model, from its configuration, its weights and everything beside them. The chat templates are
 * returned as text; who shows them checks them.
 * @throws FormatError for a folder that is no model (`recognizeFolder` gives null)
 */
export const inspectFolder = async (
  folder: FolderSource,
  formats: readonly ModelFileFormat[],
  options: ReadOptions = {},
): Promise<Inspection> => {
  const reader = await createFolderReader(folder, formats, options)
  const kind = recognizeFolder([...reader.entries.values()])
  if (kind === null)
    throw new FormatError(
      'UNKNOWN_FORMAT',
      'This folder is not one model. Choose a model file, or the folder of a model.',
    )
  if (kind === 'gguf-pair') return await inspectPair(reader)
  const contents = await readContents(reader, kind)
  return { ...summarizeFolder(contents), templates: contents.templates }
}

const readContents = async (reader: FolderReader, named: FolderKind): Promise<FolderContents> => {
  const configFields = await reader.fields('config.json')
  const config = readHfConfig(await reader.json('config.json'))
  const quantization = config?.quantization ?? (await sideQuantization(reader))
  const pipeline = named === 'diffusers' ? await readPipeline(reader) : null
  const sets = findWeights(reader.names.filter((name) => !name.includes('/') || name.startsWith('onnx/')))
  const { parts, isMlx } = pipeline === null ? await readWeights(reader, sets) : { parts: pipeline.parts, isMlx: false }
  const kind = named === 'transformers' && (isMlx || quantization?.method === 'mlx') ? 'mlx' : named
  const merged = mergeInspections(parts)
  // a configuration says what the tensors' names alone do not
  const isNamed = config !== null || pipeline !== null
  const weights = isNamed ? { ...merged, checks: merged.checks.filter(({ code }) => code !== 'unknown-model') } : merged
  const largest = [...parts].sort((one, other) => other.summary.dataBytes - one.summary.dataBytes)[0]?.summary
  const adapter = kind === 'peft' || kind === 'mlx-adapter' ? await readAdapter(reader) : null
  const pooling = kind === 'sentence-transformers' ? await readSentenceTransformers(reader) : null
  const tokenizer = await readTokenizer(reader)
  const templates = await readTemplates(reader)
  const contents = {
    ...{
      reader,
      kind,
      sets,
      config,
      configFields,
      quantization,
      weights,
      adapter,
      pooling,
      pipeline,
      tokenizer,
      templates,
    },
    weightsRole: largest?.role ?? 'unknown',
    weightsArchitecture: largest?.architecture ?? null,
    supports: templateSupports(reader, templates),
    card: await readModelCard(reader),
  } satisfies FolderContents
  await checkContents(contents)
  return contents
}

/** What older tools write beside the configuration. */
const sideQuantization = async (reader: FolderReader): Promise<HfQuantization | null> => {
  for (const name of quantizationFiles) {
    const found = quantizationOfFile(await reader.json(name), name)
    if (found !== null) return found
  }
  return null
}

/** Copies of the weights beside the first; more are named and not opened. */
const mostCopies = 12

const readWeights = async (
  reader: FolderReader,
  sets: readonly WeightSet[],
): Promise<{ parts: readonly Inspection[]; isMlx: boolean }> => {
  const [first, ...copies] = sets
  if (first === undefined) {
    reader.structure.add('broken', 'weights-missing', 'There are no weights in the folder.', {
      advice: 'Load the missing files into the same folder.',
    })
    return { parts: [], isMlx: false }
  }
  const parts = await inspectWeights(reader, first)
  for (const copy of copies.slice(0, mostCopies))
    for (const { summary } of await inspectWeights(reader, copy))
      for (const { rung, outcome, code, message, evidence } of summary.checks) {
        const findings = rung === 'safety' ? reader.safety : reader.structure
        if (outcome === 'dangerous' || outcome === 'broken' || outcome === 'warning')
          findings.add(outcome, code, message, evidence ?? null)
      }
  if (copies.length > mostCopies)
    reader.structure.add(
      'note',
      'copies-left-out',
      `${copies.length - mostCopies} more copies of the weights were not opened.`,
    )
  const isMlx = parts.some(({ metadata }) => metadata.some(({ key, value }) => key === 'format' && value === 'mlx'))
  return { parts, isMlx }
}

/** Kinds whose own files stand in for a tokenizer or need none. */
const bringsOwnTokenizer = new Set<FolderKind>([
  'diffusers',
  'nemo',
  'savedmodel',
  'tensorrt-llm',
  'gguf-pair',
  'peft',
  'mlx-adapter',
])

const checkContents = async (contents: FolderContents): Promise<void> => {
  const { reader, kind, sets, config, configFields, quantization, weights, tokenizer } = contents
  if (config !== null && (sets[0]?.kind === 'safetensors' || sets[0]?.kind === 'pytorch'))
    checkAgainstConfig(config, configFields, quantization, weights.tensors, reader.meaning)
  if (!bringsOwnTokenizer.has(kind))
    checkTokenizer(reader, tokenizer, config?.role ?? 'unknown', config?.geometry.vocabSize ?? null)
  if (!reader.structure.list.some(({ code }) => code === 'bad-json' || code === 'duplicate-key'))
    reader.structure.passed('json-files', 'The configurations are strict JSON, with no key given twice.')
  await checkCode(reader, config?.customCode ?? [], config?.modelFile ?? null)
}
