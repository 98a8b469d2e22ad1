const mostCharacters = 8 << 20

/** An object that is JSON inside a metadata value; null: it is not. Keys are a stranger's: read them by `ownText` alone. */
export const jsonObject = (value: string | undefined): object | null => {
  if (value === undefined || value.length > mostCharacters || !/^\s{0,64}\{/.test(value)) return null
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : null
  } catch {
    return null // metadata is free text: what is no JSON is shown as it is
  }
}

/** An own property: never one that the prototype has. */
const own = (object: object | null, key: string): unknown =>
  object !== null && Object.hasOwn(object, key) ? Object.getOwnPropertyDescriptor(object, key)?.value : undefined

export const ownText = (object: object | null, key: string): string | null => {
  const value = own(object, key)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
