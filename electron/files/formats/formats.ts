import type { ModelFileFormat } from './format.ts'
import { ggmlFormat } from './ggml/ggmlFormat.ts'
import { ggufFormat } from './gguf/ggufFormat.ts'
import { onnxFormat } from './onnx/onnxFormat.ts'
import { safetensorsFormat } from './safetensors/safetensorsFormat.ts'
import { torchFormat } from './torch/torchFormat.ts'

/** Every reader, those with a sure sign first: the first that recognises a file reads it. */
export const formats: readonly ModelFileFormat[] = [
  ggufFormat,
  ggmlFormat,
  safetensorsFormat,
  torchFormat,
  onnxFormat,
]
