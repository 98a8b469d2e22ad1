import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource } from '../byteSource.ts'
import { type PickleOptions, scanPickle } from './scanPickle.ts'
import {
  bytes,
  dict,
  global,
  int,
  op,
  pickle,
  proto,
  reduce,
  shortText,
  stackGlobal,
  stop,
  tensor,
  text,
  tuple,
  u32,
  u64,
} from './testPickle.ts'

const scan = (data: Uint8Array, options?: PickleOptions) => scanPickle(bytesSource(data), options)
const levelOf = async (data: Uint8Array, options?: PickleOptions) => (await scan(data, options)).level

/** Callables that got past picklescan, modelscan, fickling or modelaudit, by advisory. */
const callables: readonly (readonly [advisory: string, module: string, name: string])[] = [
  ['CVE-2025-1716', 'pip', 'main'],
  ['CVE-2025-1716 inner', 'pip._internal.cli.main', 'main'],
  ['CVE-2025-10157', 'asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['GHSA-vvpj-8cmc-gx39', 'pkgutil', 'resolve_name'],
  ['GHSA-955r-x9j8-7rhh', 'operator', 'methodcaller'],
  ['GHSA-46h3-79wf-xr6c', '_operator', 'attrgetter'],
  ['GHSA-84r2-jw7c-4r5q', 'pydoc', 'locate'],
  ['GHSA-r8g5-cgf2-4m4m', 'numpy.f2py.crackfortran', 'getlincoef'],
  ['GHSA-m273-6v24-x4m4', 'distutils.file_util', 'write_file'],
  ['GHSA-4675-36f9-wf6r', 'ctypes', 'CDLL'],
  ['GHSA-jgw4-cr84-mqxg', 'asyncio.unix_events', '_UnixSubprocessTransport'],
  ['GHSA-q77w-mwjj-7mqx', 'asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['GHSA-f745-w6jp-hpxx', 'torch.utils.collect_env', 'run'],
  ['GHSA-jhph-76pp-mggw', 'torch.utils.collect_env', 'run_and_read_all'],
  ['GHSA-4r9r-ch6f-vxmx', 'torch.utils.bottleneck.__main__', 'run_cprofile'],
  ['GHSA-4whj-rm5r-c2v8', 'torch.utils.bottleneck.__main__', 'run_autograd_prof'],
  ['GHSA-86cj-95qr-2p4f', 'torch._dynamo.guards', 'GuardBuilder.get'],
  ['GHSA-f4x7-rfwp-v3xw', 'torch.fx.experimental.symbolic_shapes', 'ShapeEnv.evaluate_guards_expression'],
  ['GHSA-vr7h-p6mm-wpmh', 'torch.jit.unsupported_tensor_ops', 'execWrapper'],
  ['GHSA-vv6j-3g6g-2pvj', 'torch.utils._config_module', 'ConfigModule.load_config'],
  ['GHSA-h3qp-7fh3-f8h4', 'torch.utils.data.datapipes.utils.decoder', 'basichandlers'],
  ['GHSA-g38g-8gr9-h9xp', 'uuid', '_get_command_stdout'],
  ['GHSA-g38g-8gr9-h9xp', '_osx_support', '_read_output'],
  ['GHSA-g38g-8gr9-h9xp', '_aix_support', '_read_cmd_output'],
  ['GHSA-g38g-8gr9-h9xp', '_pyrepl.pager', 'pipe_pager'],
  ['GHSA-g38g-8gr9-h9xp', 'imaplib', 'IMAP4_stream'],
  ['GHSA-g38g-8gr9-h9xp', 'test.support.script_helper', 'assert_python_ok'],
  ['GHSA-3gf5', 'idlelib.pyshell', 'ModifiedInterpreter.runcode'],
  ['GHSA-3vg9', 'idlelib.pyshell', 'ModifiedInterpreter.runcommand'],
  ['GHSA-6w4w', 'idlelib.debugobj', 'ObjectTreeItem.SetText'],
  ['GHSA-7cq8', 'idlelib.autocomplete', 'AutoComplete.get_entity'],
  ['GHSA-8r4j', 'idlelib.autocomplete', 'AutoComplete.fetch_completions'],
  ['GHSA-9xph', 'idlelib.calltip', 'Calltip.fetch_tip'],
  ['GHSA-j343', 'idlelib.calltip', 'get_entity'],
  ['GHSA-m869', 'idlelib.run', 'Executive.runcode'],
  ['GHSA-49gj', 'cProfile', 'run'],
  ['GHSA-9w88', 'cProfile', 'runctx'],
  ['GHSA-7wx9', 'profile', 'run'],
  ['GHSA-6vqj', 'profile', 'Profile.runctx'],
  ['GHSA-x696', 'profile', 'Profile.run'],
  ['GHSA-5qwp', 'trace', 'Trace.run'],
  ['GHSA-g344', 'trace', 'Trace.runctx'],
  ['GHSA-cj3c', 'code', 'InteractiveInterpreter.runcode'],
  ['GHSA-fqq6', 'doctest', 'debug_script'],
  ['GHSA-f54q', 'lib2to3.pgen2.grammar', 'Grammar.loads'],
  ['GHSA-p9w7', 'lib2to3.pgen2.pgen', 'ParserGenerator.make_label'],
  ['GHSA-vqmv', 'pty', 'spawn'],
  ['GHSA-xp4f', 'ensurepip', '_run_pip'],
  ['cloudpickle', 'cloudpickle.cloudpickle', '_make_function'],
  ['cloudpickle', 'cloudpickle.cloudpickle', '_builtin_type'],
  ['cloudpickle', 'cloudpickle.cloudpickle', '_function_setstate'],
  ['cloudpickle', 'cloudpickle.cloudpickle', '_make_cell'],
  ['cloudpickle', 'cloudpickle.cloudpickle', '_make_empty_cell'],
  ['cloudpickle', 'cloudpickle.cloudpickle', 'subimport'],
  ['picklescan, open', 'builtins', '__import__'],
  // 3.2: what modelscan lists, and what it missed
  ...['eval', 'compile', 'getattr', 'apply', 'exec', 'open', 'breakpoint', '__import__'].flatMap(
    (name): [string, string, string][] => [
      ['modelscan', 'builtins', name],
      ['modelscan', '__builtin__', name],
    ],
  ),
  ['modelscan', 'runpy', 'run_path'],
  ['modelscan', 'os', 'system'],
  ['modelscan', 'nt', 'system'],
  ['modelscan', 'posix', 'system'],
  ['modelscan', 'socket', 'create_connection'],
  ['modelscan', 'subprocess', 'Popen'],
  ['modelscan', 'sys', 'exit'],
  ['modelscan', 'operator', 'attrgetter'],
  ['modelscan', 'pickle', 'loads'],
  ['modelscan', '_pickle', 'loads'],
  ['modelscan', 'bdb', 'Bdb.run'],
  ['modelscan', 'pdb', 'run'],
  ['modelscan', 'shutil', 'rmtree'],
  ['modelscan', 'asyncio', 'run'],
  ['modelscan', 'webbrowser', 'open'],
  ['modelscan', 'httplib', 'HTTPSConnection'],
  ['modelscan', 'requests.api', 'get'],
  ['modelscan', 'aiohttp.client', 'ClientSession'],
  ['modelscan missed', 'importlib', 'import_module'],
  ['modelscan missed', 'numpy.testing._private.utils', 'runstring'],
  // 3.3: fickling's advisories
  ['GHSA-r7v6', 'pty', 'spawn'],
  ['GHSA-565g', 'marshal', 'loads'],
  ['GHSA-565g', 'types', 'FunctionType'],
  ['GHSA-wfq2', 'runpy', 'run_module'],
  ['GHSA-q5qq', 'codeop', 'compile_command'],
  ['GHSA-p523', 'cProfile', 'run'],
  ['GHSA-5hvc', 'ctypes.util', 'find_library'],
  ['GHSA-5hvc', 'pydoc', 'pipepager'],
  ['GHSA-h4rm', 'builtins', 'eval'],
  ['GHSA-5hwf', 'uuid', '_popen'],
  ['GHSA-6ggj', '_interpreters', 'run_string'],
  // 3.4 and 2.3: one of each kind
  ['modelaudit "safe" list', 'torch', 'load'],
  ['nested loader', 'torch.storage', '_load_from_bytes'],
  ['nested loader', 'torch.hub', 'load'],
  ['nested loader', 'numpy', 'load'],
  ['nested loader', 'joblib', 'load'],
  ['nested loader', 'dill', 'loads'],
  ['nested loader', 'pandas', 'read_pickle'],
  ['nested loader', 'yaml', 'unsafe_load'],
  ['nested loader', 'keras.models', 'load_model'],
  ['nested loader', 'keras.src.saving', 'deserialize_keras_object'],
  ['Python 2 name', 'commands', 'getoutput'],
  ['Python 2 name', 'urllib2', 'urlopen'],
  ['Python 2 name', 'cPickle', 'loads'],
  ['Python 2 name', '__builtin__', 'execfile'],
  ['Python 2 name', 'itertools', 'imap'],
  ['compiler', 'torch._inductor.codecache', 'compile_file'],
  ['compiler', 'torch.utils.cpp_extension', 'load_inline'],
  ['sympy', 'sympy.core.sympify', 'sympify'],
  ['files', 'io', 'FileIO'],
  ['files', 'logging.config', 'fileConfig'],
  ['attributes', 'functools', 'partial'],
  ['attributes', 'copyreg', 'add_extension'],
  ['attributes', 'weakref', 'finalize'],
]

describe('callables that got past other scanners', () => {
  it.each(callables)('%s: %s.%s is dangerous however it is imported and called', async (_, module, name) => {
    const args = tuple(text('x'))
    const forms: Readonly<Record<string, Buffer>> = {
      global: pickle(global(module, name), args, op('REDUCE')),
      stackGlobal: Buffer.concat([proto(4), stackGlobal(module, name), args, op('REDUCE'), stop]),
      withoutProtocol: Buffer.concat([stackGlobal(module, name), args, op('REDUCE'), stop]),
      inst: Buffer.concat([op('MARK'), text('x'), op('INST', `${module}\n${name}\n`), stop]),
      obj: Buffer.concat([op('MARK'), global(module, name), text('x'), op('OBJ'), op('POP'), op('NONE'), stop]),
      newobj: pickle(global(module, name), args, op('NEWOBJ')),
      newobjEx: pickle(global(module, name), args, op('EMPTY_DICT'), op('NEWOBJ_EX')),
      onlyImported: pickle(global(module, name)),
      popped: pickle(global(module, name), args, op('REDUCE'), op('POP'), op('EMPTY_DICT')),
      escaped: Buffer.concat([
        op('STRING', `'${hex(module)}'\n`),
        op('UNICODE', `${unicode(name)}\n`),
        op('STACK_GLOBAL'),
        stop,
      ]),
      fromMemo: Buffer.concat([
        proto(4),
        shortText(module),
        op('MEMOIZE'),
        op('POP'),
        shortText(name),
        op('MEMOIZE'),
        op('POP'),
        op('BINGET', Buffer.from([0])),
        op('BINGET', Buffer.from([1])),
        op('STACK_GLOBAL'),
        stop,
      ]),
      nested: pickle(bytes(pickle(global(module, name), args, op('REDUCE')))),
      afterTensors: pickle(
        dict({ a: tensor('0', 'FloatStorage', 1, [1], [1]), b: reduce(global(module, name), text('x')) }),
      ),
    }
    for (const [form, data] of Object.entries(forms)) expect(await levelOf(data), form).toBe('dangerous')
  })
})

const hex = (value: string) => [...value].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
const unicode = (value: string) => [...value].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

const system = reduce(global('os', 'system'), text('id'))
const dangerous: Readonly<Record<string, Buffer>> = {
  'BUILD on a class': pickle(global('torch', 'Tensor'), dict({ __reduce__: int(1) }), op('BUILD')),
  'items set on a module attribute': pickle(global('collections', 'OrderedDict'), text('a'), int(1), op('SETITEM')),
  'sys.modules replaced': pickle(global('sys', 'modules'), text('os'), int(1), op('SETITEM')),
  'an extension, 1 byte': pickle(op('EXT1', Buffer.from([7])), tuple(), op('REDUCE')),
  'an extension, 2 bytes': pickle(op('EXT2', Buffer.from([7, 0])), tuple(), op('REDUCE')),
  'an extension, 4 bytes': pickle(op('EXT4', u32(7)), tuple(), op('REDUCE')),
  'a memo that another pickle left': Buffer.concat([
    pickle(global('collections', 'OrderedDict'), op('BINPUT', Buffer.from([5]))),
    pickle(op('BINGET', Buffer.from([5])), tuple(), op('REDUCE')),
  ]),
  'a memo that is not there': pickle(op('BINGET', Buffer.from([9])), text('system'), op('STACK_GLOBAL')),
  'a name that is a number': Buffer.concat([proto(4), int(1), text('system'), op('STACK_GLOBAL'), stop]),
  'a name that a call makes': Buffer.concat([
    proto(4),
    reduce(global('builtins', 'str'), text('os')),
    text('system'),
    op('STACK_GLOBAL'),
    stop,
  ]),
  'a name from a list': Buffer.concat([
    proto(4),
    op('EMPTY_LIST'),
    text('os'),
    op('APPEND'),
    text('system'),
    op('STACK_GLOBAL'),
    stop,
  ]),
  'a call of a call': pickle(reduce(reduce(global('collections', 'OrderedDict')), text('x'))),
  'a call of a text': pickle(reduce(text('os.system'), text('x'))),
  'a call of a storage': pickle(tuple(text('storage')), op('BINPERSID'), tuple(), op('REDUCE')),
  'protocol 0 without a mark': Buffer.from("cos\nsystem\n(S'id'\ntR."),
  'protocol 0, Windows lines': Buffer.from("cos\nsystem\r\n(S'id'\ntR."),
  'a second protocol that allows dots': Buffer.concat([
    proto(2),
    proto(4),
    global('collections', 'abc.sys.modules'),
    stop,
  ]),
  'dots through an allowed class': pickle(global('collections', 'OrderedDict.__init__.__globals__')),
  'dots into a module': pickle(global('torch', 'serialization.os.system')),
  'a name with a space': pickle(global('os ', 'system')),
  'a name in other letters': pickle(global('оs', 'system')),
  'wide letters': pickle(global('ｏｓ', 'system')),
  'bytes of UTF-16': pickle(global('o\0s\0', 's\0y\0')),
  'getattr by PyTorch, of os': pickle(
    reduce(global('builtins', 'getattr'), global('torch._utils', 'torch'), text('os')),
  ),
  'getattr, private': pickle(
    reduce(global('builtins', 'getattr'), global('torch._C', '_VariableFunctionsClass'), text('__init__')),
  ),
  'getattr in hiding behind a good one': pickle(
    reduce(global('builtins', 'getattr'), global('torch._utils', 'torch'), text('channels_last')),
    op('POP'),
    reduce(global('builtins', 'getattr'), reduce(global('collections', 'OrderedDict')), text('pop')),
  ),
  'a class made by type': pickle(reduce(global('builtins', 'type'), text('A'), tuple(), op('EMPTY_DICT'))),
  'encode with another codec': pickle(reduce(global('_codecs', 'encode'), text('vzcbeg'), text('rot13'))),
  'a dictionary with a harmful factory': pickle(
    reduce(global('collections', 'defaultdict'), global('builtins', 'getattr')),
  ),
  'an inner call of PyTorch': pickle(
    reduce(
      global('torch._tensor', '_rebuild_from_type_v2'),
      global('builtins', 'getattr'),
      global('torch', 'Tensor'),
      tuple(text('a'), text('b')),
      op('NONE'),
    ),
  ),
  'a computed inner call': pickle(
    reduce(
      global('torch._tensor', '_rebuild_from_type_v2'),
      reduce(global('collections', 'OrderedDict')),
      global('torch', 'Tensor'),
      tuple(),
      op('NONE'),
    ),
  ),
  'a computed wrapped class': pickle(
    reduce(global('torch._utils', '_rebuild_wrapper_subclass'), reduce(global('collections', 'OrderedDict'))),
  ),
  'copyreg with a computed class': pickle(
    reduce(global('copy_reg', '_reconstructor'), text('a'), global('__builtin__', 'object'), op('NONE')),
  ),
  'broken by a wrong opcode after the call': Buffer.concat([proto(2), system, Buffer.from([0xff, 0xff])]),
  'broken by a frame after the call': Buffer.concat([proto(4), system, op('FRAME', u64(2n ** 63n)), stop]),
  'cut after the call': Buffer.concat([proto(2), system]),
  'a harmful pickle behind a good one': Buffer.concat([pickle(dict({})), pickle(system)]),
  'a pickle in a pickle in bytes': pickle(bytes(pickle(bytes(pickle(system))))),
  'a pickle in bytes of protocol 2': pickle(
    reduce(global('_codecs', 'encode'), text(pickle(global('os', 'system')).toString('latin1')), text('latin1')),
  ),
  'a text pickle in a text': pickle(text("cos\nsystem\n(S'id'\ntR.")),
  'a protocol-4 pickle without its mark in bytes': pickle(
    bytes(Buffer.concat([stackGlobal('os', 'system'), tuple(text('id')), op('REDUCE'), stop])),
  ),
  'a pickle behind 5 MiB of bytes': pickle(bytes(Buffer.alloc(5 << 20)), op('POP'), system),
  'a package with a shell in its arguments': pickle(reduce(global('somepackage', 'Thing'), text('/bin/sh -c id'))),
  'a package with a program in its bytes': pickle(
    reduce(
      global('somepackage', 'Thing'),
      bytes(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(60)])),
    ),
  ),
}

