import { AppError, type ErrorDetails } from '../../lib/appError.ts'

/** Why bytes could not be had at all. */
const sourceFaults = [
  'FILE_MISSING',
  'NO_PERMISSION',
  'NOT_A_REGULAR_FILE',
  'IS_A_LINK',
  'FILE_SHRANK',
  'FILE_CHANGED',
  'READ_FAILED',
  'PATH_ESCAPES',
  'TOO_MANY_FILES',
] as const

/** Why the bytes are not a model file of the format that was asked for. */
type ContentFault =
  // what it is instead
  | 'TOO_SHORT'
  | 'ALL_ZERO'
  | 'GIT_LFS_POINTER'
  | 'ERROR_PAGE'
  | 'OTHER_FORMAT'
  | 'BYTE_SWAPPED_MAGIC'
  | 'UNKNOWN_FORMAT'
  // header and metadata
  | 'BAD_VERSION'
  | 'OUT_OF_FILE'
  | 'HEADER_TOO_LARGE'
  | 'TOO_MANY_KEYS'
  | 'TOO_MANY_TENSORS'
  | 'STRING_TOO_LONG'
  | 'EMPTY_KEY'
  | 'NUL_IN_KEY'
  | 'DUPLICATE_KEY'
  | 'BAD_VALUE_TYPE'
  | 'NESTED_ARRAY'
  | 'ARRAY_TOO_LONG'
  | 'BAD_ALIGNMENT'
  // tensors and their data
  | 'NAME_TOO_LONG'
  | 'NUL_IN_NAME'
  | 'DUPLICATE_TENSOR'
  | 'TOO_MANY_DIMENSIONS'
  | 'BAD_DIMENSION'
  | 'UNKNOWN_TENSOR_TYPE'
  | 'REMOVED_TENSOR_TYPE'
  | 'BAD_ROW_LENGTH'
  | 'SIZE_OVERFLOW'
  | 'BAD_OFFSET'
  | 'DATA_TRUNCATED'
  | 'MISALIGNED_SLICE'
  // several files that belong together
  | 'BAD_SHARD_SET'
  | 'BAD_INDEX'
  // safetensors
  | 'BAD_HEADER_LENGTH'
  | 'BAD_HEADER'
  | 'BAD_METADATA'
  | 'BAD_TENSOR_RECORD'
  | 'TRAILING_DATA'
  // archives and pickles
  | 'BAD_ARCHIVE'
  | 'TOO_MANY_ENTRIES'
  | 'BAD_PICKLE'
  // protobuf messages, HDF5 and other trees
  | 'BAD_MESSAGE'
  | 'TOO_DEEP'
  | 'BAD_JSON'
  // everywhere: more work than any honest file asks for
  | 'TOO_MUCH_WORK'

/** The closed list. */
export type FormatErrorCode = (typeof sourceFaults)[number] | ContentFault

/** The one thing a format reader throws for a file it refuses; anything else thrown by a reader is a bug. */
export class FormatError extends Error {
  readonly code: FormatErrorCode
  /** byte of the file where it was noticed; null when it concerns the whole file */
  readonly offset: number | null
  readonly details: ErrorDetails

  constructor(
    code: FormatErrorCode,
    message: string,
    options: { offset?: number; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FormatError'
    this.code = code
    this.offset = options.offset ?? null
    this.details = options.details ?? {}
  }
}

/** Was it that bytes could not be had, which says nothing about what they are? */
export const isSourceFault = ({ code }: FormatError): boolean => sourceFaults.some((fault) => fault === code)

/** The same failure in the contract's terms. */
export const toAppError = (error: FormatError): AppError =>
  new AppError(isSourceFault(error) ? 'PATH_UNUSABLE' : 'FILE_INVALID', error.message, {
    details: { ...error.details, fault: error.code, offset: error.offset },
    cause: error,
  })
