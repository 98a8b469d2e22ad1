import type { EngineFault } from '../protocol.ts'

/** A failure that the host can name. */
export class EngineError extends Error {
  readonly fault: EngineFault

  constructor(fault: EngineFault, message: string) {
    super(message)
    this.name = 'EngineError'
    this.fault = fault
  }
}

/**
 * node-llama-cpp's own check, then what llama.cpp and its backends write when an allocation fails (ggml-backend.cpp,
 * ggml-alloc.c, ggml-cuda.cu, ggml-vulkan.cpp, ggml-metal.m).
 */
const outOfMemory =
  /insufficient ?memory|is too large for the available|(failed|unable) to (allocate|alloc)|cannot allocate|out of (host |device )?memory|cudaMalloc failed|OutOf(Device|Host)Memory|not enough memory|bad_alloc|no suitable memory|InsufficientMemory/i

/** What a failed load or chat is called; `engineLog`: what llama.cpp wrote meanwhile, newest last. */
export function nameFault(
  error: unknown,
  otherwise: EngineFault,
  engineLog: readonly string[],
): { fault: EngineFault; message: string } {
  if (error instanceof EngineError) return { fault: error.fault, message: error.message }
  const said = error instanceof Error ? error.message : String(error)
  const reasons = engineLog.filter((line) => !said.includes(line)).slice(-3)
  const message = [said, ...reasons].join(' · ').slice(0, 2000)
  return { fault: outOfMemory.test(message) ? 'OUT_OF_MEMORY' : otherwise, message }
}
