/** `<prefix>-00001-of-00003.<kind>`: GGUF, safetensors and PyTorch split models alike. */
export interface ShardName {
  readonly prefix: string
  /** 1-based */
  readonly number: number
  readonly count: string
  readonly kind: 'gguf' | 'safetensors' | 'bin'
}

export interface NamedSet {
  /** of the shards that are there, in order; at least one */
  readonly names: readonly [string, ...string[]]
  /** the list of tensors that Hugging Face keeps beside; null: there is none */
  readonly index: string | null
}

const pattern = /^(.{1,200})-(\d{5})-of-(\d{5})\.(gguf|safetensors|bin)$/is

/** Null: not one part of several. */
export const shardNameOf = (fileName: string): ShardName | null => {
  const [, prefix = '', number = '', count = '', kind = ''] = pattern.exec(fileName) ?? []
  if (Number(count) < 2 || Number(number) < 1 || Number(number) > Number(count)) return null
  return { prefix, number: Number(number), count, kind: kind.toLowerCase() as ShardName['kind'] } // the pattern has no other
}

/** Sorts the file names of one folder into sets. PyTorch's parts make one only where an index says so. */
export const shardSets = (fileNames: readonly string[]): NamedSet[] => {
  const all = new Set(fileNames)
  const parts = fileNames.flatMap((name) => {
    const shard = shardNameOf(name)
    return shard === null ? [] : [{ name, ...shard }]
  })
  return [...Map.groupBy(parts, ({ prefix, count, kind }) => `${count}/${kind}/${prefix}`).values()].flatMap((set) => {
    const [first, ...rest] = set.sort((one, other) => one.number - other.number)
    if (first === undefined) return []
    const indexName = `${first.prefix}.${first.kind}.index.json`
    const index = all.has(indexName) ? indexName : null
    if (first.kind === 'bin' && index === null) return []
    return [{ names: [first.name, ...rest.map(({ name }) => name)], index }]
  })
}