describe('tricks', () => {
  it.each(Object.entries(dangerous))('%s', async (_, data) => {
    expect(await levelOf(data)).toBe('dangerous')
  })

  it('tell where: opcode, name and offset', async () => {
    const { checks, globals, calls } = await scan(pickle(dict({ a: system })), { file: 'a/data.pkl' })
    expect(checks).toMatchObject([
      {
        rung: 'safety',
        code: 'pickle-dangerous-import',
        outcome: 'dangerous',
        evidence: { file: 'a/data.pkl', offset: 10, text: 'GLOBAL os.system' },
      },
    ])
    expect(globals).toEqual([{ module: 'os', name: 'system', standing: 'dangerous', opcode: 'GLOBAL', offset: 10 }])
    expect(calls).toEqual([{ callable: 'os.system', opcode: 'REDUCE', offset: 30 }])
  })

  it('in bytes do nothing when they are no pickle', async () => {
    const noise = Buffer.from([0x80, 0x02, 0x63, 0x61, 0x0a, 0x62, 0x0a, 0xff, 0x00])
    expect(await levelOf(pickle(bytes(noise)))).toBe('data')
    expect(await levelOf(pickle(text('conv1\nweight\nbias.')))).toBe('data')
    expect(await levelOf(pickle(text('c is for cat\nand for curl')))).toBe('data')
  })
})

