import type { MetadataRow } from '../modelFile.ts'

const longestText = 2000

/** Never between the two halves of a character. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most
  return `${text.slice(0, end)}… (${text.length.toLocaleString('en-US')} characters)`
}

/** A picture inside the metadata is a stranger's bytes: it is named and never decoded. */
const pictureOf = (value: string): string | null => {
  if (!/^\s{0,8}data:/i.test(value)) return null
  const kind = value.slice(0, 100).match(/data:([\w.+-]{1,40}\/[\w.+-]{1,40})/i)?.[1] ?? 'unknown kind'
  return `embedded data (${kind}), ${value.length.toLocaleString('en-US')} characters, not shown`
}

/** All keys in the file's order, for people. */
export const describeMetadata = (metadata: ReadonlyMap<string, string>): MetadataRow[] =>
  [...metadata].map(([key, value]) => {
    const picture = pictureOf(value)
    return picture === null
      ? { key: cut(key, 200), type: 'text', value: cut(value, longestText) }
      : { key: cut(key, 200), type: 'embedded data', value: picture }
  })
