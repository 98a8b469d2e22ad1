import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { cutText } from '../../../lib/cutText.ts'
import { factGroup, type Row } from '../factGroup.ts'
import { grouped } from '../words.ts'
import { jsonObject, ownText } from './metadataJson.ts'
import { triggerWords } from './triggerWords.ts'

type Metadata = ReadonlyMap<string, string>
type Table = readonly (readonly [label: string, key: string])[]

const identity: Table = [
  ['Title', 'modelspec.title'],
  ['Description', 'modelspec.description'],
  ['Author', 'modelspec.author'],
  ['Date', 'modelspec.date'],
  ['License', 'modelspec.license'],
  ['License', 'license'],
  ['Framework', 'format'],
]

const spec: Table = [
  ['Declared architecture', 'modelspec.architecture'],
  ['Declared architecture', 'architecture'],
  ['Implementation', 'modelspec.implementation'],
  ['Usage hint', 'modelspec.usage_hint'],
  ['Trigger phrase', 'modelspec.trigger_phrase'],
  ['Resolution', 'modelspec.resolution'],
  ['Prediction type', 'modelspec.prediction_type'],
  ['Time step range', 'modelspec.timestep_range'],
  ['Encoder layer', 'modelspec.encoder_layer'],
  ['Preprocessor', 'modelspec.preprocessor'],
  ['Negative embedding', 'modelspec.is_negative_embedding'],
  ['UNet type', 'modelspec.unet_dtype'],
  ['VAE type', 'modelspec.vae_dtype'],
  ['Language', 'modelspec.language'],
  ['Data format', 'modelspec.data_format'],
  ['Tags', 'modelspec.tags'],
  ['Merged from', 'modelspec.merged_from'],
  ['Version of the specification', 'modelspec.sai_model_spec'],
]

const training: Table = [
  ['Output name', 'ss_output_name'],
  ['Trained on', 'ss_sd_model_name'],
  ['Base version', 'ss_base_model_version'],
  ['Network', 'ss_network_module'],
  ['Network rank', 'ss_network_dim'],
  ['Network alpha', 'ss_network_alpha'],
  ['Network arguments', 'ss_network_args'],
  ['VAE', 'ss_vae_name'],
  ['Resolution', 'ss_resolution'],
  ['Clip skip', 'ss_clip_skip'],
  ['Steps', 'ss_steps'],
  ['Steps at most', 'ss_max_train_steps'],
  ['Epoch', 'ss_epoch'],
  ['Epochs', 'ss_num_epochs'],
  ['Training pictures', 'ss_num_train_images'],
  ['Regularisation pictures', 'ss_num_reg_images'],
  ['Learning rate', 'ss_learning_rate'],
  ['Learning rate of the UNet', 'ss_unet_lr'],
  ['Learning rate of the text encoder', 'ss_text_encoder_lr'],
  ['Schedule', 'ss_lr_scheduler'],
  ['Optimizer', 'ss_optimizer'],
  ['Mixed precision', 'ss_mixed_precision'],
  ['Loss', 'ss_loss_type'],
  ['Seed', 'ss_seed'],
  ['Comment', 'ss_training_comment'],
  ['Trainer version', 'ss_sd_scripts_commit_hash'],
]

const hashes: Table = [
  ['SHA-256 of the data', 'modelspec.hash_sha256'],
  ['SHA-256 of the data', 'sshs_model_hash'],
  ['Legacy hash', 'sshs_legacy_hash'],
  ['Hash of the base', 'ss_new_sd_model_hash'],
  ['Short hash of the base', 'ss_sd_model_hash'],
  ['Hash of the VAE', 'ss_new_vae_hash'],
]

/** Values that are whole documents: said to be there, with their size. */
const documents: Table = [
  ['ComfyUI workflow', 'workflow'],
  ['ComfyUI prompt', 'prompt'],
  ['Merge recipe', 'sd_merge_recipe'],
  ['Merged models', 'sd_merge_models'],
  ['Configuration', 'config'],
  ['Data sets', 'ss_datasets'],
  ['Data set folders', 'ss_dataset_dirs'],
  ['Picture', 'modelspec.thumbnail'],
]

const longest = 400
const rows = (metadata: Metadata, table: Table): Row[] =>
  table.map(([label, key]) => {
    const value = metadata.get(key)
    return [label, value === undefined || value === 'None' ? null : cutText(value, longest), key]
  })

/** kohya writes seconds since 1970 as text. */
const moment = (metadata: Metadata, label: string, key: string): Row => {
  const seconds = Number(metadata.get(key) || Number.NaN)
  const isTime = seconds > 1e9 && seconds < 1e11
  return [label, isTime ? new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z') : null, key]
}

const jsonRows = (metadata: Metadata, key: string, table: Table): Row[] => {
  const object = jsonObject(metadata.get(key))
  return table.map(([label, field]) => [label, ownText(object, field), `${key}: ${field}`])
}

/** What the file says about itself under keys that tools agree on; every fact with its key. Nothing of it is proven. */
export const metadataFacts = (metadata: Metadata): FactGroup[] =>
  [
    factGroup('What it says of itself', [...rows(metadata, identity), ...rows(metadata, spec)]),
    factGroup('Adapter settings', [
      ...jsonRows(metadata, 'lora_adapter_metadata', [
        ['Rank', 'r'],
        ['Alpha', 'lora_alpha'],
        ['Kind', 'peft_type'],
        ['Rank', 'transformer.r'],
        ['Alpha', 'transformer.lora_alpha'],
        ['Rank', 'unet.r'],
        ['Alpha', 'unet.lora_alpha'],
      ]),
    ]),
    factGroup('Training', [
      ...rows(metadata, training),
      moment(metadata, 'Started', 'ss_training_started_at'),
      moment(metadata, 'Finished', 'ss_training_finished_at'),
      ['Most frequent tags', triggerWords(metadata), 'ss_tag_frequency'],
    ]),
    factGroup('Quantisation', [
      ...['quantization_config', '_quantization_metadata'].flatMap((key) =>
        jsonRows(metadata, key, [
          ['Method', 'quant_method'],
          ['Bits', 'bits'],
          ['Group size', 'group_size'],
          ['Format', 'format'],
          ['Format version', 'format_version'],
        ]),
      ),
    ]),
    factGroup('Hashes in the metadata', rows(metadata, hashes)),
    factGroup(
      'Documents in the metadata',
      documents.map(([label, key]) => {
        const value = metadata.get(key)
        return [label, value === undefined ? null : `${grouped(value.length)} characters`, key]
      }),
    ),
  ].filter((group) => group.facts.length > 0)
