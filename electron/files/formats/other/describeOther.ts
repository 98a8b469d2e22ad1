import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import type { Identity } from '../identify/identity.ts'

/** What Berth can honestly say of a file that it only recognises. */
export interface Description {
  readonly format: string
  /** who runs it, as a sentence */
  readonly reason: string
  readonly checks: readonly Check[]
}

/** code: made to run code. native: carries code for one kind of machine. opaque: may hold anything. data: numbers and texts. */
type Nature = 'program' | 'native' | 'opaque' | 'r' | 'data' | 'data-and-extensions'

const kinds: Readonly<Record<string, readonly [format: string, nature: Nature, reason: string]>> = {
  llamafile: ['llamafile', 'program', 'This is a program with a model in it. Berth runs no programs.'],
  executable: ['Program', 'program', 'This is a program, not a model.'],
  wasm: ['Program', 'program', 'This is a program, not a model.'],
  script: ['Program', 'program', 'This is a script, not a model.'],
  shortcut: ['Program', 'program', 'This is a shortcut, not a model.'],
  installer: ['Program', 'program', 'This installs software. It is not a model.'],
  'static-library': ['Program', 'program', 'This is a library for programs, not a model.'],
  'llvm-bitcode': ['Program', 'program', 'This is a part of a program, not a model.'],
  tensorrt: ['TensorRT', 'native', 'A TensorRT engine runs with one version of TensorRT on one kind of NVIDIA GPU.'],
  rknn: ['RKNN', 'native', 'RKNN models run on Rockchip processors alone.'],
  'huawei-om': ['Huawei offline model', 'native', 'These models run on Huawei Ascend processors alone.'],
  onnxruntime: [
    'ONNX Runtime',
    'data-and-extensions',
    'This model was optimised for one version of ONNX Runtime and runs with it alone.',
  ],
  litertlm: ['LiteRT-LM', 'data', 'LiteRT-LM models run with Google’s LiteRT-LM.'],
  executorch: ['ExecuTorch', 'data-and-extensions', 'ExecuTorch models run in apps that were built with ExecuTorch.'],
  circle: ['Circle', 'data-and-extensions', 'Circle models run with ONE, Samsung’s runtime.'],
  'mindspore-lite': ['MindSpore Lite', 'data-and-extensions', 'These models run with MindSpore Lite.'],
  tosa: ['TOSA', 'data', 'TOSA describes a model for compilers.'],
  kann: ['KaNN', 'native', 'KaNN models run on Kalray processors alone.'],
  espdl: ['ESP-DL', 'data', 'ESP-DL models run on Espressif microcontrollers.'],
  coreml: ['Core ML', 'data-and-extensions', 'Core ML models run on Apple systems.'],
  catboost: ['CatBoost', 'data', 'CatBoost models run with CatBoost.'],
  xgboost: ['XGBoost', 'data', 'XGBoost models run with XGBoost.'],
  ncnn: ['ncnn', 'data', 'ncnn models run with ncnn; the weights are in a .bin file beside it.'],
  sentencepiece: ['SentencePiece', 'data', 'This is a tokenizer, a part of a model.'],
  ctranslate2: ['CTranslate2', 'data', 'CTranslate2 models run with CTranslate2 or faster-whisper.'],
  'r-data': ['R data', 'r', 'This is data of the language R.'],
  cab: ['Archive', 'opaque', 'Unpack it and look at what is in it.'],
}

/** null: there is a reader for it, or it is nothing that belongs to a model. */
export const describeOther = ({ kind, label }: Identity): Description | null => {
  const known = kinds[kind]
  if (known === undefined || !Object.hasOwn(kinds, kind)) return null
  const [format, nature, reason] = known
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  structure.add(
    'unknown',
    'recognised-only',
    `Berth knows this file by its beginning and does not look further: whether it is whole is not known.`,
  )
  const advice = 'Use it only if it comes from someone you trust.'
  switch (nature) {
    case 'program':
      safety.add('dangerous', 'runs-code', `This is ${label}: it runs code of its makers when it is started.`, {
        advice,
      })
      break
    case 'native':
      safety.add(
        'dangerous',
        'native-code',
        `This is ${label}: it holds native code, bound to one kind of machine, which runs when it is loaded.`,
        { advice },
      )
      break
    case 'r':
      safety.add(
        'warning',
        'can-run-code',
        'R before version 4.4 can run code when it opens such a file (CVE-2024-27322).',
        { advice },
      )
      break
    case 'opaque':
      safety.add('unknown', 'opaque-archive', `This is ${label}: what is in it was not looked at.`)
      break
    case 'data-and-extensions':
      safety.add(
        'unknown',
        'extensions-not-checked',
        'The format holds data and no code, but a model can ask for native extensions. Berth did not check whether this one does.',
      )
      break
    case 'data':
      safety.passed('data-only', 'The format holds numbers and texts, no code.')
  }
  return { format, reason, checks: [...structure.list, ...safety.list] }
}
