import type { ModelRole } from '../../../../shared/contract/models.ts'
import type { Fields } from './fields.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Encoders by `model_type`: they look at the whole text at once and make embeddings, labels or scores of it. */
const encoders = words(`
  bert roberta xlm-roberta xlm-roberta-xl camembert mpnet distilbert electra deberta deberta-v2 albert modernbert nomic_bert
  new gte jina_bert xlm nystromformer squeezebert longformer bigbird big_bird eurobert neobert esm t5encoder`)
const speech = words(`
  whisper wav2vec2 hubert speecht5 seamless_m4t seamless_m4t_v2 vits bark speech_to_text encodec musicgen moonshine parakeet
  wav2vec2-bert kyutai_speech_to_text dia csm`)
const textEncoders = words('clip_text_model siglip_text_model t5_encoder')
const visionEncoders = words(`
  clip_vision_model siglip_vision_model vit dinov2 dinov3_vit swin convnext beit deit vit_mae hiera dinov2_with_registers`)

/** What a class of diffusers is for, by the end of its name. */
const diffusersRoles: readonly (readonly [pattern: RegExp, role: ModelRole])[] = [
  [/Pipeline$/, 'diffusion-checkpoint'],
  [/ControlNet\w*$/, 'controlnet'],
  [/^(Autoencoder|VQModel|ConsistencyDecoderVAE)/, 'vae'],
  [/(UNet\w*|Transformer\w*|PriorTransformer|Kandinsky\w*UNet)$/, 'diffusion'],
]

export const isEncoderType = (modelType: string | null): boolean => encoders.has(modelType ?? '')

const roleOfClass = (className: string): ModelRole =>
  diffusersRoles.find(([pattern]) => pattern.test(className))?.[1] ?? 'unknown'

export const hfRole = (top: Fields, architecture: string | null, modelType: string | null): ModelRole => {
  const className = top.text('_class_name')
  if (className !== null) return roleOfClass(className)
  const type = modelType ?? ''
  const name = architecture ?? ''
  if (speech.has(type) || /(ForSpeech|ForCTC|ForTextToSpeech|ForAudio)/.test(name)) return 'speech'
  if (textEncoders.has(type) || /(CLIPTextModel|T5EncoderModel|TextModelWithProjection)/.test(name))
    return 'text-encoder'
  if (/SequenceClassification$/.test(name)) return labels(top) === 1 ? 'reranker' : 'classifier'
  if (/(Classification|QuestionAnswering|ObjectDetection|Segmentation|DepthEstimation)$/.test(name)) return 'classifier'
  if (visionEncoders.has(type) || /Vision(Model|Transformer)/.test(name)) return 'vision-encoder'
  if (/(CausalLM|LMHeadModel|ForConditionalGeneration|ForImageTextToText|CausalLMWithValueHead)$/.test(name))
    return 'llm'
  if (encoders.has(type) || /(CLIP|Siglip|Align)\w*Model$/.test(name)) return 'embedding'
  // the trunk of a language model, saved without its head
  if (/Model$/.test(name) && !/(Time|Graph|Decision)/.test(name)) return 'embedding'
  return architecture === null && top.integer('vocab_size') !== null ? 'llm' : 'unknown'
}

const labels = (top: Fields): number | null =>
  top.integer('num_labels') ?? top.object('id2label')?.keys().length ?? null

export const hfCapabilities = (role: ModelRole, top: Fields): string[] => {
  if (role === 'embedding') return ['embedding']
  if (role === 'reranker') return ['rerank']
  if (role !== 'llm') return []
  const has = (...keys: string[]) => keys.some((key) => top.has(key) || top.object('thinker_config')?.has(key) === true)
  return [
    'completion',
    ...(has('vision_config', 'visual', 'vision_tower', 'mm_vision_tower', 'vision_encoder') ? ['vision'] : []),
    ...(has('audio_config', 'audio_encoder_config', 'sound_config') ? ['audio'] : []),
  ]
}
