import type { Check } from '../../../../shared/contract/checks.ts'
import type { Classification } from '../classify/classification.ts'
import { createFindings, type Findings } from '../findings.ts'
import { quotedName } from '../text.ts'

const frameworks = new Set(['pt', 'tf', 'flax', 'mlx'])
const transformersRoles = new Set(['llm', 'embedding', 'reranker', 'speech', 'classifier'])
const personalPath = ['/home/', '/Users/', '/root/', ':\\Users\\', ':\\\\Users\\\\', ':/Users/', 'file:///']
const drive = /[A-Za-z]:\\/
const looked = 1 << 20

/** On the rungs of meaning and safety: what the contents mean for who uses or passes on the file. */
export const checkContents = (metadata: ReadonlyMap<string, string>, kind: Classification): Check[] => {
  const meaning = createFindings('meaning')
  if (kind.role === 'unknown')
    meaning.add('note', 'unknown-model', 'The tensor names are of no model that Berth knows.')
  else meaning.passed('kind-known', `By its tensors this is: ${kind.label}.`)
  checkFramework(metadata.get('format'), kind, meaning)
  const safety = createFindings('safety')
  safety.passed('no-code', 'The format holds numbers and text, no code: nothing in this file is run when it is loaded.')
  checkPrivacy(metadata, safety)
  checkPictures(metadata, safety)
  return [...meaning.list, ...kind.notes, ...safety.list]
}

const checkFramework = (format: string | undefined, kind: Classification, findings: Findings): void => {
  if (!transformersRoles.has(kind.role) || frameworks.has(format ?? '')) return
  findings.add(
    'warning',
    'no-framework',
    `The metadata ${format === undefined ? 'does not name a framework' : `names the framework ${quotedName(format)}`} ("format"). The transformers library refuses such a file.`,
    { advice: 'Write a copy with the metadata format = pt.' },
  )
}

const checkPrivacy = (metadata: ReadonlyMap<string, string>, findings: Findings): void => {
  const keys = [...metadata].filter(([, value]) => holdsPath(value)).map(([key]) => quotedName(key))
  if (keys.length > 0)
    findings.add(
      'note',
      'personal-paths',
      `The metadata holds paths of the computer it was made on: ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' …' : ''}.`,
      { advice: 'If it is yours, write a copy without these keys before you publish it.' },
    )
}

const holdsPath = (value: string): boolean => {
  const text = value.length > looked ? value.slice(0, looked) : value
  return !text.startsWith('data:') && (drive.test(text) || personalPath.some((part) => text.includes(part)))
}

const checkPictures = (metadata: ReadonlyMap<string, string>, findings: Findings): void => {
  for (const [key, value] of metadata)
    if (value.startsWith('data:') && !/^data:image\/(png|jpe?g|webp)[;,]/i.test(value.slice(0, 40)))
      findings.add(
        'warning',
        'embedded-data',
        `The metadata key ${quotedName(key)} holds embedded data that is no PNG, JPEG or WebP picture. Berth does not open it.`,
      )
}
