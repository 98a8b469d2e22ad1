import { z } from 'zod'
import { procedure } from './base.ts'
import { ModelId } from './modelId.ts'

export const samples = {
  create: procedure(
    {
      method: 'POST',
      path: '/samples',
      summary: 'Write a small model with random weights that really loads; it talks nonsense',
      access: 'user',
    },
    ['BUSY', 'CANCELLED', 'PATH_UNUSABLE'],
  )
    .input(z.strictObject({}).optional())
    .output(z.object({ model: ModelId, path: z.string(), sizeBytes: z.number(), notice: z.string() })),
}
