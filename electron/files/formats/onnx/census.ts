import type { Findings } from '../findings.ts'
import { FormatError } from '../formatError.ts'
import type { ProtobufReader } from '../protobuf/protobufReader.ts'
import { createNameBudget, type NameBudget } from './names.ts'
import type { OnnxTensor } from './onnxModel.ts'

/** Operators of the graphs, or of one function, by `domain\0operator`, with the first place of each. */
export type OperatorCounts = Map<string, { count: number; offset: number }>

/** What the walk through all graphs of a file gathers. Some rules depend on fields that may come last: they wait here. */
export interface Census {
  readonly reader: ProtobufReader
  readonly findings: Findings
  readonly budget: NameBudget
  readonly tensors: OnnxTensor[]
  readonly blockQuantization: Set<string>
  nodeCount: number
  subgraphCount: number
  /** attributes without a type: not allowed from version 2 of the format on */
  untypedAttributes: number
  addTensor(tensor: OnnxTensor): void
  countOperator(counts: OperatorCounts, domain: string, operator: string, offset: number): void
}

const mostTensors = 100_000
const mostOperators = 10_000

export const createCensus = (reader: ProtobufReader, findings: Findings): Census => {
  const tensors: OnnxTensor[] = []
  return {
    reader,
    findings,
    budget: createNameBudget(),
    tensors,
    blockQuantization: new Set(),
    nodeCount: 0,
    subgraphCount: 0,
    untypedAttributes: 0,
    addTensor(tensor) {
      if (tensors.length >= mostTensors)
        throw new FormatError('TOO_MANY_TENSORS', `The file has more than ${mostTensors} tensors.`, {
          offset: tensor.offset,
        })
      tensors.push(tensor)
    },
    countOperator(counts, domain, operator, offset) {
      const key = `${domain}\0${operator}`
      const known = counts.get(key)
      if (known !== undefined) known.count += 1
      else if (counts.size < mostOperators) counts.set(key, { count: 1, offset })
      else
        throw new FormatError('TOO_MUCH_WORK', `The file uses more than ${mostOperators} different operators.`, {
          offset,
        })
    },
  }
}
