/** Many strings as the bytes they had in the file: 150,000 tokens take 3 MB this way instead of 10. */
export interface StringList extends Iterable<string> {
  readonly length: number
  at(index: number): string | undefined
  /** the bytes of one string, without decoding */
  bytesAt(index: number): Buffer | undefined
}

/** `starts[i]` is where string i begins in `bytes`; a length of `prefixBytes` stands before each of them. */
export const createStringList = (bytes: Buffer, starts: Uint32Array, prefixBytes: number): StringList => {
  const end = (index: number) => {
    const next = starts[index + 1]
    return next === undefined ? bytes.length : next - prefixBytes
  }
  const list: StringList = {
    length: starts.length,
    at(index) {
      const start = starts[index]
      return start === undefined ? undefined : bytes.toString('utf8', start, end(index))
    },
    bytesAt(index) {
      const start = starts[index]
      return start === undefined ? undefined : bytes.subarray(start, end(index))
    },
    *[Symbol.iterator]() {
      for (let index = 0; index < starts.length; index++) yield bytes.toString('utf8', starts[index], end(index))
    },
  }
  return list
}
