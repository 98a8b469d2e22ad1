import { type Identity, identityOf } from './identity.ts'

/** The words of sites that answer a page where a file was expected; some start with plain text. */
const errorWords =
  /^(invalid username or password|entry not found|access to model|repository not found|not found|forbidden|unauthorized|access denied)/i
const errorJson = /^\{\s{0,200}"(error|message|detail|statusCode)"/
const errorXml = /^(<\?xml[^>]{0,200}>\s{0,200})?<(Error|Code)>/
const page = /^(<\?xml[^>]{0,200}>\s{0,200})?<(!doctype html|html|head|body)\b/i

/** An answer that tells of a failure is short. */
const longestError = 64 << 10

/** What a text is; null for what is not text. */
export const textKind = (head: Buffer, sizeBytes: number): Identity | null => {
  const text = withoutBom(head)
  if (text.startsWith('version https://git-lfs.github.com/spec/v1')) return lfsPointer(text)
  const start = text.slice(0, 1000).trimStart()
  if (page.test(start)) return identityOf('html', 'a web page', 'download-remains')
  if (sizeBytes <= longestError && (errorWords.test(start) || errorJson.test(start) || errorXml.test(start)))
    return identityOf('error-message', 'an error message of a web site', 'download-remains')
  if (!isText(head)) return null
  if (isLinkTarget(text, sizeBytes))
    return identityOf('link-text', 'only the name of another file: a link that was copied as text', 'download-remains')
  return markup(start) ?? identityOf('text', 'a text', 'text')
}

/** As Latin-1: what is looked for is ASCII in every encoding. */
const withoutBom = (head: Buffer): string =>
  head.toString('latin1', head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0)

const markup = (start: string): Identity | null => {
  if (/^[{[]/.test(start)) return identityOf('json', 'a JSON text', 'text')
  if (/^7767517\s/.test(start)) return identityOf('ncnn', 'the structure of an ncnn model', 'model')
  return /^<(\?xml|!doctype|net\b|svg\b|PMML\b)/i.test(start) ? xml(start) : null
}

const xml = (start: string): Identity => {
  if (/<net\b/.test(start)) return identityOf('openvino', 'the structure of an OpenVINO model', 'model')
  if (/<PMML\b/.test(start)) return identityOf('pmml', 'a PMML model', 'model')
  if (/<svg\b/.test(start)) return identityOf('svg', 'a picture (SVG)', 'picture')
  return identityOf('xml', 'an XML text', 'text')
}

/** Where there are no links, git and the Hugging Face cache write a file with the target in it: `../../blobs/<digest>`. */
const isLinkTarget = (text: string, sizeBytes: number) =>
  sizeBytes < 400 && /^(\.\.\/){1,10}[\w./-]{1,300}\s?$/.test(text)

const allowedControls = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b])

/** No control characters but the usual ones, and UTF-8. The head may end inside a character. */
const isText = (head: Buffer): boolean => {
  if (head.length === 0 || head.some((byte) => byte < 0x20 && !allowedControls.has(byte))) return false
  const decoded = head.toString('utf8', 0, head.length)
  const firstBad = decoded.indexOf('\ufffd')
  return firstBad === -1 || (head.length >= 4096 && firstBad >= decoded.length - 3)
}

const lfsPointer = (text: string): Identity => {
  const size = /\nsize (\d{1,15})\b/.exec(text)?.[1]
  return identityOf('git-lfs-pointer', 'a git-lfs pointer, not the file itself', 'download-remains', {
    expectedBytes: size === undefined ? null : Number(size),
    sha256: /\noid sha256:([0-9a-f]{64})\b/.exec(text)?.[1] ?? null,
  })
}
