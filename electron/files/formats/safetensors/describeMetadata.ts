import { cutText } from '../../../lib/cutText.ts'
import type { MetadataRow } from '../modelFile.ts'
import { grouped } from '../words.ts'

const longestText = 2000

/** A picture inside the metadata is a stranger's bytes: it is named and never decoded. */
const pictureOf = (value: string): string | null => {
  if (!/^\s{0,8}data:/i.test(value)) return null
  const kind = value.slice(0, 100).match(/data:([\w.+-]{1,40}\/[\w.+-]{1,40})/i)?.[1] ?? 'unknown kind'
  return `embedded data (${kind}), ${grouped(value.length)} characters, not shown`
}

/** All keys in the file's order, for people. */
export const describeMetadata = (metadata: ReadonlyMap<string, string>): MetadataRow[] =>
  [...metadata].map(([key, value]) => {
    const picture = pictureOf(value)
    return picture === null
      ? { key: cutText(key, 200), type: 'text', value: cutText(value, longestText) }
      : { key: cutText(key, 200), type: 'embedded data', value: picture }
  })
