import { createHash } from 'node:crypto'
import type { Check } from '../../../../shared/contract/checks.ts'
import type { ChatTemplate } from '../modelFile.ts'
import { grouped } from '../words.ts'
import { checkHiddenText } from './checkHiddenText.ts'
import { checkInvisible } from './checkInvisible.ts'
import { checkTricks } from './checkTricks.ts'
import { checkWork } from './checkWork.ts'
import { lexTemplate } from './lexTemplate.ts'
import { longestTemplate, whyUnparsable } from './parseTemplate.ts'
import { createReport } from './report.ts'
import { supportsOf, type TemplateFeature } from './supports.ts'

export interface TemplateCheck {
  /**
   * On the rung safety; `evidence.offset` is a byte of the template's text in UTF-8, `evidence.text` what stands there.
   * `evidence.file` is the file of a folder that `source` names.
   */
  readonly checks: readonly Check[]
  readonly supports: readonly TemplateFeature[]
  /** of the text in UTF-8, hexadecimal: the same for the same template in another file */
  readonly sha256: string
}

/** `chat_template.jinja`, `tokenizer_config.json: chat_template`; a key of the file itself names no other. */
const fileOf = (source: string): string | null => {
  const [file = ''] = source.split(':', 1)
  return /\.(jinja|json)$/.test(file) ? file : null
}

/** Reads a chat template as the program it is, without running it. */
export const checkTemplate = ({ name, text, source }: ChatTemplate): TemplateCheck => {
  const report = createReport(text, fileOf(source))
  const sha256 = createHash('sha256').update(text).digest('hex')
  if (text.length > longestTemplate) {
    const length = `${grouped(text.length)} characters`
    report.add('warning', 'template-unparsable', `It is not read: ${length} are more than any template needs.`, {
      offset: 0,
      text: '',
    })
    return { checks: report.list, supports: [], sha256 }
  }
  const lexed = lexTemplate(text)
  const fault = whyUnparsable(text, lexed)
  if (fault !== null)
    report.add('warning', 'template-unparsable', `"${name}" cannot be parsed as Jinja. ${fault}.`, {
      offset: lexed.problem?.offset ?? 0,
      text: text.slice(lexed.problem?.offset ?? 0, (lexed.problem?.offset ?? 0) + 80),
    })
  else report.passed('template-parses', `The chat template "${name}" is a Jinja program that parses.`)
  checkTricks(lexed.tags, report)
  checkWork(lexed.tags, report)
  if (!report.list.some(({ outcome }) => outcome === 'dangerous' || outcome === 'warning'))
    report.passed(
      'template-code',
      `The code of the chat template "${name}" only puts text together: nothing that reaches objects, files or programs, and no endless work.`,
    )
  const before = report.list.length
  checkHiddenText(lexed.tags, report)
  checkInvisible(text, lexed.tags, report)
  if (report.list.length === before)
    report.passed('template-text', `Nothing in the chat template "${name}" is hidden or waits for certain words.`)
  return { checks: report.list, supports: supportsOf(lexed.tags), sha256 }
}
