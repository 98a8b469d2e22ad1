import { addItems, addPairs, empty, marked, pushDict, tupleOf } from './containers.ts'
import { joblibArrayOf } from './joblibArray.ts'
import { judgeBuild, judgeCall } from './judgeCall.ts'
import type { Machine, Operation } from './machine.ts'
import { PickleFault } from './pickleFault.ts'
import { isCall, isGlobal, isTuple, type PickleValue, shownValue, weightOf } from './pickleValue.ts'
import {
  lineOf,
  numberOf,
  opaque,
  pushBytes,
  pushCountedText,
  pushInteger,
  pushOldString,
  pushText,
} from './pushValues.ts'
import { pythonInteger, rawUnicode, unquote } from './pythonText.ts'
import type { Argument } from './readArgument.ts'

const indexOf = (m: Machine, argument: Argument): number => {
  const index = Buffer.isBuffer(argument) ? pythonInteger(lineOf(argument)) : numberOf(argument)
  if (typeof index !== 'number' || index < 0) throw new PickleFault('damaged', `${m.opcode} has no valid place`)
  return index
}

const put: Operation = (m, argument) => {
  const index = indexOf(m, argument)
  if (index > 2 * m.memoSize + 100_000)
    m.report.warning('pickle-memory', 'The file makes a loader reserve memory that nothing needs.', m.at, m.opcode)
  m.put(index, m.top())
}

const get: Operation = (m, argument) => {
  const index = indexOf(m, argument)
  const value = m.get(index)
  if (value === undefined)
    m.report.dangerous(
      'pickle-absent-memo',
      `The file uses a value (${index}) that it never made.`,
      m.at,
      `${m.opcode} ${index}`,
    )
  m.push(value === undefined ? opaque('a value that was never made') : value)
}

const importName = (m: Machine, module: string, name: string): PickleValue => {
  m.budget.spend(120)
  const standing = m.report.import(module, name, m.opcode, m.at)
  if (standing === 'by-argument') m.pendingGetattr ??= { offset: m.at, name: `${module}.${name}` }
  return { kind: 'global', module, name }
}

const globalOf = (m: Machine, argument: Argument): PickleValue => {
  const [module, name] = Array.isArray(argument) ? argument : []
  return importName(m, lineOf(module ?? null), lineOf(name ?? null))
}

const stackGlobal: Operation = (m) => {
  const name = m.pop()
  const module = m.pop()
  if (typeof name === 'string' && typeof module === 'string') {
    m.push(importName(m, module, name))
    return
  }
  m.report.dangerous(
    'pickle-computed-import',
    `The file imports a name that shows only when it runs (${shownValue(module)}, ${shownValue(name)}).`,
    m.at,
    m.opcode,
  )
  m.push(opaque('a computed import'))
}

const extension: Operation = (m, argument) => {
  m.report.dangerous(
    'pickle-extension',
    'The file imports by a number that only the loading program knows (extension registry).',
    m.at,
    `${m.opcode} ${numberOf(argument)}`,
  )
  m.push(opaque('an extension'))
}

const call = (m: Machine, callable: PickleValue, args: PickleValue): void => {
  judgeCall(m, callable, args)
  m.push(m.call(callable, args))
}

const reduce: Operation = (m) => {
  const args = m.pop()
  call(m, m.pop(), args)
}

const build: Operation = (m) => {
  const state = m.pop()
  const target = m.top()
  judgeBuild(m, target)
  if (!isCall(target)) return
  target.state = state
  target.weight += weightOf(state)
  const array = joblibArrayOf(target)
  if (array === 'unknown-size') throw new PickleFault('budget', 'an array in it has a size that cannot be told')
  m.rawArray = array
}

const callMarked: Operation = (m) => {
  const [callable, ...args] = m.popMark()
  if (callable === undefined) throw new PickleFault('damaged', 'OBJ calls nothing')
  call(m, callable, m.sequence('tuple', args))
}

const callNamed: Operation = (m, argument) => {
  const args = m.sequence('tuple', m.popMark())
  call(m, globalOf(m, argument), args)
}

const callWithNames: Operation = (m) => {
  m.pop() // keyword arguments
  reduce(m, null)
}

