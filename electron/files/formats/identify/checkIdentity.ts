import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings, type Findings } from '../findings.ts'
import { byteCount } from '../words.ts'
import { checkName } from './checkName.ts'
import { type Expectation, expectationOf, extensionOf } from './extensions.ts'
import type { Identity } from './identity.ts'

/** Kinds that run code, or make a loader run code, though the name promises data. */
const runsCode: ReadonlySet<string> = new Set(['pickle', 'zip', 'tar', 'tensorrt'])

const remains: Readonly<Record<string, readonly [code: string, message: string]>> = {
  empty: ['empty-file', 'The file is empty.'],
  'all-zero': ['all-zero', 'The file begins with nothing but zeros: space that a download reserved and never filled.'],
  html: ['error-page', 'This is a web page that was saved instead of the file.'],
  'error-message': ['error-page', 'This is an error message of a web site that was saved instead of the file.'],
  'link-text': ['link-text', 'This is only the name of another file: a link that was copied as text.'],
}

/** FI-2: whether name and content agree, and whether the name itself is honest. */
export const checkIdentity = (identity: Identity, fileName: string | null): readonly Check[] => {
  const findings = createFindings('identity')
  const names = fileName === null ? [] : checkName(fileName)
  if (identity.family === 'download-remains') addRemains(identity, findings)
  else addContent(identity, fileName, findings)
  return [...findings.list, ...names]
}

const addRemains = ({ kind, details }: Identity, findings: Findings): void => {
  const advice = 'Download it again, signed in if the site asks for it.'
  if (kind === 'git-lfs-pointer') {
    const size = typeof details.expectedBytes === 'number' ? ` (${byteCount(details.expectedBytes)})` : ''
    findings.add('broken', 'git-lfs-pointer', `This is a git-lfs pointer, not the file itself${size}.`, {
      advice: 'Run "git lfs pull" in its folder, or download the file.',
      text: typeof details.sha256 === 'string' ? `sha256 ${details.sha256}` : null,
    })
    return
  }
  const [code, message] = remains[kind] ?? ['unfinished-content', 'This is what is there so far of a download.']
  findings.add('broken', code, message, { advice })
}

const addContent = (identity: Identity, fileName: string | null, findings: Findings): void => {
  const extension = fileName === null ? null : extensionOf(fileName)
  const expected = extension === null ? null : expectationOf(extension)
  if (extension !== null && expected !== null && !expected.kinds.has(identity.kind))
    addMismatch(identity, extension, expected, findings)
  else if (identity.kind === 'unknown')
    findings.add('unknown', 'unknown-format', 'Berth does not know this kind of file.')
  else if (expected !== null)
    findings.passed('name-and-content', `The name and the content agree: this is ${identity.label}.`)
  else findings.passed('content', `This is ${identity.label}, by its content.`)
}

const addMismatch = (identity: Identity, extension: string, expected: Expectation, findings: Findings): void => {
  const promise = `The name ends in .${extension} and promises ${expected.label}`
  if (expected.dataOnly && (runsCode.has(identity.kind) || identity.family === 'program'))
    findings.add(
      'dangerous',
      'disguised-content',
      `${promise}, which is only data. It is ${identity.label}: that can run code.`,
      {
        advice: 'Do not load it. Honest files are not named so.',
      },
    )
  else if (identity.kind === 'unknown')
    findings.add('warning', 'name-and-content-differ', `${promise}, but it does not begin like one.`)
  else
    findings.add('warning', 'name-and-content-differ', `${promise}, but it is ${identity.label}.`, {
      advice: 'Berth judges it by its content. Other programs may go by the name.',
    })
}
