import type { ErrorCode } from '../../../shared/contract/errors.ts'
import { AppError } from '../../lib/appError.ts'

/** What servers say when memory does not suffice: llama.cpp, CUDA, Vulkan and those that stand on them. */
export const outOfMemory =
  /out of memory|outofdevicememory|more (system|gpu|video) memory|(not enough|insufficient) (system |gpu |video )?memory|(failed|unable) to allocate|cannot allocate memory/i

/** For a promise's catch: faults of these codes mean that there is nothing to know; any other stays one. */
export const nullFor =
  (...codes: readonly ErrorCode[]) =>
  (error: unknown): null => {
    if (error instanceof AppError && codes.includes(error.code)) return null
    throw error
  }
