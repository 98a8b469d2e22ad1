/** Bytes of protobuf for tests: `message([1, 7], [2, 'text'], [7, message(…)])`. */
export type FieldValue = number | bigint | string | Buffer

export const varintBytes = (value: number | bigint): Buffer => {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const byte = Number(rest & 0x7fn)
    if (rest < 0x80n) return Buffer.from([...bytes, byte])
    bytes.push(byte | 0x80)
  }
}

export const message = (...fields: readonly (readonly [number, FieldValue])[]): Buffer =>
  Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint')
        return Buffer.concat([varintBytes(number * 8), varintBytes(value)])
      const payload = typeof value === 'string' ? Buffer.from(value) : value
      return Buffer.concat([varintBytes(number * 8 + 2), varintBytes(payload.length), payload])
    }),
  )

export const packed = (...values: readonly (number | bigint)[]): Buffer => Buffer.concat(values.map(varintBytes))
