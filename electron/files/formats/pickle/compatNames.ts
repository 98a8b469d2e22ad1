/** Python 2 modules by the names that Python 3 gives them when the protocol is below 3. Source: CPython Lib/_compat_pickle.py. */
const modules: ReadonlyMap<string, string> = new Map(
  `__builtin__=builtins copy_reg=copyreg Queue=queue SocketServer=socketserver ConfigParser=configparser repr=reprlib
  Tkinter=tkinter _winreg=winreg thread=_thread dummy_thread=_dummy_thread dbhash=dbm.bsd dumbdbm=dbm.dumb dbm=dbm.ndbm
  gdbm=dbm.gnu xmlrpclib=xmlrpc.client SimpleXMLRPCServer=xmlrpc.server httplib=http.client Cookie=http.cookies
  cookielib=http.cookiejar BaseHTTPServer=http.server test.test_support=test.support commands=subprocess
  urlparse=urllib.parse robotparser=urllib.robotparser urllib2=urllib.request anydbm=dbm _abcoll=collections.abc
  cPickle=pickle _elementtree=xml.etree.ElementTree DocXMLRPCServer=xmlrpc.server SimpleHTTPServer=http.server
  CGIHTTPServer=http.server UserDict=collections UserList=collections UserString=collections whichdb=dbm StringIO=io
  cStringIO=io exceptions=builtins`
    .split(/\s+/)
    .map((pair): [string, string] => {
      const [old = '', now = ''] = pair.split('=')
      return [old, now]
    }),
)

const names: ReadonlyMap<string, string> = new Map([
  ['__builtin__.xrange', 'builtins.range'],
  ['__builtin__.reduce', 'functools.reduce'],
  ['__builtin__.intern', 'sys.intern'],
  ['__builtin__.unichr', 'builtins.chr'],
  ['__builtin__.unicode', 'builtins.str'],
  ['__builtin__.long', 'builtins.int'],
  ['__builtin__.basestring', 'builtins.str'],
  ['itertools.izip', 'builtins.zip'],
  ['itertools.imap', 'builtins.map'],
  ['itertools.ifilter', 'builtins.filter'],
  ['urllib.urlopen', 'urllib.request.urlopen'],
  ['urllib.urlretrieve', 'urllib.request.urlretrieve'],
  ['multiprocessing.forking.Popen', 'multiprocessing.popen_fork.Popen'],
  ['_socket.fromfd', 'socket.fromfd'],
])

/** Both readings of one name: as it stands, and as Python 3 takes a Python 2 name. Both are judged. */
export const readingsOf = (module: string, name: string): (readonly [module: string, name: string])[] => {
  const renamed = names.get(`${module}.${name}`)
  if (renamed !== undefined) {
    const dot = renamed.lastIndexOf('.')
    return [
      [module, name],
      [renamed.slice(0, dot), renamed.slice(dot + 1)],
    ]
  }
  const mapped = modules.get(module)
  return mapped === undefined
    ? [[module, name]]
    : [
        [module, name],
        [mapped, name],
      ]
}
