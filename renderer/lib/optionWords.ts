import type { LoadOptions } from '../../shared/contract/models.ts'
import { formatCount, formatDuration, formatTokens } from './format.ts'

const onOff = (value: boolean): string => (value ? 'on' : 'off')

/** Options in few words: in the line of what changed, in the row of an instance, beside what was measured. */
export const optionWords = (options: LoadOptions): string[] => {
  const words: string[] = []
  if (options.contextLength !== undefined) words.push(`context ${formatTokens(options.contextLength)}`)
  if (options.gpuLayers !== undefined)
    words.push(options.gpuLayers === 'auto' ? 'GPU layers auto' : `${formatCount(options.gpuLayers)} GPU layers`)
  if (options.kvCacheType !== undefined) words.push(`KV cache ${options.kvCacheType}`)
  if (options.flashAttention !== undefined) words.push(`flash attention ${onOff(options.flashAttention)}`)
  if (options.threads !== undefined) words.push(`${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`)
  if (options.batchSize !== undefined) words.push(`batch ${formatTokens(options.batchSize)}`)
  if (options.mmap !== undefined) words.push(`memory map ${onOff(options.mmap)}`)
  if (options.keepAlive !== undefined)
    words.push(
      options.keepAlive === 'forever' ? 'stays loaded' : `unloads after ${formatDuration(options.keepAlive * 1000)}`,
    )
  return words
}
