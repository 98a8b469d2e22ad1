import { expect, test } from 'vitest'
import { engineEnvironment } from './engineEnvironment.ts'

test('only listed variables reach an engine process, in whichever case Windows writes them', () => {
  const env = {
    Path: '/bin',
    SystemRoot: 'C:\\Windows',
    CUDA_VISIBLE_DEVICES: '1',
    OPENAI_API_KEY: 'canary',
    AWS_SECRET_ACCESS_KEY: 'canary',
    NODE_OPTIONS: '--require ./x.js',
    LD_PRELOAD: '/tmp/x.so',
    HOME: undefined,
  }
  expect(engineEnvironment(env)).toEqual({ Path: '/bin', SystemRoot: 'C:\\Windows', CUDA_VISIBLE_DEVICES: '1' })
})
