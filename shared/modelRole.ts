import type { ModelRole } from './contract/models.ts'

const words: Readonly<Record<ModelRole, string>> = {
  llm: 'language model',
  embedding: 'embedding',
  reranker: 'reranker',
  projector: 'projector',
  adapter: 'adapter',
  'control-vector': 'control vector',
  imatrix: 'importance matrix',
  vocabulary: 'vocabulary',
  diffusion: 'diffusion',
  'diffusion-checkpoint': 'diffusion checkpoint',
  vae: 'VAE',
  'text-encoder': 'text encoder',
  'vision-encoder': 'vision encoder',
  controlnet: 'ControlNet',
  'textual-inversion': 'textual inversion',
  upscaler: 'upscaler',
  speech: 'speech model',
  classifier: 'classifier',
  draft: 'draft model',
  unknown: 'unknown',
}

/** What a model is for, in the words of the field. */
export const roleWord = (role: ModelRole): string => words[role]