describe('memory and time', () => {
  const within = async (data: Uint8Array, most = 1000) => {
    const start = cpuMs()
    const found = await scan(data)
    expect(cpuMs() - start).toBeLessThan(most)
    return found
  }

  it('a billion laughs are told, and not written out', async () => {
    const lists = Array.from({ length: 40 }, () => [op('EMPTY_LIST'), op('BINPUT', Buffer.from([1])), op('POP')])
    const doubled = Array.from({ length: 60 }, () => Buffer.concat([op('DUP'), op('TUPLE2')]))
    const { checks } = await within(pickle(...lists.flat(), op('EMPTY_LIST'), ...doubled))
    expect(checks.map(({ code }) => code)).toContain('pickle-expands')
  })

  it('ten million opcodes are the end', async () => {
    const { level, checks } = await within(
      pickle(Buffer.alloc(10_100_000, Buffer.concat([op('NONE'), op('POP')]))),
      4000,
    )
    expect(level).toBe('unreadable')
    expect(checks).toMatchObject([{ outcome: 'unknown', code: 'pickle-not-read-in-full' }])
  })

  it('a hundred megabytes of values are the end', async () => {
    const { level } = await within(pickle(Buffer.alloc(4_000_000, op('EMPTY_LIST'))), 4000)
    expect(level).toBe('unreadable')
  })

  it('lengths beyond the file are refused before anything is taken', async () => {
    const lengths = [u64(2n ** 64n - 1n), u64(2n ** 53n), u64(2n ** 32n), u64(100n)]
    for (const length of lengths)
      for (const name of ['BINBYTES8', 'BINUNICODE8', 'BYTEARRAY8']) {
        const { level, checks, isWhole } = await within(Buffer.concat([proto(4), op(name, length), Buffer.alloc(9)]))
        expect(level).toBe('data')
        expect(isWhole).toBe(false)
        expect(checks).toMatchObject([{ outcome: 'broken', code: 'pickle-damaged' }])
      }
    const { checks } = await within(Buffer.concat([proto(2), op('BINSTRING', u32(-5)), stop]))
    expect(checks).toMatchObject([{ code: 'pickle-damaged' }])
  })

  it('a memo at 4 billion, gigabytes by a call, and a list that holds itself', async () => {
    const far = await within(pickle(op('NONE'), op('LONG_BINPUT', u32(0xffffffff))))
    expect(far.checks).toMatchObject([{ outcome: 'warning', code: 'pickle-memory' }])
    const large = await within(pickle(reduce(global('__builtin__', 'bytearray'), int(2 ** 31 - 1))))
    expect(large.checks).toMatchObject([{ outcome: 'warning', code: 'pickle-memory' }])
    const range = reduce(global('__builtin__', 'xrange'), int(2 ** 31 - 1))
    expect((await within(pickle(reduce(global('__builtin__', 'list'), range)))).checks).toMatchObject([
      { code: 'pickle-memory' },
    ])
    const own = pickle(op('EMPTY_LIST'), op('DUP'), op('APPEND'))
    expect((await within(own)).level).toBe('data')
  })

  it('a hundred thousand imports and as many small pickles', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => global('a', `n${index}`))
    expect((await within(pickle(...names), 4000)).level).toBe('unreadable')
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => pickle(op('NONE'))))
    expect((await within(many, 4000)).level).toBe('unreadable')
  })

  it('pickles in pickles, a hundred deep', async () => {
    let inner = pickle(system)
    for (let depth = 0; depth < 100; depth++) inner = pickle(bytes(inner))
    expect(['dangerous', 'unreadable']).toContain((await within(inner)).level)
  })
})

