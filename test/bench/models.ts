import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type SampleModelOptions, writeSampleModel } from '../../electron/files/sampleModel.ts'
import type { Bench } from './measure.ts'

const shapes = {
  /** 5 MB */
  tiny: {},
  /** 0.1 B parameters, 70 MB */
  '0.1B-Q4_0': { layers: 12, width: 768, feedForward: 2048, vocab: 16_384, type: 'Q4_0' },
  /** 0.3 B parameters, 270 MB */
  '0.3B-Q8_0': { layers: 16, width: 1024, feedForward: 2816, vocab: 32_000, type: 'Q8_0' },
  /** 1 B parameters, 1.1 GB */
  '1B-Q8_0': { layers: 21, width: 2048, feedForward: 5632, vocab: 32_000, type: 'Q8_0' },
} satisfies Record<string, SampleModelOptions>

/** A model of random weights, written once: its speed is that of any other of its shape. */
export async function benchModel({ cacheDir, tell }: Bench, name: keyof typeof shapes): Promise<string> {
  const path = join(cacheDir, `${name}.gguf`)
  if (existsSync(path)) return path
  tell(`  writing ${path}`)
  await writeSampleModel(path, { ...shapes[name], contextLength: 4096, name: `Random weights, ${name}` })
  return path
}
