import { z } from 'zod'
import { ModelId } from './modelId.ts'

/** What removing a model gives back. */
export const Removal = z.object({
  model: ModelId,
  /** bytes on the disk; null when the provider does not tell */
  freedBytes: z.number().nullable(),
  /** models whose files stay because these use them too */
  sharedWith: z.array(ModelId),
  /** models that lose their files with this one */
  alsoRemoved: z.array(ModelId),
  /** what else goes, e.g. that it is loaded now */
  notes: z.array(z.string()),
})
export type Removal = z.infer<typeof Removal>

/** What a new model is made of. Paths are on Berth's machine. */
export const CreateSource = z.discriminatedUnion('from', [
  /** a GGUF file, or the first of its shards */
  z.strictObject({ from: z.literal('file'), path: z.string().min(1).max(4096) }),
  /** a folder with safetensors files, as Hugging Face lays it out */
  z.strictObject({ from: z.literal('folder'), path: z.string().min(1).max(4096) }),
  /** another model of the same provider, by its key */
  z.strictObject({ from: z.literal('model'), key: z.string().min(1).max(900) }),
])
export type CreateSource = z.infer<typeof CreateSource>

/** The parts of a Modelfile. */
export const CreateRequest = z.strictObject({
  /** the new model: `provider/key` */
  model: ModelId,
  source: CreateSource,
  template: z.string().max(1_000_000).optional(),
  system: z.string().max(1_000_000).optional(),
  license: z.string().max(1_000_000).optional(),
  /** e.g. `num_ctx`, `temperature`, `stop` */
  parameters: z
    .record(
      z.string().regex(/^[a-z][a-z_]{0,63}$/),
      z.union([z.number(), z.boolean(), z.string().max(10_000), z.array(z.string().max(10_000)).max(100)]),
    )
    .optional(),
  /** only from F32, F16 or BF16 weights */
  quantization: z.enum(['q8_0', 'q4_K_M', 'q4_K_S']).optional(),
})
export type CreateRequest = z.infer<typeof CreateRequest>

/** A LoRA adapter that a running model can use. */
export const Adapter = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string().nullable(),
  /** null where it is chosen with each request */
  scale: z.number().nullable(),
})
export type Adapter = z.infer<typeof Adapter>

export const Adapters = z.object({
  adapters: z.array(Adapter),
  can: z.object({ scale: z.boolean(), add: z.boolean(), remove: z.boolean() }),
})
export type Adapters = z.infer<typeof Adapters>

export const AdapterChange = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('scale'), id: z.string().max(1000), scale: z.number().min(-100).max(100) }),
  /** the path is on the server's machine */
  z.strictObject({
    change: z.literal('add'),
    name: z.string().min(1).max(200),
    path: z.string().min(1).max(4096),
  }),
  z.strictObject({ change: z.literal('remove'), id: z.string().max(1000) }),
])
export type AdapterChange = z.infer<typeof AdapterChange>

/** One thing that is wrong with a name or a version. `at`: index of the first wrong character, in UTF-16 units. */
const NameProblem = z.object({ part: z.string(), message: z.string(), at: z.number().nullable() })

export const NameVerdict = z.object({
  valid: z.boolean(),
  name: z.object({
    valid: z.boolean(),
    /** as it would be shown and compared; null when it is not valid */
    normalized: z.string().nullable(),
    parts: z
      .object({
        host: z.string().nullable(),
        namespace: z.string().nullable(),
        model: z.string(),
        tag: z.string().nullable(),
      })
      .nullable(),
    problems: z.array(NameProblem),
  }),
  /** null when none was given */
  version: z
    .object({
      valid: z.boolean(),
      normalized: z.string().nullable(),
      major: z.number().nullable(),
      minor: z.number().nullable(),
      patch: z.number().nullable(),
      prerelease: z.array(z.union([z.string(), z.number()])),
      build: z.array(z.string()),
      problems: z.array(NameProblem),
    })
    .nullable(),
})
export type NameVerdict = z.infer<typeof NameVerdict>
