import type { TensorRow } from '../modelFile.ts'

/** Keys under which training programs put the model beside optimizer and counters; the first that is there is it. */
const wrappers = [
  'params_ema',
  'ema_state_dict',
  'model_ema',
  'state_dict',
  'model_state_dict',
  'params',
  'model',
  'module',
  'ema',
  'net',
  'network',
  'generator',
  'weights',
  'string_to_param',
]

export interface ModelPart {
  /** the model's tensors by their own names */
  readonly tensors: readonly TensorRow[]
  /** the key it was under; null: the file is the model */
  readonly wrapper: string | null
}

/** Optimizer states and copies are no part of the model. A name of a wrapper that only some layers share is a layer. */
export const modelPartOf = (tensors: readonly TensorRow[]): ModelPart => {
  let part = tensors
  let path = ''
  for (let depth = 0; depth < 3; depth++) {
    const wrapper = wrappers.find((key) => part.some(({ name }) => name.startsWith(`${key}.`)))
    const heads = new Set(part.map(({ name }) => name.split('.', 1)[0] ?? ''))
    if (wrapper === undefined || !isWrapped(heads)) break
    part = part
      .filter(({ name }) => name.startsWith(`${wrapper}.`))
      .map((row) => ({ ...row, name: row.name.slice(wrapper.length + 1) }))
    path = path === '' ? wrapper : `${path}.${wrapper}`
  }
  return { tensors: part, wrapper: path === '' ? null : path }
}

const besides = new Set([
  ...wrappers,
  'optimizer',
  'optimizers',
  'optimizer_state_dict',
  'optimizer_states',
  'lr_schedulers',
  'scheduler',
  'scaler',
  'callbacks',
  'loops',
  'rng_state',
  'cuda_rng_state',
  'random_rng_state',
  'hyper_parameters',
  'discriminator',
  'loss',
  'args',
  'epoch',
  'best_loss',
  'name',
])

/** All that stands beside the wrapper is something a training program puts there. */
const isWrapped = (heads: ReadonlySet<string>) =>
  [...heads].every((head) => besides.has(head) || /_(state|states)$/.test(head))
