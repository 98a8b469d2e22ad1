import { useMemo } from 'react'
import type { Check } from '../../../shared/contract/checks.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import classes from './files.module.css'
import { outcomeLooks } from './looks.ts'
import { worstOf } from './reportView.ts'
import { flaggedLines } from './templateLines.ts'

type TemplateViewProps = { readonly text: string; readonly source: string; readonly checks: readonly Check[] }

/** A chat template as text, with the places that checks speak of marked. It is never run here. */
export function TemplateView({ text, source, checks }: TemplateViewProps) {
  const lines = useMemo(() => text.split('\n'), [text])
  const flagged = useMemo(() => flaggedLines(text, checks), [text, checks])
  const first = Math.min(...flagged.keys())
  return (
    <>
      <div className={classes.templateHead}>
        <span className={classes.small}>{source}</span>
        <CopyButton text={text} what="template" />
      </div>
      {flagged.size > 0 && (
        <p className={classes.templateNote}>
          {flagged.size === 1 ? `Line ${first} is` : `${flagged.size} lines are`} marked: see the findings above.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className={classes.template} tabIndex={0}>
        {lines.map((line, index) => {
          const found = flagged.get(index + 1)
          const tone = found === undefined ? undefined : outcomeLooks[worstOf(found)].tone
          return (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other identity than its place
              key={index}
              className={classes.templateLine}
              data-flagged={found === undefined ? undefined : true}
              style={tone === undefined ? undefined : ({ '--tone': tone } as React.CSSProperties)}
              title={found?.map(({ message }) => message).join('\n')}
            >
              <span className={classes.lineNumber} aria-hidden>
                {index + 1}
              </span>
              <span className={classes.lineText}>{`${line}\n`}</span>
            </span>
          )
        })}
      </pre>
    </>
  )
}
