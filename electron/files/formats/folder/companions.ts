import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup } from '../factGroup.ts'
import type { WeightSet } from './findWeights.ts'
import type { FolderReader } from './folderReader.ts'
import type { TokenizerFacts } from './tokenizerFiles.ts'

const sideFiles: readonly (readonly [label: string, pattern: RegExp])[] = [
  ['Generation settings', /^generation_config\.json$/],
  ['Preprocessor', /^(preprocessor|processor|image_processor|video_preprocessor|feature_extractor)_config\.json$/],
  ['Projector', /^mmproj.*\.gguf$/i],
  ['Importance matrix', /imatrix.*\.(dat|gguf)$/i],
  ['Index of the parts', /\.index\.json$/],
]
const shown = 6

/** What else lies in the folder that a program would look for. */
export const companionFacts = (
  reader: FolderReader,
  tokenizer: TokenizerFacts,
  sets: readonly WeightSet[],
): FactGroup => {
  const [, ...copies] = sets
  const names = (list: readonly string[]) =>
    list.length === 0
      ? null
      : list.slice(0, shown).join(', ') + (list.length > shown ? ` and ${list.length - shown} more` : '')
  return factGroup('Files', [
    ['Files in all', reader.names.length, 'file system'],
    ['Bytes in all', [...reader.entries.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), 'file system'],
    [
      'Weights',
      names(sets[0]?.index != null ? [sets[0].index, ...sets[0].files] : (sets[0]?.files ?? [])),
      'file names',
    ],
    ['Other copies of the weights', names(copies.flatMap(({ files }) => files)), 'file names'],
    ['Tokenizer', tokenizer.file === null ? null : `${tokenizer.kind} (${tokenizer.file})`, tokenizer.file ?? ''],
    ...sideFiles.map(
      ([label, pattern]) => [label, names(reader.names.filter((name) => pattern.test(name))), 'file names'] as const,
    ),
  ])
}
