import type { Check } from '../../../../shared/contract/checks.ts'
import {
  bidiCharacter as bidi,
  controlCharacter as control,
  invisibleCharacter as invisible,
  visibleText,
} from '../../../../shared/visibleText.ts'
import { createFindings, type Findings } from '../findings.ts'
import { extensionOf, runnable, trusted } from './extensions.ts'
import { incompleteName } from './incompleteName.ts'

const bidiAll = new RegExp(bidi, 'gu')
const windowsOnly = /[<>"|?*:]/
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)/i

/** What the name of a file, without its folder, says about the one who gave it. */
export const checkName = (fileName: string): readonly Check[] => {
  const findings = createFindings('identity')
  const text = visibleText(fileName.slice(0, 300))
  const add = (outcome: 'note' | 'warning' | 'dangerous', code: string, message: string) =>
    findings.add(outcome, code, message, { text })

  if (bidi.test(fileName))
    add(
      'dangerous',
      'name-changes-direction',
      `The name turns its own text around to hide how it ends. It is really "${text}".`,
    )
  if (invisible.test(fileName.replace(bidiAll, '')))
    add('warning', 'name-has-invisible-characters', `The name has characters that cannot be seen: "${text}".`)
  if (control.test(fileName))
    add('warning', 'name-has-control-characters', `The name has control characters: "${text}".`)
  if (/^\s|[\s.]$/.test(fileName))
    add(
      'warning',
      'name-has-hidden-edge',
      'The name begins or ends with a space or a dot. Some systems drop it and find another file.',
    )
  checkLookalikes(fileName, findings)
  checkEndings(fileName, text, findings)
  if (windowsOnly.test(fileName) || windowsDevice.test(fileName))
    add('note', 'name-not-for-windows', 'A file of this name cannot be stored on Windows.')
  const unfinished = incompleteName(fileName)
  if (unfinished !== null)
    findings.add('warning', 'unfinished-download', `The name says that a download is not finished ("${unfinished}").`, {
      advice: 'Wait until the download is done, or start it again.',
    })
  return findings.list
}

/** Letters of two alphabets in one word, or letters that stand for plain ones: made to be taken for another name. */
const checkLookalikes = (fileName: string, findings: Findings): void => {
  for (const word of fileName.slice(0, 1000).match(/[\p{L}\p{M}]+/gu) ?? []) {
    const hasLatin = /[A-Za-z]/.test(word)
    const foreign = hasLatin
      ? /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u.exec(
          word,
        )?.[0]
      : undefined
    const styled = Array.from(word).find((letter) => letter > '\x7f' && /^[A-Za-z]+$/.test(letter.normalize('NFKC')))
    const odd = foreign ?? styled
    if (odd === undefined) continue
    const number = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    findings.add(
      'warning',
      'name-has-lookalikes',
      `The name has a letter that only looks like a plain one: "${odd}" (U+${number}) in "${word.slice(0, 60)}".`,
      { text: word.slice(0, 60) },
    )
  }
  const mark = /[\u2024\uff0e\u2044\u2215\uff0f\uff3c\uff1a\ua789]/u.exec(fileName)?.[0]
  if (mark !== undefined)
    findings.add(
      'warning',
      'name-has-lookalikes',
      `The name has a sign that only looks like a dot, a slash or a colon: "${mark}".`,
      { text: mark },
    )
}

const checkEndings = (fileName: string, text: string, findings: Findings): void => {
  const last = extensionOf(fileName)
  if (last === null || !runnable.has(last)) return
  const before = extensionOf(fileName.slice(0, fileName.toLowerCase().lastIndexOf(`.${last}`)))
  if (before !== null && trusted.has(before))
    findings.add(
      'dangerous',
      'double-ending',
      `The name pretends to be a .${before} file, but it ends in .${last}, which systems run.`,
      { text },
    )
}
