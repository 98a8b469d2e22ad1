import type { ModelFileFormat } from './format.ts'
import { ggmlFormat } from './ggml/ggmlFormat.ts'
import { ggufFormat } from './gguf/ggufFormat.ts'
import { kerasFormat } from './keras/kerasFormat.ts'
import { numpyFormat } from './numpy/numpyFormat.ts'
import { onnxFormat } from './onnx/onnxFormat.ts'
import { otherFormats } from './other/otherFormats.ts'
import { safetensorsFormat } from './safetensors/safetensorsFormat.ts'
import { tarFormat } from './tar/tarFormat.ts'
import { savedModelFormat } from './tensorflow/savedModelFormat.ts'
import { tfliteFormat } from './tensorflow/tfliteFormat.ts'
import { torchFormat } from './torch/torchFormat.ts'
import { zipFormat } from './zip/zipFormat.ts'

/**
 * Every reader; the first that recognises a file reads it. Rules of the order:
 * - a magic number or a header of its own comes before what is only likely (a pickle, a protobuf message);
 * - of zip archives, those whose first member tells what they are come before any other, which is looked into by its
 *   table of contents;
 * - what is a pickle from its first byte is one for Python, whatever else stands in it: before tar, whose sign is at
 *   byte 257;
 * - whole packed files (gzip, xz …) belong to PyTorch's reader, because joblib packs so;
 * - what is recognised and not read comes last.
 */
export const formats: readonly ModelFileFormat[] = [
  ggufFormat,
  ggmlFormat,
  safetensorsFormat,
  kerasFormat,
  numpyFormat,
  torchFormat,
  zipFormat,
  tarFormat,
  tfliteFormat,
  onnxFormat,
  savedModelFormat,
  ...otherFormats,
]
