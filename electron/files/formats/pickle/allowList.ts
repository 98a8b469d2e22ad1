/** Full names that only make tensors, numbers and containers. Everything else is code of some package. */
const inEach = (modules: string, names: string): string[] =>
  modules.split(' ').flatMap((module) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => `${module}.${name}`),
  )

const storages = `DoubleStorage FloatStorage HalfStorage LongStorage IntStorage ShortStorage CharStorage ByteStorage
  BoolStorage BFloat16Storage ComplexDoubleStorage ComplexFloatStorage QUInt8Storage QInt8Storage QInt32Storage
  QUInt4x2Storage QUInt2x4Storage UntypedStorage _UntypedStorage`

const tensors = `DoubleTensor FloatTensor HalfTensor LongTensor IntTensor ShortTensor CharTensor ByteTensor BoolTensor
  BFloat16Tensor`

const dataTypes = `float16 bfloat16 float32 float64 half float double int8 int16 int32 int64 short int long uint8 uint16
  uint32 uint64 bool complex32 complex64 complex128 bcomplex32 chalf cfloat cdouble int1 int2 int3 int4 int5 int6 int7
  uint1 uint2 uint3 uint4 uint5 uint6 uint7 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
  float4_e2m1fn_x2 quint8 qint8 qint32 quint4x2 quint2x4 bits8 bits16 bits1x8 bits2x4 bits4x2`

const otherConstants = `Size device Tensor strided sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc jagged
  per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric per_channel_affine_float_qparams`

const rebuilders = `_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter
  _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage
  _rebuild_wrapper_subclass _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor
  _rebuild_nested_tensor`

const numpyTypes = `Bool Int8 Int16 Int32 Int64 Int UInt UInt8 UInt16 UInt32 UInt64 Byte UByte Short UShort Long ULong
  LongLong ULongLong Float16 Float32 Float64 LongDouble Complex64 Complex128 CLongDouble Bytes Str Void Object DateTime64
  TimeDelta64 String`

const allowed: ReadonlySet<string> = new Set([
  ...inEach('collections', 'OrderedDict Counter defaultdict'),
  ...inEach(
    'builtins __builtin__',
    `set frozenset complex bytearray dict list tuple int float str bool bytes slice range xrange long unicode Ellipsis
    object`,
  ),
  '_codecs.encode',
  ...inEach('copyreg copy_reg', '_reconstructor'),
  ...inEach('torch', `${dataTypes} ${otherConstants}`),
  ...inEach('torch torch.cuda torch.storage', storages),
  ...inEach('torch.storage', 'TypedStorage _TypedStorage'),
  ...inEach('torch torch.cuda torch.sparse torch.cuda.sparse', tensors),
  ...inEach('torch.nn.parameter', 'Parameter Buffer UninitializedParameter UninitializedBuffer'),
  'torch.nn.Parameter',
  'torch.nn.modules.container.ParameterDict',
  'torch.serialization._get_layout',
  ...inEach('torch._utils', rebuilders),
  'torch._tensor._rebuild_from_type_v2',
  ...inEach('torch.nested._internal.nested_tensor', 'NestedTensor _rebuild_njt'),
  'torch._dynamo.decorators._DimRange',
  'torch.distributed.device_mesh.DeviceMesh',
  'torch.distributed.tensor.DTensor',
  ...inEach('torch.distributed.tensor._dtensor_spec', 'DTensorSpec TensorMeta'),
  ...inEach('torch.distributed.tensor.placement_types', 'Partial Replicate Shard'),
  ...inEach('numpy', 'dtype ndarray'),
  ...inEach('numpy.core.multiarray numpy._core.multiarray', '_reconstruct scalar'),
  ...inEach('numpy.core.numeric numpy._core.numeric', '_frombuffer'),
  // the module itself, only ever an argument: how a memory format is written
  'torch._utils.torch',
  ...inEach(
    'numpy.dtypes',
    numpyTypes
      .trim()
      .split(/\s+/)
      .map((name) => `${name}DType`)
      .join(' '),
  ),
])

/** Only in TorchScript archives: their code is in the archive and runs in TorchScript's own interpreter. */
const torchScript: ReadonlySet<string> = new Set(
  inEach(
    'torch.jit._pickle',
    'build_intlist build_doublelist build_boollist build_tensorlist build_tensor_from_id restore_type_tag',
  ),
)

/** Data classes of common packages: seen in training checkpoints, doing nothing when made; code all the same. */
const benign: ReadonlySet<string> = new Set([
  'argparse.Namespace',
  'types.SimpleNamespace',
  ...inEach('pathlib pathlib._local', 'PosixPath WindowsPath PurePosixPath PureWindowsPath Path PurePath'),
  ...inEach('datetime', 'datetime date time timedelta timezone'),
  ...inEach('decimal', 'Decimal'),
  ...inEach('fractions', 'Fraction'),
  ...inEach('uuid', 'UUID SafeUUID'),
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
  ...inEach('typing', 'Any'),
])

export const isAllowed = (module: string, name: string, isTorchScript: boolean): boolean => {
  const full = `${module}.${name}`
  if (allowed.has(full)) return true
  return isTorchScript && (torchScript.has(full) || module === '__torch__' || module.startsWith('__torch__.'))
}

export const isBenign = (module: string, name: string): boolean =>
  benign.has(`${module}.${name}`) ||
  ((module === 'omegaconf' || module.startsWith('omegaconf.') || module.startsWith('pytorch_lightning.utilities.')) &&
    /^[A-Z]/.test(name))
