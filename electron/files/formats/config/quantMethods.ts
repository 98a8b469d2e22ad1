/** How weights are packed, and what can load them. */
export interface Method {
  readonly name: string
  readonly bits: number | null
  readonly runsWith: string
}

const cuda = 'on an NVIDIA GPU (CUDA) or AMD GPU (ROCm)'
const method = (name: string, bits: number | null, runsWith: string): Method => ({ name, bits, runsWith })

/** What is around in August 2026. Bits are those of the method when the file need not say them. */
export const methods: ReadonlyMap<string, Method> = new Map([
  ['gptq', method('GPTQ', 4, `transformers, vLLM, SGLang, ExLlama ${cuda}`)],
  ['awq', method('AWQ', 4, `transformers, vLLM, SGLang ${cuda}`)],
  ['bitsandbytes', method('bitsandbytes', null, 'transformers or vLLM with bitsandbytes, mostly on NVIDIA GPUs')],
  [
    'fp8',
    method('FP8', 8, 'transformers, vLLM, SGLang on GPUs that compute FP8 (NVIDIA Ada, Hopper and later, AMD MI300)'),
  ],
  ['fbgemm_fp8', method('FP8 (FBGEMM)', 8, 'transformers or vLLM on NVIDIA Hopper and later')],
  ['compressed-tensors', method('compressed-tensors', null, `vLLM or transformers ${cuda}`)],
  ['modelopt', method('ModelOpt', null, 'TensorRT-LLM, vLLM, SGLang on NVIDIA GPUs')],
  ['modelopt_fp4', method('ModelOpt NVFP4', 4, 'TensorRT-LLM, vLLM, SGLang on NVIDIA Blackwell')],
  ['mxfp4', method('MXFP4', 4, 'transformers, vLLM, SGLang, mostly on NVIDIA GPUs')],
  ['exl2', method('EXL2', null, `ExLlamaV2 (TabbyAPI) ${cuda}`)],
  ['exl3', method('EXL3', null, 'ExLlamaV3 (TabbyAPI) on an NVIDIA GPU (CUDA)')],
  ['hqq', method('HQQ', null, `transformers with hqq ${cuda}`)],
  ['aqlm', method('AQLM', null, 'transformers or vLLM with aqlm on an NVIDIA GPU (CUDA)')],
  ['quip', method('QuIP#', null, 'its own loader on an NVIDIA GPU (CUDA)')],
  ['quip#', method('QuIP#', null, 'its own loader on an NVIDIA GPU (CUDA)')],
  ['quanto', method('Quanto', null, 'transformers with optimum-quanto')],
  ['eetq', method('EETQ', 8, 'transformers with eetq on an NVIDIA GPU (CUDA)')],
  ['vptq', method('VPTQ', null, 'transformers with vptq on an NVIDIA GPU (CUDA)')],
  ['spqr', method('SpQR', null, 'transformers with spqr_quant on an NVIDIA GPU (CUDA)')],
  ['higgs', method('HIGGS', null, 'transformers with flute-kernel on an NVIDIA GPU (CUDA)')],
  ['torchao', method('torchao', null, 'transformers or vLLM with torchao')],
  ['bitnet', method('BitNet', 2, 'transformers, or bitnet.cpp after a conversion')],
  ['auto-round', method('AutoRound', 4, 'transformers with auto-round, vLLM, on GPUs and Intel CPUs')],
  ['auto_round', method('AutoRound', 4, 'transformers with auto-round, vLLM, on GPUs and Intel CPUs')],
  ['intel/auto-round', method('AutoRound', 4, 'transformers with auto-round, vLLM, on GPUs and Intel CPUs')],
  ['sinq', method('SINQ', null, 'transformers with sinq on an NVIDIA GPU (CUDA)')],
  ['tpu_int8', method('INT8 for TPU', 8, 'vLLM on a TPU')],
  ['mlx', method('MLX', null, 'MLX (mlx-lm, LM Studio) on Apple silicon')],
])
