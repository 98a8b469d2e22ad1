import { expect, test } from 'vitest'
import { cpuMs } from '../../../test/support/cpuTime.ts'
import { readCommand, splitCommand } from './llamaSwapCommand.ts'

test.each([
  ['llama-server -m /a.gguf', ['llama-server', '-m', '/a.gguf']],
  ['a "b c" \'d "e"\' f\\ g', ['a', 'b c', 'd "e"', 'f g']],
  ['a \\\n  b\n c', ['a', 'b', 'c']],
  ['C:\\bin\\llama-server.exe -m C:\\models\\x.gguf', ['C:\\bin\\llama-server.exe', '-m', 'C:\\models\\x.gguf']],
  ['--x="a \\"b\\""', ['--x=a "b"']],
  ['', []],
])('%j is split as a shell does', (command, expected) => {
  expect(splitCommand(command)).toEqual(expected)
})

test('a quotation that never ends, and a very long command, take no time', () => {
  const startedAt = cpuMs()
  splitCommand(`a "${'b '.repeat(50_000)}`)
  splitCommand('\\'.repeat(100_000))
  splitCommand('"\\'.repeat(50_000))
  expect(cpuMs() - startedAt).toBeLessThan(1_000)
})

test.each([
  ['vllm serve Qwen/Qwen3 --max-model-len 4096', { path: null, options: {} }],
  ['llama-server --model=/a b.gguf --ctx-size=0', { path: '/a', options: {} }],
  ['llama-server -m relative.gguf -ngl auto', { path: null, options: { gpuLayers: 'auto' } }],
  ['llama-server -m /a.gguf -m /b.gguf -c 4 -ctk f4', { path: '/b.gguf', options: {} }],
  ['/usr/bin/podman run x -m /models/a.gguf', { path: null, options: {} }],
])('of %j only known facts are taken', (command, expected) => {
  expect(readCommand(command)).toEqual(expected)
})
