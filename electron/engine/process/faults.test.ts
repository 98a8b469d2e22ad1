import { expect, test } from 'vitest'
import { EngineError, nameFault } from './faults.ts'

test.each([
  'A context size of 99 is too large for the available VRAM',
  'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 68719476736',
  'alloc_tensor_range: failed to allocate CUDA0 buffer of size 21474836480',
  'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: cudaMalloc failed: out of memory',
  'ggml_vulkan: Device memory allocation of size 1073741824 failed. vk::Device::allocateMemory: ErrorOutOfDeviceMemory',
  'unable to allocate CPU buffer',
  'std::bad_alloc',
])('an allocation that failed is no memory: %s', (line) => {
  expect(nameFault(new Error('Failed to create context'), 'LOAD_FAILED', [line])).toEqual({
    fault: 'OUT_OF_MEMORY',
    message: `Failed to create context · ${line}`,
  })
})

test('anything else keeps its name and what llama.cpp said last', () => {
  const log = ['one', 'two', 'three', 'llama_model_load: error loading model: missing tensor']
  const { fault, message } = nameFault(new Error('Failed to load model'), 'LOAD_FAILED', log)
  expect(fault).toBe('LOAD_FAILED')
  expect(message).toBe('Failed to load model · two · three · llama_model_load: error loading model: missing tensor')
  expect(nameFault(new EngineError('PROMPT_TOO_LONG', 'long'), 'ANSWER_FAILED', log)).toEqual({
    fault: 'PROMPT_TOO_LONG',
    message: 'long',
  })
})
