import type { Machine } from './machine.ts'
import {
  type GlobalName,
  isCall,
  isGlobal,
  isNode,
  isTuple,
  nameOf,
  type PickleValue,
  shownValue,
} from './pickleValue.ts'

/** What one call would do, by who is called and, for a few, with what. The callable's import was judged before. */
export const judgeCall = (m: Machine, callable: PickleValue, args: PickleValue): void => {
  m.report.call(shownValue(callable), m.opcode, m.at)
  if (!isGlobal(callable)) {
    danger(
      m,
      'pickle-computed-call',
      `Loading this file calls ${shownValue(callable)}: what that is shows only when it runs.`,
    )
    return
  }
  const list = isTuple(args) ? args.items : null
  if (list === null && !isCall(args) && isNode(args) && args.kind === 'opaque')
    danger(
      m,
      'pickle-computed-arguments',
      `Loading this file calls ${nameOf(callable)} with arguments that cannot be told.`,
    )
  special.get(nameOf(callable))?.(m, list ?? [], callable)
}

type Judge = (m: Machine, args: readonly PickleValue[], callable: GlobalName) => void

const danger = (m: Machine, code: string, message: string, text = '') =>
  m.report.dangerous(code, message, m.at, text === '' ? m.opcode : `${m.opcode} ${text}`)

const misused: Judge = (m, args, callable) =>
  danger(
    m,
    'pickle-misused-call',
    `Loading this file calls ${nameOf(callable)} in a way that no PyTorch file does.`,
    `${nameOf(callable)}(${args.slice(0, 4).map(shownValue).join(', ')})`,
  )

const memoryFormats = new Set(['channels_last', 'channels_last_3d', 'contiguous_format', 'preserve_format'])

const judgeGetattr: Judge = (m, args, callable) => {
  const [of, name] = args
  m.pendingGetattr = null
  if (args.length === 2 && isGlobal(of) && typeof name === 'string') {
    if (nameOf(of) === 'torch._utils.torch' && memoryFormats.has(name)) return
    if (nameOf(of) === 'torch._C._VariableFunctionsClass' && /^[a-z][a-z0-9_]*$/.test(name)) {
      m.report.unknown(
        'pickle-torch-function',
        `The file refers to PyTorch's function "${name}": a whole model with its code.`,
        m.at,
      )
      return
    }
  }
  if (args.length === 2 && isLayer(of) && typeof name === 'string' && /^_?[a-z][A-Za-z0-9_]*$/.test(name)) return
  misused(m, args, callable)
}

/** Hooks of PyTorch's own layers are written as methods of the layer: its class is already named as code. */
const isLayer = (value: PickleValue | undefined) =>
  isCall(value) && isGlobal(value.callable) && value.callable.module.startsWith('torch.nn.modules.')

const judgeType: Judge = (m, args, callable) => {
  m.pendingGetattr = null
  if (args.length !== 1 || args[0] !== null) misused(m, args, callable)
}

const latin1 = new Set(['latin1', 'latin-1', 'iso-8859-1', 'iso8859-1'])

/** How protocols below 3 write bytes. */
const judgeEncode: Judge = (m, args, callable) => {
  const [text, encoding] = args
  const isText = typeof text === 'string' || (isNode(text) && text.kind === 'long-text')
  if (args.length !== 2 || !isText || typeof encoding !== 'string' || !latin1.has(encoding)) {
    misused(m, args, callable)
    return
  }
  if (typeof text === 'string') m.nested.push({ bytes: Buffer.from(text, 'latin1'), offset: m.at })
}

const isClassOf = (m: Machine, value: PickleValue | undefined) =>
  isGlobal(value) && standingOf(m, value) !== 'dangerous' && standingOf(m, value) !== 'by-argument'

const standingOf = (m: Machine, { module, name }: GlobalName) => m.report.import(module, name, m.opcode, m.at)

const judgeReconstructor: Judge = (m, args, callable) => {
  const [made, base] = args
  if (args.length !== 3 || !isClassOf(m, made) || !isClassOf(m, base)) misused(m, args, callable)
}

const judgeDefaultdict: Judge = (m, args, callable) => {
  const [factory] = args
  if (factory === undefined || factory === null || isClassOf(m, factory)) return
  misused(m, args, callable)
}

/** Calls its first argument with its third. */
const judgeFromType: Judge = (m, args, callable) => {
  const [rebuild, type, inner] = args
  if (!isGlobal(rebuild) || !isClassOf(m, type) || special.get(nameOf(rebuild)) === judgeFromType) {
    misused(m, args, callable)
    return
  }
  judgeCall(m, rebuild, inner ?? null)
}

const judgeWrapper: Judge = (m, args, callable) => {
  if (!isClassOf(m, args[0])) misused(m, args, callable)
}

/** Small files that ask for gigabytes. */
const judgeSize: Judge = (m, args, callable) => {
  const [size] = args
  const range = isCall(size) && isGlobal(size.callable) && /range$/.test(size.callable.name) ? size.args : null
  const wanted = range !== null && isTuple(range) ? Math.max(...range.items.map(numberOf)) : numberOf(size)
  if (wanted > 2 ** 28)
    m.report.warning(
      'pickle-memory',
      `Loading this file would take ${wanted} bytes or more for one value.`,
      m.at,
      `${m.opcode} ${nameOf(callable)}`,
    )
}

const numberOf = (value: PickleValue | undefined): number =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : 0

const special: ReadonlyMap<string, Judge> = new Map([
  ...['builtins', '__builtin__'].flatMap((module): [string, Judge][] => [
    [`${module}.getattr`, judgeGetattr],
    [`${module}.type`, judgeType],
    ...['bytes', 'bytearray', 'list', 'tuple', 'set', 'frozenset'].map((name): [string, Judge] => [
      `${module}.${name}`,
      judgeSize,
    ]),
  ]),
  ['_codecs.encode', judgeEncode],
  ['copyreg._reconstructor', judgeReconstructor],
  ['copy_reg._reconstructor', judgeReconstructor],
  ['collections.defaultdict', judgeDefaultdict],
  ['torch._tensor._rebuild_from_type_v2', judgeFromType],
  ['torch._utils._rebuild_wrapper_subclass', judgeWrapper],
])

/** BUILD sets attributes: on what was just made that is its state; on anything imported it changes the program itself. */
export const judgeBuild = (m: Machine, target: PickleValue): void => {
  m.report.call(`state of ${shownValue(target)}`, m.opcode, m.at)
  if (isGlobal(target))
    danger(m, 'pickle-attribute-write', `Loading this file changes ${nameOf(target)} itself.`, nameOf(target))
  else if (!isCall(target) && isNode(target) && target.kind === 'opaque')
    danger(m, 'pickle-attribute-write', 'Loading this file changes something that cannot be told.')
}
