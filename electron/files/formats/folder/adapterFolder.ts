import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup } from '../factGroup.ts'
import type { FolderReader } from './folderReader.ts'

export interface AdapterFacts {
  readonly base: string | null
  readonly facts: readonly FactGroup[]
}

/** `adapter_config.json` of PEFT, or of mlx-lm. */
export const readAdapter = async (reader: FolderReader): Promise<AdapterFacts> => {
  const name = 'adapter_config.json'
  const fields = await reader.fields(name)
  if (fields === null) return { base: null, facts: [] }
  const key = (path: string) => `${name}: ${path}`
  const lora = fields.object('lora_parameters')
  const base = fields.text('base_model_name_or_path') ?? fields.text('model')
  if (base === null)
    reader.meaning.add('warning', 'no-base-model', 'The adapter does not say which model it belongs to.', {
      file: name,
    })
  else reader.meaning.passed('base-model', `The adapter belongs to ${base.slice(0, 200)}.`)
  const targets =
    fields.texts('target_modules')?.slice(0, 20).join(', ') ?? fields.text('target_modules')?.slice(0, 300) ?? null
  return {
    base: base?.slice(0, 300) ?? null,
    facts: [
      factGroup('Adapter', [
        [
          'Kind',
          (fields.text('peft_type') ?? fields.text('fine_tune_type'))?.slice(0, 60) ?? null,
          key(fields.has('peft_type') ? 'peft_type' : 'fine_tune_type'),
        ],
        ['Belongs to', base?.slice(0, 300) ?? null, key('base_model_name_or_path')],
        ['Rank', fields.integer('r') ?? lora?.integer('rank') ?? null, key('r')],
        ['Alpha', fields.number('lora_alpha'), key('lora_alpha')],
        ['Scale', lora?.number('scale') ?? null, key('lora_parameters.scale')],
        ['Layers', fields.integer('num_layers'), key('num_layers')],
        ['Changes', targets, key('target_modules')],
        ['Whole modules', fields.texts('modules_to_save')?.slice(0, 20).join(', ') ?? null, key('modules_to_save')],
        ['DoRA', fields.truth('use_dora') === true ? 'yes' : null, key('use_dora')],
        ['Task', fields.text('task_type')?.slice(0, 60) ?? null, key('task_type')],
      ]),
    ],
  }
}
