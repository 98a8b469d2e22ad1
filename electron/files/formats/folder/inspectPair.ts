import { factGroup } from '../factGroup.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection } from '../modelFile.ts'
import { byteCount } from '../words.ts'
import { checkCode } from './folderCode.ts'
import { kindWords } from './folderKind.ts'
import type { FolderReader } from './folderReader.ts'
import { inspectFile } from './inspectWeights.ts'
import { readModelCard } from './modelCard.ts'
import { isProjectorName } from './recognizeFolder.ts'

/** A GGUF model and the projectors that give it eyes or ears: the model's own inspection, with what the others add. */
export const inspectPair = async (reader: FolderReader): Promise<Inspection> => {
  const names = reader.names.filter((name) => /^[^/]+\.gguf$/i.test(name))
  const mainName = names.find((name) => !isProjectorName(name))
  const main = mainName === undefined ? null : await inspectFile(reader, mainName)
  if (main === null)
    throw new FormatError(
      'UNKNOWN_FORMAT',
      reader.structure.list[0]?.message ?? 'The model in this folder cannot be read.',
    )
  const projectors: Inspection[] = []
  for (const name of names.filter(isProjectorName)) {
    const found = await inspectFile(reader, name)
    if (found === null) continue
    projectors.push(found)
    if (found.summary.role !== 'projector')
      reader.meaning.add('warning', 'no-projector', `${name} is called a projector and is none.`, { file: name })
  }
  await checkCode(reader, [], null)
  const card = await readModelCard(reader)
  const { summary } = main
  const senses = projectors.flatMap(({ summary: { capabilities } }) => capabilities)
  const checks = [
    ...reader.structure.list,
    ...[main, ...projectors].flatMap((part) => part.summary.checks),
    ...reader.meaning.list,
    ...reader.safety.list,
  ]
  return {
    ...main,
    summary: {
      ...summary,
      format: kindWords['gguf-pair'].label,
      capabilities: [...new Set([...summary.capabilities, ...senses])],
      license: summary.license ?? card.license,
      baseModels: summary.baseModels.length > 0 ? summary.baseModels : card.baseModels,
      sizeBytes: [...reader.entries.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      checks,
    },
    facts: [
      ...main.facts,
      factGroup(
        'Projectors',
        projectors.map((part) => [
          part.tensors[0]?.file ?? 'mmproj',
          `${part.summary.capabilities.join(', ')}, ${byteCount(part.summary.dataBytes)}`,
          'tensor table',
        ]),
      ),
      card.facts,
    ].filter(({ facts }) => facts.length > 0),
    tensors: [main, ...projectors].flatMap(({ tensors }) => tensors),
  }
}
