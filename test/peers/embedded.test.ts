import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createTestSupervisor, never } from '../../electron/engine/testSupervisor.ts'

const models = process.env.PEER_MODELS_DIR
const name = models
  ? 'the embedded engine with a real model'
  : 'the embedded engine with a real model at PEER_MODELS_DIR (not set: skipped)'

const dot = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

describe.skipIf(!models)(name, () => {
  test('puts sentences of one meaning closer together than others', { timeout: 60_000 }, async () => {
    const supervisor = createTestSupervisor()
    await supervisor.loadSmall('minilm', join(models ?? '', 'all-minilm-l6-v2-f16.gguf'))
    const texts = [
      'A cat sleeps on the sofa.',
      'A kitten is napping on the couch.',
      'The stock market fell sharply today.',
    ]
    const { embeddings } = await supervisor.embed('minilm', texts, never)
    const [cat, kitten, market] = embeddings
    expect(cat).toHaveLength(384)
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, market) + 0.3)
  })
})