/** Before 1.6 PyTorch wrote the class of a module, with its source, as a persistent value. */
const persistent = (m: Machine, id: PickleValue): void => {
  m.budget.spend(64)
  const [kind, module] = isTuple(id) ? id.items : []
  if (kind === 'module' && isGlobal(module)) {
    m.push(module)
    return
  }
  m.push({ kind: 'persistent', id: isTuple(id) || typeof id === 'string' ? id : opaque('a computed name') })
}

/** By opcode name; PROTO, FRAME and STOP belong to the loop. */
export const operations: Readonly<Record<string, Operation>> = {
  MARK: (m) => m.mark(),
  POP: (m) => m.popOrUnmark(),
  POP_MARK: (m) => void m.popMark(),
  DUP: (m) => m.push(m.top()),
  NONE: (m) => m.push(null),
  NEWTRUE: (m) => m.push(true),
  NEWFALSE: (m) => m.push(false),
  INT: pushInteger,
  LONG: pushInteger,
  BININT: (m, argument) => m.push(numberOf(argument)),
  BININT1: (m, argument) => m.push(numberOf(argument)),
  BININT2: (m, argument) => m.push(numberOf(argument)),
  LONG1: (m, argument) => m.push(numberOf(argument)),
  LONG4: (m, argument) => m.push(numberOf(argument)),
  BINFLOAT: (m, argument) => m.push(numberOf(argument)),
  FLOAT: (m, argument) => m.push(Number(lineOf(argument))),
  STRING: (m, argument) => {
    const text = unquote(Buffer.isBuffer(argument) ? argument.toString('latin1') : '')
    if (text === null) throw new PickleFault('damaged', 'a text in it has no quotes')
    pushText(m, text)
  },
  BINSTRING: pushOldString,
  SHORT_BINSTRING: pushOldString,
  UNICODE: (m, argument) => pushText(m, rawUnicode(Buffer.isBuffer(argument) ? argument.toString('latin1') : '')),
  BINUNICODE: pushCountedText,
  SHORT_BINUNICODE: pushCountedText,
  BINUNICODE8: pushCountedText,
  BINBYTES: pushBytes,
  SHORT_BINBYTES: pushBytes,
  BINBYTES8: pushBytes,
  BYTEARRAY8: pushBytes,
  NEXT_BUFFER: (m) => m.push(opaque('a buffer outside the file')),
  READONLY_BUFFER: (m) => void m.top(),
  EMPTY_LIST: empty('list'),
  EMPTY_TUPLE: empty('tuple'),
  EMPTY_SET: empty('set'),
  EMPTY_DICT: (m) => pushDict(m, []),
  APPEND: (m) => {
    const item = m.pop()
    addItems(m, [item])
  },
  APPENDS: (m) => addItems(m, m.popMark()),
  ADDITEMS: (m) => addItems(m, m.popMark()),
  LIST: marked('list'),
  TUPLE: marked('tuple'),
  FROZENSET: marked('frozenset'),
  TUPLE1: tupleOf(1),
  TUPLE2: tupleOf(2),
  TUPLE3: tupleOf(3),
  DICT: (m) => pushDict(m, m.popMark()),
  SETITEM: (m) => {
    const value = m.pop()
    const key = m.pop()
    addPairs(m, [key, value])
  },
  SETITEMS: (m) => addPairs(m, m.popMark()),
  GET: get,
  BINGET: get,
  LONG_BINGET: get,
  PUT: put,
  BINPUT: put,
  LONG_BINPUT: put,
  MEMOIZE: (m) => m.put(m.memoSize, m.top()),
  GLOBAL: (m, argument) => m.push(globalOf(m, argument)),
  STACK_GLOBAL: stackGlobal,
  EXT1: extension,
  EXT2: extension,
  EXT4: extension,
  INST: callNamed,
  OBJ: callMarked,
  REDUCE: reduce,
  NEWOBJ: reduce,
  NEWOBJ_EX: callWithNames,
  BUILD: build,
  PERSID: (m, argument) => persistent(m, lineOf(argument)),
  BINPERSID: (m) => persistent(m, m.pop()),
}
