import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import type { OnnxModel } from './onnxModel.ts'

const standard: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
])

/** Sets that known runtimes bring along. */
const ofRuntimes: ReadonlyMap<string, string> = new Map([
  ['com.microsoft', 'ONNX Runtime'],
  ['com.microsoft.nchwc', 'ONNX Runtime on the machine it was optimised for'],
  ['com.microsoft.experimental', 'ONNX Runtime'],
  ['com.ms.internal.nhwc', 'ONNX Runtime on the machine it was optimised for'],
  ['org.pytorch.aten', 'ONNX Runtime with PyTorch'],
  ['ai.onnx.contrib', 'the native library onnxruntime-extensions'],
  ['ai.onnxruntime.extensions', 'the native library onnxruntime-extensions'],
])

/** What the model needs beside a runtime. A model has no code of its own, but what it asks for may have. */
export const checkOperators = (model: OnnxModel): readonly Check[] => {
  const findings = createFindings('safety')
  const byDomain = domainsOf(model)
  for (const [domain, operators] of byDomain) {
    const list = operators.slice(0, 5).join(', ').slice(0, 200)
    const needs = ofRuntimes.get(domain)
    if (needs !== undefined)
      findings.add(
        needs.includes('library') ? 'warning' : 'note',
        'runtime-operators',
        `The model uses ${operators.length} operators of "${domain}" (${list}): it runs with ${needs} alone.`,
      )
    else
      findings.add(
        'warning',
        'custom-operators',
        `The model uses ${operators.length} operators of "${domain.slice(0, 80)}" (${list}) that no runtime brings along: someone must supply a native library for them.`,
        {
          text: list,
          advice: 'A native library can do anything. Take it only from someone you trust.',
        },
      )
  }
  if (byDomain.size === 0)
    findings.passed('standard-operators', 'All operators are of the standard: the model asks for no code of others.')
  return findings.list
}

const domainsOf = ({ operators, functions }: OnnxModel): ReadonlyMap<string, readonly string[]> => {
  const own = new Set(functions.map(({ domain, name }) => `${domain}\0${name}`))
  const domains = new Map<string, string[]>()
  for (const key of operators.keys()) {
    const [domain = '', name = ''] = key.split('\0')
    if (standard.has(domain) || own.has(key)) continue
    const list = domains.get(domain) ?? []
    list.push(name)
    domains.set(domain, list)
  }
  return domains
}
