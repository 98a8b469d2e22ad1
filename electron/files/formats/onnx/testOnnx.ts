import { type FieldValue, message, packed } from '../protobuf/testProtobuf.ts'

/** Models for tests, field by field: what a writer would refuse to write can be written here. */
type Fields = readonly (readonly [number, FieldValue])[]

export const value = (name: string, type = 1): Buffer =>
  message([1, name], [2, message([1, message([1, type], [2, message([1, message([1, 2])])])])])

export const node = (
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...more: Fields
): Buffer =>
  message(
    ...inputs.map((name): [number, string] => [1, name]),
    ...outputs.map((name): [number, string] => [2, name]),
    [4, operator],
    ...more,
  )

/** F32 [2] with raw values, unless said otherwise */
export const tensor = (
  name: string,
  {
    dims = [2],
    type = 1,
    values = [[9, Buffer.alloc(8)]],
  }: { dims?: readonly number[]; type?: number; values?: Fields } = {},
): Buffer => message([1, packed(...dims)], [2, type], [8, name], ...values)

export const external = (name: string, ...entries: readonly (readonly [string, string])[]): Buffer =>
  tensor(name, {
    values: [...entries.map(([key, text]): [number, Buffer] => [13, message([1, key], [2, text])]), [14, 1]],
  })

export const graph = (...fields: Fields): Buffer =>
  message([1, node('Identity', ['x'], ['y'])], [2, 'g'], [11, value('x')], [12, value('y')], ...fields)

/** @param inner fields beside those of a graph that passes every rule */
export const model = (inner: Fields = [], fields: Fields = []): Buffer =>
  message([1, 10], [2, 'test'], [7, graph(...inner)], [8, message([1, ''], [2, 21])], ...fields)