describe('loaders disagree about', () => {
  const codes = async (data: Uint8Array) => (await scan(data)).checks.map(({ outcome, code }) => `${outcome} ${code}`)

  it('odd protocols and frames: warned of', async () => {
    expect(await codes(Buffer.concat([proto(2), proto(2), op('NONE'), stop]))).toEqual([
      'warning pickle-protocol-again',
    ])
    expect(await codes(Buffer.concat([op('NONE'), proto(2), stop]))).toEqual(['warning pickle-protocol-again'])
    expect(await codes(Buffer.concat([proto(6), op('NONE'), stop]))).toEqual(['broken pickle-protocol'])
    expect(await codes(Buffer.concat([proto(4), op('FRAME', u64(900n)), op('NONE'), stop]))).toEqual([
      'warning pickle-frame',
    ])
    const crossing = Buffer.concat([proto(4), op('FRAME', u64(3n)), shortText('abcdef'), stop])
    expect(await codes(crossing)).toEqual(['warning pickle-frame'])
    const inside = Buffer.concat([proto(4), op('FRAME', u64(20n)), op('FRAME', u64(2n)), op('NONE'), stop])
    expect(await codes(inside)).toEqual(['warning pickle-frame', 'warning pickle-frame'])
  })

  it('damage without any code of a stranger: broken, not dangerous', async () => {
    const whole = pickle(dict({ a: tensor('0', 'FloatStorage', 1, [1], [1]) }))
    expect(await codes(whole.subarray(0, -1))).toEqual(['broken pickle-damaged'])
    expect(await codes(Buffer.concat([proto(2), op('TUPLE'), stop]))).toEqual(['broken pickle-damaged'])
    expect(await codes(Buffer.concat([proto(2), op('APPEND'), stop]))).toEqual(['broken pickle-damaged'])
  })
})
