import { z } from 'zod'

/** `provider/key`, see shared/modelId.ts. */
export const ModelId = z
  .string()
  .min(3)
  .max(1024)
  .regex(/^[^/]+\/[\s\S]+$/)
  .meta({ examples: ['embedded/berth-sample'] })
  .brand<'ModelId'>()
export type ModelId = z.infer<typeof ModelId>
