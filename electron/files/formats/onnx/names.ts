import type { Findings } from '../findings.ts'
import { shownText } from '../text.ts'

/** What all graphs of a file share: how many names are followed before Berth gives up on that one rule. */
export interface NameBudget {
  left: number
}

/** 150,000 names are about 30 MB; the largest honest models have some ten thousand. */
export const createNameBudget = (): NameBudget => ({ left: 150_000 })

interface Use {
  readonly node: number
  readonly offset: number
}

/** The names of one graph or function. Nodes are numbered in the order of the file: it must be the order of the work. */
export interface Names {
  input(name: string, offset: number): void
  initializer(name: string, offset: number, isSparse: boolean): void
  output(name: string, offset: number): void
  use(name: string, node: number, offset: number): void
  produce(name: string, node: number, offset: number): void
  /** initializers that are no inputs: not allowed before version 4 of the format */
  hiddenInitializers(): number
  isInitializer(name: string): boolean
  /** Judges the whole graph; what it does not know itself, the graph around it must have written before. */
  close(): void
  /** of a graph inside this one, which stands in this node */
  readInside(uses: ReadonlyMap<string, Use>, node: number): void
  writtenInside(names: ReadonlyMap<string, Use>, node: number): void
}

interface NamesOptions {
  readonly findings: Findings
  readonly budget: NameBudget
  /** the graph around this one and the node it stands in; null for the main graph and for functions */
  readonly parent: { readonly names: Names; readonly node: number } | null
  /** a word for messages: graph, function */
  readonly word: 'graph' | 'function'
}

const shown = (name: string) => `"${shownText(name)}"`

/**
 * The rules of onnx.checker on names: written once (SSA), before they are read, and outputs by a node. One pass; nodes
 * come before inputs and initializers in most files, so all is judged at the end.
 */
export const createNames = ({ findings, budget, parent, word }: NamesOptions): Names => {
  const inputs = new Map<string, number>()
  const initializers = new Map<string, { offset: number; isSparse: boolean }>()
  const outputs = new Map<string, number>()
  const produced = new Map<string, Use>()
  const uses = new Map<string, Use>()
  const inside = new Map<string, Use>()

  const isFollowed = () => {
    budget.left -= 1
    return budget.left >= 0
  }
  const isGiven = (name: string) => inputs.has(name) || initializers.has(name)
  const twice = (name: string, offset: number) =>
    findings.add('broken', 'name-written-twice', `The name ${shown(name)} is written more than once.`, {
      offset,
      text: name.slice(0, 200),
    })
  const wasProduced = (name: string, before: number) => (produced.get(name)?.node ?? Number.POSITIVE_INFINITY) < before

  const checkUses = () => {
    const open = new Map<string, Use>()
    for (const [name, use] of uses) if (!isGiven(name) && !wasProduced(name, use.node)) open.set(name, use)
    if (parent !== null) parent.names.readInside(open, parent.node)
    else
      for (const [name, { offset }] of open)
        findings.add(
          'broken',
          'input-nobody-wrote',
          `A node of the ${word} reads ${shown(name)}, which nothing before it has written.`,
          { offset, text: name.slice(0, 200) },
        )
  }

  const checkWrites = () => {
    for (const [name, { offset }] of produced) if (isGiven(name)) twice(name, offset)
    for (const [name, { node, offset }] of inside) if (isGiven(name) || wasProduced(name, node)) twice(name, offset)
    for (const [name, offset] of outputs)
      if (!isGiven(name) && !produced.has(name))
        findings.add('broken', 'output-nobody-wrote', `The output ${shown(name)} of the graph is written by no node.`, {
          offset,
          text: name.slice(0, 200),
        })
    if (parent === null) return
    parent.names.writtenInside(inside, parent.node)
    parent.names.writtenInside(produced, parent.node)
  }

  return {
    input(name, offset) {
      if (!isFollowed()) return
      if (inputs.has(name)) twice(name, offset)
      inputs.set(name, offset)
    },
    initializer(name, offset, isSparse) {
      if (!isFollowed()) return
      if (initializers.has(name))
        findings.add('broken', 'initializer-twice', `Two weights are called ${shown(name)}.`, {
          offset,
          tensor: name.slice(0, 200),
        })
      initializers.set(name, { offset, isSparse })
    },
    output(name, offset) {
      if (isFollowed()) outputs.set(name, offset)
    },
    use(name, node, offset) {
      if (!uses.has(name) && isFollowed()) uses.set(name, { node, offset })
    },
    produce(name, node, offset) {
      if (!isFollowed()) return
      if (produced.has(name)) twice(name, offset)
      else produced.set(name, { node, offset })
    },
    hiddenInitializers: () => [...initializers].filter(([name, { isSparse }]) => !isSparse && !inputs.has(name)).length,
    isInitializer: (name) => initializers.has(name),
    close() {
      if (budget.left < 0) return
      checkUses()
      checkWrites()
    },
    readInside(open, node) {
      for (const [name, { offset }] of open)
        if (isFollowed() && node < (uses.get(name)?.node ?? Number.POSITIVE_INFINITY)) uses.set(name, { node, offset })
    },
    writtenInside(names, node) {
      for (const [name, { offset }] of names) if (isFollowed()) inside.set(name, { node, offset })
    },
  }
}
