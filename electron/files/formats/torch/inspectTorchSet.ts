import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { FolderSource } from '../folderSource.ts'
import type { InspectOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection, TensorRow } from '../modelFile.ts'
import { worstLevel } from '../pickle/pickleReport.ts'
import { readShardIndex, type ShardIndex } from '../readShardIndex.ts'
import { shownText } from '../text.ts'
import { inspectTorch } from './inspectTorch.ts'
import type { TorchContent } from './torchContent.ts'
import { readTorch } from './torchFormat.ts'

const mostFiles = 500

interface Part {
  readonly name: string
  readonly sizeBytes: number
  readonly content: TorchContent
}

/**
 * One model in several `.bin` files, as `pytorch_model.bin.index.json` lists them: every file is looked into, and every
 * tensor has to be in the file that the index names.
 * @throws FormatError BAD_INDEX, TOO_DEEP, TOO_MUCH_WORK, or what opening the index throws
 */
export const inspectTorchSet = async (
  folder: FolderSource,
  indexName: string,
  options: InspectOptions = {},
): Promise<Inspection> => {
  const structure = createFindings('structure')
  const { weightMap, files } = await openIndex(folder, indexName, structure)
  const parts: Part[] = []
  for (const name of files) {
    const part = await readPart(folder, name, options, structure)
    if (part !== null) parts.push(part)
  }
  const tensors = parts.flatMap(({ name, content }) => content.tensors.map((row) => ({ ...row, file: name })))
  compare(weightMap, tensors, structure)
  if (structure.list.length === 0)
    structure.passed('set-complete', `${parts.length} files hold all ${weightMap.size} tensors of the index.`)
  const inspection = inspectTorch(
    merge(parts, tensors, structure.list),
    parts.reduce((sum, part) => sum + part.sizeBytes, 0),
  )
  return {
    ...inspection,
    summary: { ...inspection.summary, split: { no: 0, count: parts.length, tensorCount: weightMap.size } },
  }
}

const openIndex = async (folder: FolderSource, name: string, findings: Findings): Promise<ShardIndex> => {
  const source = await folder.open(name)
  try {
    const index = await readShardIndex(source, findings)
    if (index.files.length > mostFiles)
      throw new FormatError('BAD_INDEX', `The index of this model names more than ${mostFiles} files.`)
    return index
  } finally {
    await source.close()
  }
}

const readPart = async (
  folder: FolderSource,
  name: string,
  options: InspectOptions,
  structure: Findings,
): Promise<Part | null> => {
  options.signal?.throwIfAborted()
  try {
    const source = await folder.open(name)
    try {
      return { name, sizeBytes: source.sizeBytes, content: await readTorch(source, { ...options, fileName: name }) }
    } finally {
      await source.close()
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    structure.add(
      'broken',
      error.code === 'FILE_MISSING' ? 'part-missing' : 'part-unreadable',
      `"${shownText(name)}": ${error.message}`,
      { file: name },
    )
    return null
  }
}

const compare = (weightMap: ReadonlyMap<string, string>, tensors: readonly TensorRow[], structure: Findings): void => {
  const places = new Map(tensors.map(({ name, file }) => [name, file]))
  for (const [tensor, file] of weightMap)
    if (places.get(tensor) !== file)
      structure.add(
        'broken',
        'tensor-not-in-part',
        `The tensor "${shownText(tensor)}" is not in "${shownText(file)}".`,
        { tensor, file },
      )
  const extra = tensors.filter(({ name }) => !weightMap.has(name))
  const [first] = extra
  if (first !== undefined)
    structure.add('note', 'tensor-not-in-index', `${extra.length} tensors are not in the index.`, {
      tensor: first.name,
      file: first.file,
    })
}

/** Evidence names the part it was found in. */
const checksOf = ({ name, content }: Part): Check[] =>
  content.checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map((check) => ({
      ...check,
      evidence: {
        offset: null,
        tensor: null,
        text: null,
        ...check.evidence,
        file: check.evidence?.file ? `${name}: ${check.evidence.file}` : name,
      },
    }))

const mostChecks = 200

const merge = (parts: readonly Part[], tensors: readonly TensorRow[], checks: readonly Check[]): TorchContent => {
  const contents = parts.map(({ content }) => content)
  const sum = (of: (content: TorchContent) => number) => contents.reduce((total, content) => total + of(content), 0)
  return {
    format: contents[0]?.format ?? 'PyTorch checkpoint',
    formatVersion: `${contents[0]?.formatVersion ?? ''}, ${parts.length} files`.replace(/^, /, ''),
    tensors,
    dataBytes: sum(({ dataBytes }) => dataBytes),
    parameterCount: tensors.length === 0 ? null : sum(({ parameterCount }) => parameterCount ?? 0),
    root: null,
    imports: contents.flatMap(({ imports }) => imports),
    level: worstLevel(contents.map(({ level }) => level)),
    checks: [...checks, ...parts.flatMap(checksOf)].slice(0, mostChecks),
    metadata: [],
  }
}
