import type { ModelRole } from '../../../../shared/contract/models.ts'
import type { Fields } from '../config/fields.ts'
import type { HfConfig } from '../config/hfConfig.ts'
import type { HfQuantization } from '../config/hfQuantization.ts'
import type { ChatTemplate } from '../modelFile.ts'
import type { TemplateFeature } from '../template/supports.ts'
import type { AdapterFacts } from './adapterFolder.ts'
import type { PipelineFacts } from './diffusersFolder.ts'
import type { WeightSet } from './findWeights.ts'
import type { FolderKind } from './folderKind.ts'
import type { FolderReader } from './folderReader.ts'
import type { Merged } from './mergeInspections.ts'
import type { ModelCard } from './modelCard.ts'
import type { PoolingFacts } from './sentenceTransformers.ts'
import type { TokenizerFacts } from './tokenizerFiles.ts'

/** All that was read of one folder, before it becomes one inspection. */
export interface FolderContents {
  readonly reader: FolderReader
  readonly kind: FolderKind
  readonly config: HfConfig | null
  readonly configFields: Fields | null
  readonly quantization: HfQuantization | null
  /** copies of the weights at the top, the one that counts first */
  readonly sets: readonly WeightSet[]
  readonly weights: Merged
  /** what the weights say of themselves */
  readonly weightsRole: ModelRole
  readonly weightsArchitecture: string | null
  readonly tokenizer: TokenizerFacts
  readonly templates: readonly ChatTemplate[]
  readonly supports: readonly TemplateFeature[]
  readonly card: ModelCard
  readonly adapter: AdapterFacts | null
  readonly pooling: PoolingFacts | null
  readonly pipeline: PipelineFacts | null
}
