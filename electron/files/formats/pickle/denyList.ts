/** Modules that are harmful with everything below them. Looked up after the allow list, never instead of it. */
const wholeModules: ReadonlySet<string> = new Set(
  `os posix nt posixpath ntpath subprocess _posixsubprocess pty commands popen2 multiprocessing _multiprocessing signal
  _winapi winreg _winreg msvcrt resource _osx_support _aix_support _pyrepl sys
  code codeop runpy marshal timeit doctest pdb bdb trace profile cProfile _lsprof unittest test site gc inspect
  _interpreters _xxsubinterpreters _interpchannels interpreters idlelib lib2to3 pydoc sched concurrent asyncio threading
  _thread thread dummy_threading atexit ctypes _ctypes cffi mmap
  importlib imp _imp _frozen_importlib _frozen_importlib_external zipimport pkgutil pip ensurepip venv distutils
  setuptools pkg_resources
  contextlib
  pickle _pickle cPickle dill cloudpickle joblib shelve jsonpickle torch.hub torch.package numpy.lib.npyio
  numpy.lib._npyio_impl pandas.io.pickle
  shutil tempfile glob fileinput linecache filecmp tarfile zipfile sqlite3 _sqlite3 dbm logging urllib urllib2 http
  httplib requests httpx aiohttp urllib3 socket _socket ssl _ssl socketserver SocketServer xmlrpc xmlrpclib ftplib
  smtplib poplib imaplib nntplib telnetlib webbrowser antigravity
  torch._inductor torch._dynamo torch.utils.cpp_extension torch.distributed.rpc torch.multiprocessing
  torch.utils.bottleneck
  numpy.f2py numpy.distutils
  matplotlib.cbook IPython jinja2 mako transformers.dynamic_module_utils`
    .trim()
    .split(/\s+/),
)

const list = (names: string) => new Set(names.trim().split(/\s+/))

const builtins = list(`eval exec execfile compile open file input raw_input getattr setattr delattr hasattr vars globals
  locals dir __import__ breakpoint apply map filter reduce type super help reload memoryview __build_class__`)
const operators = list('attrgetter itemgetter methodcaller call setitem delitem getitem')

/** Single names of modules that are otherwise only unknown. */
const names: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['builtins', builtins],
  ['__builtin__', builtins],
  ['__builtins__', builtins],
  [
    'types',
    list(
      'CodeType FunctionType LambdaType MethodType BuiltinFunctionType ModuleType CellType DynamicClassAttribute new_class coroutine',
    ),
  ],
  ['weakref', list('finalize')],
  ['platform', list('popen _syscmd_ver _syscmd_file')],
  ['operator', operators],
  ['_operator', operators],
  ['functools', list('partial partialmethod reduce singledispatch cached_property')],
  ['_functools', list('partial reduce')],
  ['itertools', list('starmap accumulate imap ifilter')],
  ['copyreg', list('add_extension pickle __newobj__ __newobj_ex__')],
  ['copy_reg', list('add_extension pickle __newobj__ __newobj_ex__')],
  ['yaml', list('load load_all unsafe_load unsafe_load_all full_load')],
  ['torch', list('load compile')],
  ['torch.serialization', list('load _load _legacy_load add_safe_globals')],
  ['torch.storage', list('_load_from_bytes')],
  ['torch.jit', list('load script trace')],
  ['torch.jit._serialization', list('load jit_module_from_flatbuffer')],
  ['torch.ops', list('load_library')],
  ['torch._ops', list('load_library')],
  ['torch.classes', list('load_library')],
  ['torch._classes', list('load_library')],
  ['torch.fx.experimental.symbolic_shapes', list('ShapeEnv evaluate_guards_expression')],
  ['torch.jit.unsupported_tensor_ops', list('execWrapper')],
  ['torch.utils._config_module', list('ConfigModule load_config')],
  ['torch.utils.collect_env', list('run run_and_read_all run_and_parse_first_match run_and_return_first_line')],
  ['torch.utils.data.datapipes.utils.decoder', list('basichandlers')],
  ['numpy', list('load fromfile memmap loadtxt genfromtxt')],
  ['numpy.testing._private.utils', list('runstring rundocs')],
  ['numpy.testing', list('runstring rundocs')],
  ['numpy.ctypeslib', list('load_library')],
  ['numpy.ctypeslib._ctypeslib', list('load_library')],
  ['pandas', list('read_pickle eval')],
  ['io', list('open FileIO open_code')],
  ['_io', list('open FileIO open_code')],
  ['codecs', list('open')],
  ['uuid', list('_popen _get_command_stdout')],
])

/** Words in names of packages that load other files or take text for code. */
const byRoot: readonly (readonly [root: string, name: RegExp])[] = [
  ['keras', /load|deserializ/i],
  ['tensorflow', /load|deserializ/i],
  ['tf_keras', /load|deserializ/i],
  ['sympy', /^(sympify|lambdify|parse_expr|_sympify)$/],
  ['nltk', /zip/i],
  ['uuid', /^_/],
  ['platform', /^_/],
]

/** Joblib's wrapper of an array in the stream: found in every joblib file, and read by Berth. */
const spared: ReadonlySet<string> = new Set([
  'joblib.numpy_pickle.NumpyArrayWrapper',
  'joblib.numpy_pickle_compat.NDArrayWrapper',
  'joblib.numpy_pickle_compat.ZNDArrayWrapper',
])

export const isDenied = (module: string, name: string): boolean => {
  if (spared.has(`${module}.${name}`)) return false
  if (names.get(module)?.has(firstPart(name))) return true
  const root = module.split('.', 1)[0] ?? module
  if (byRoot.some(([of, word]) => of === root && word.test(name))) return true
  for (let end = module.length; end > 0; end = module.lastIndexOf('.', end - 1))
    if (wholeModules.has(module.slice(0, end))) return true
  return false
}

/** Whether a part of a dotted name leads through a module that a class may have imported. */
export const isHarmfulModule = (part: string): boolean => wholeModules.has(part) || builtins.has(part)

const firstPart = (name: string): string => name.split('.', 1)[0] ?? name
