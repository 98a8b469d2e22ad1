/** What a folder of files is, as one model. */
export type FolderKind =
  | 'diffusers'
  | 'transformers'
  | 'mlx'
  | 'sentence-transformers'
  | 'peft'
  | 'mlx-adapter'
  | 'mistral'
  | 'onnxruntime-genai'
  | 'openvino'
  | 'mlc'
  | 'tensorrt-llm'
  | 'nemo'
  | 'savedmodel'
  | 'ctranslate2'
  | 'gguf-pair'

interface KindWords {
  /** the format, for people */
  readonly label: string
  /** what loads it */
  readonly runsWith: string
}

export const kindWords: Readonly<Record<FolderKind, KindWords>> = {
  diffusers: { label: 'diffusers pipeline', runsWith: 'diffusers (Python)' },
  transformers: { label: 'Hugging Face model', runsWith: 'transformers, vLLM, SGLang' },
  mlx: { label: 'MLX model', runsWith: 'MLX (mlx-lm, LM Studio) on Apple silicon' },
  'sentence-transformers': { label: 'sentence-transformers model', runsWith: 'sentence-transformers (Python)' },
  peft: { label: 'PEFT adapter', runsWith: 'transformers with PEFT, together with its base model' },
  'mlx-adapter': { label: 'MLX adapter', runsWith: 'mlx-lm on Apple silicon, together with its base model' },
  mistral: { label: 'model in the layout of Mistral and Meta', runsWith: 'vLLM, mistral-inference' },
  'onnxruntime-genai': { label: 'ONNX Runtime GenAI model', runsWith: 'onnxruntime-genai' },
  openvino: { label: 'OpenVINO model', runsWith: 'OpenVINO, mostly on Intel processors and GPUs' },
  mlc: { label: 'MLC model', runsWith: 'MLC-LLM, WebLLM' },
  'tensorrt-llm': {
    label: 'TensorRT-LLM engine',
    runsWith: 'TensorRT-LLM of the version and on the kind of NVIDIA GPU it was built for',
  },
  nemo: { label: 'NeMo model', runsWith: 'NVIDIA NeMo' },
  savedmodel: { label: 'TensorFlow SavedModel', runsWith: 'TensorFlow' },
  ctranslate2: { label: 'CTranslate2 model', runsWith: 'CTranslate2, faster-whisper' },
  'gguf-pair': { label: 'GGUF model with a projector', runsWith: 'llama.cpp and what builds on it' },
}
