import type { ModelSplit } from '../modelFile.ts'

/** `model-00001-of-00004.safetensors`: which part of how many. */
export interface ShardName {
  readonly prefix: string
  /** 1-based, as written */
  readonly part: number
  readonly count: number
  readonly digits: number
}

/** Honest models have some hundred parts. */
const mostShards = 10_000

export const parseShardName = (name: string): ShardName | null => {
  const match = /^(.{0,200})-(\d{1,5})-of-(\d{1,5})\.safetensors$/s.exec(name)
  if (match === null) return null
  const [, prefix = '', part = '', count = ''] = match
  const shard = { prefix, part: Number(part), count: Number(count), digits: count.length }
  return shard.part >= 1 && shard.part <= shard.count && shard.count <= mostShards ? shard : null
}

export const shardFileNames = ({ prefix, count, digits }: ShardName): string[] => {
  const number = (value: number) => String(value).padStart(digits, '0')
  return Array.from({ length: count }, (_, index) => `${prefix}-${number(index + 1)}-of-${number(count)}.safetensors`)
}

export const splitOf = (fileName: string | null): ModelSplit | null => {
  const shard = fileName === null ? null : parseShardName(fileName)
  return shard === null || shard.count === 1 ? null : { no: shard.part - 1, count: shard.count, tensorCount: null }
}
