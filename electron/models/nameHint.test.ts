import { expect, test } from 'vitest'
import { nameHint } from './nameHint.ts'

test.each([
  ['qwen3:8b', 'qwen3-8b'],
  ['Qwen/Qwen3-8B', 'qwen3-8b'],
  ['Qwen3-8B-Q4_K_M.gguf', 'qwen3-8b'],
  ['qwen3-8b-iq4_xs', 'qwen3-8b'],
  ['lmstudio-community/Qwen3-8B-GGUF', 'qwen3-8b'],
  ['hf.co/bartowski/Qwen3-8B-GGUF:Q4_K_M', 'qwen3-8b'],
  ['qwen/qwen3-8b:free', 'qwen3-8b'],
  ['llama3.2:latest', 'llama3-2'],
  ['all-minilm-l6-v2-f16', 'all-minilm-l6-v2'],
  ['gpt-oss-20b-mxfp4-00001-of-00003', 'gpt-oss-20b'],
])('%s hints at %s', (name, hint) => {
  expect(nameHint(name)).toBe(hint)
})

test.each(['model.gguf', 'ggml-model-f16', 'Q4_K_M', '7', 'abc'])('%s says too little', (name) => {
  expect(nameHint(name)).toBeNull()
})
