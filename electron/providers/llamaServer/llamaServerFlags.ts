import { flagValue } from '../parts/llamaFlags.ts'

/**
 * What may be shown of a command line of llama-server. It may hold tokens and keys, so flags are named here one by one and
 * nothing else of it is read.
 */
const shown: readonly (readonly [label: string, names: readonly string[]])[] = [
  ['Context', ['-c', '--ctx-size']],
  ['Slots', ['-np', '--parallel']],
  ['GPU layers', ['-ngl', '--gpu-layers', '--n-gpu-layers']],
  ['Batch', ['-b', '--batch-size']],
  ['Physical batch', ['-ub', '--ubatch-size']],
  ['Flash attention', ['-fa', '--flash-attn']],
  ['KV cache, keys', ['-ctk', '--cache-type-k']],
  ['KV cache, values', ['-ctv', '--cache-type-v']],
  ['Threads', ['-t', '--threads']],
  ['Pooling', ['--pooling']],
  ['Sleeps after', ['--sleep-idle-seconds']],
]

const hasFlag = (args: readonly string[], names: readonly string[]): boolean => args.some((arg) => names.includes(arg))

/** What the process is for, when it was told so. */
export const purposeOf = (args: readonly string[]): 'embedding' | 'reranker' | null => {
  if (hasFlag(args, ['--rerank', '--reranking'])) return 'reranker'
  return hasFlag(args, ['--embedding', '--embeddings']) ? 'embedding' : null
}

/** Label and value of the flags that may be shown. */
export const settingsOf = (args: readonly string[]): (readonly [label: string, value: string])[] =>
  shown.flatMap(([label, names]) => {
    const value = flagValue(args, names)
    return value === null || value.startsWith('--') ? [] : [[label, value.slice(0, 100)] as const]
  })
