import type { ModelFileFormat } from './format.ts'
import { ggmlFormat } from './ggml/ggmlFormat.ts'
import { ggufFormat } from './gguf/ggufFormat.ts'
import { kerasFormat } from './keras/kerasFormat.ts'
import { numpyFormat } from './numpy/numpyFormat.ts'
import { onnxFormat } from './onnx/onnxFormat.ts'
import { otherFormats } from './other/otherFormats.ts'
import { safetensorsFormat } from './safetensors/safetensorsFormat.ts'
import { savedModelFormat } from './tensorflow/savedModelFormat.ts'
import { tfliteFormat } from './tensorflow/tfliteFormat.ts'
import { torchFormat } from './torch/torchFormat.ts'
import { zipFormat } from './zip/zipFormat.ts'

/** Every reader, those with a sure sign first: the first that recognises a file reads it. */
export const formats: readonly ModelFileFormat[] = [
  ggufFormat,
  ggmlFormat,
  safetensorsFormat,
  kerasFormat,
  numpyFormat,
  torchFormat,
  zipFormat, // any other archive
  tfliteFormat,
  onnxFormat,
  savedModelFormat,
  ...otherFormats,
]
