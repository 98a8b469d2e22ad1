import type { Findings } from '../findings.ts'
import { grouped } from '../words.ts'
import type { Census, OperatorCounts } from './census.ts'
import { experimental, operatorsOf } from './operators.ts'
import type { ModelDraft } from './readModel.ts'

/** The newest version of the format that onnx 1.23 knows. */
const newestIr = 14

/** The rules of onnx.checker that need the whole model, and what was well. */
export const checkModel = (draft: ModelDraft, census: Census): void => {
  const { findings } = census
  checkVersions(draft, census)
  if (!draft.hasGraph) findings.add('broken', 'no-graph', 'There is no graph in the file: it is no model.')
  const keys = new Set(draft.metadata.map(([key]) => key))
  if (keys.size < draft.metadata.length) findings.add('broken', 'metadata-twice', 'A key stands twice in the metadata.')
  checkFunctions(draft, findings)
  const own = new Set(draft.functions.map(({ domain, name }) => `${domain}\0${name}`))
  const opsets = opsetsOf(draft)
  checkOperators(draft.graph.operators, opsets, own, findings)
  for (const { operators, opsets: others } of draft.functions) checkOperators(operators, others, own, findings)
  if (census.budget.left < 0)
    findings.add(
      'unknown',
      'names-not-followed',
      'The graph has more names than Berth follows: whether each is written before it is read was not checked.',
    )
  if (!findings.list.some(({ outcome }) => outcome === 'broken'))
    findings.passed(
      'graph',
      `${grouped(census.nodeCount)} operations and ${grouped(census.tensors.length)} tensors fit together by the rules of the format.`,
    )
}

const checkVersions = ({ irVersion, opsets, graph }: ModelDraft, { findings, untypedAttributes }: Census): void => {
  const ir = irVersion ?? 0
  if (ir === 0) findings.add('broken', 'no-ir-version', 'The file does not tell the version of its format.')
  else if (ir > newestIr || ir < 0)
    findings.add(
      'broken',
      'ir-version-too-new',
      `Version ${ir} of the format is not known: 1 to ${newestIr} are. Runtimes refuse versions they do not know.`,
    )
  if (ir >= 3 && opsets.size === 0)
    findings.add('broken', 'no-opset', 'The file does not tell the version of its operators.')
  if (ir !== 0 && ir < 3 && opsets.size > 0)
    findings.add('broken', 'opset-too-early', `Version ${ir} of the format has no versions of operators.`)
  const hidden = graph.names.hiddenInitializers()
  if (ir > 0 && ir < 4 && hidden > 0)
    findings.add(
      'broken',
      'initializer-is-no-input',
      `${hidden} weights are no inputs of the graph: version ${ir} of the format asks for that.`,
    )
  if (ir >= 2 && untypedAttributes > 0)
    findings.add('broken', 'attribute-without-type', `${untypedAttributes} attributes do not tell their type.`)
}

const opsetsOf = ({ irVersion, opsets }: ModelDraft): ReadonlyMap<string, number> =>
  opsets.size === 0 && (irVersion ?? 0) < 3 ? new Map([['', 1]]) : opsets

const checkFunctions = ({ functions, opsets }: ModelDraft, findings: Findings): void => {
  const seen = new Set<string>()
  for (const { domain, name, overload, offset, opsets: own, operators } of functions) {
    const key = `${domain}\0${name}\0${overload}`
    if (seen.has(key))
      findings.add(
        'broken',
        'function-twice',
        `The function "${name.slice(0, 120)}" stands twice in the model.`,
        offset,
      )
    seen.add(key)
    const other = [...own].find(([of, version]) => of !== '' && opsets.has(of) && opsets.get(of) !== version)
    const isUsed = (of: string) => [...operators.keys()].some((operator) => operator.startsWith(`${of}\0`))
    if (other !== undefined && isUsed(other[0]))
      findings.add(
        'warning',
        'function-of-other-opset',
        `The function "${name.slice(0, 120)}" uses another version of "${other[0].slice(0, 60)}" than the model.`,
        offset,
      )
  }
}

/** Of the standard's own domains Berth knows every operator; of others only that they must be imported. */
const checkOperators = (
  counts: OperatorCounts,
  opsets: ReadonlyMap<string, number>,
  own: ReadonlySet<string>,
  findings: Findings,
): void => {
  for (const [key, { offset }] of counts) {
    const [domain = '', name = ''] = key.split('\0')
    const version = opsets.get(domain)
    if (name === '' || own.has(key) || (domain === '' && experimental.has(name))) continue
    if (version === undefined)
      findings.add(
        'broken',
        'operator-not-imported',
        `The operator ${name.slice(0, 80)} is of "${domain.slice(0, 80)}", a set that the model does not import.`,
        offset,
      )
    else checkOperator(domain, name, version, offset, findings)
  }
}

const strict: ReadonlySet<string> = new Set(['', 'ai.onnx.ml', 'ai.onnx.training'])

const checkOperator = (domain: string, name: string, version: number, offset: number, findings: Findings): void => {
  const operator = operatorsOf(domain)?.get(name)
  const of = `${domain === '' ? 'the standard' : domain}, version ${version}`
  if (operator === undefined || version < operator.since) {
    if (strict.has(domain))
      findings.add('broken', 'unknown-operator', `There is no operator ${name.slice(0, 80)} in ${of}.`, {
        offset,
        text: name.slice(0, 80),
      })
  } else if (operator.deprecatedSince !== null && version >= operator.deprecatedSince)
    findings.add('broken', 'removed-operator', `The operator ${name.slice(0, 80)} was removed from ${of}.`, {
      offset,
      text: name.slice(0, 80),
    })
}
