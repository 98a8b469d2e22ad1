import { useMemo } from 'react'
import type { Comparison } from '../../../shared/contract/files.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { Section } from '../../components/Section.tsx'
import { formatCount, unknown } from '../../lib/format.ts'
import classes from './files.module.css'
import { shownName } from './paths.ts'
import { foldDiff } from './templateLines.ts'
import { shapeText } from './tensorRows.ts'

/** Rows shown of a long list of differences. */
const mostRows = 500

type ComparisonViewProps = { readonly comparison: Comparison }

export function ComparisonView({ comparison }: ComparisonViewProps) {
  const { left, right, facts, keyValues, tensors, template } = comparison
  const isSame =
    facts.length + keyValues.length + template.length + tensors.changed + tensors.onlyLeft + tensors.onlyRight === 0
  return (
    <>
      <table className={classes.compare}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">
              <Side {...left} />
            </th>
            <th scope="col">
              <Side {...right} />
            </th>
          </tr>
        </thead>
        {facts.length > 0 && <ChangeRows title="Facts" rows={facts} />}
        {keyValues.length > 0 && <ChangeRows title="Keys and values" rows={keyValues} />}
        {tensors.rows.length > 0 && <TensorRows tensors={tensors} />}
      </table>
      <p className={classes.compareSum}>
        {isSame ? 'No difference in facts, metadata, tensor shapes or template. ' : ''}
        {tensorSentence(tensors)} Weights are compared by name, type and shape, not by their values.
      </p>
      {template.length > 0 && (
        <Section title="Chat template">
          <TemplateDiff template={template} />
        </Section>
      )}
    </>
  )
}

const tensorSentence = ({ same, changed, onlyLeft, onlyRight }: Comparison['tensors']): string => {
  const parts = [
    `${formatCount(same)} the same`,
    ...(changed > 0 ? [`${formatCount(changed)} of another type or shape`] : []),
    ...(onlyLeft > 0 ? [`${formatCount(onlyLeft)} only on the left`] : []),
    ...(onlyRight > 0 ? [`${formatCount(onlyRight)} only on the right`] : []),
  ]
  return `Tensors: ${parts.join(', ')}.`
}

function Side({ path, label }: Comparison['left']) {
  return (
    <>
      <Copyable text={path} what="path">
        <span title={path}>{shownName(path)}</span>
      </Copyable>
      <div className={classes.small}>{label}</div>
    </>
  )
}

type ChangeRowsProps = { readonly title: string; readonly rows: Comparison['facts'] }

function ChangeRows({ title, rows }: ChangeRowsProps) {
  return (
    <tbody>
      <tr>
        <th colSpan={3} scope="colgroup">
          {title}, {formatCount(rows.length)} {rows.length === 1 ? 'difference' : 'differences'}
        </th>
      </tr>
      {rows.slice(0, mostRows).map(({ key, left, right }) => (
        <tr key={key}>
          <td>{key}</td>
          <Value text={left} />
          <Value text={right} />
        </tr>
      ))}
      {rows.length > mostRows && <More left={rows.length - mostRows} />}
    </tbody>
  )
}

function Value({ text }: { readonly text: string | null }) {
  if (text === null)
    return (
      <td className={classes.dim} title="not there">
        {unknown}
      </td>
    )
  return (
    <td>
      <div className={classes.compareValue}>{text}</div>
    </td>
  )
}

function More({ left }: { readonly left: number }) {
  return (
    <tr>
      <td colSpan={3} className={classes.dim}>
        and {formatCount(left)} more
      </td>
    </tr>
  )
}

type TensorSide = Comparison['tensors']['rows'][number]['left']
const tensorText = (side: TensorSide): string | null =>
  side === null ? null : `${side.type}, ${shapeText(side.shape)}`

function TensorRows({ tensors }: { readonly tensors: Comparison['tensors'] }) {
  const { rows, changed, onlyLeft, onlyRight } = tensors
  const different = changed + onlyLeft + onlyRight
  return (
    <tbody>
      <tr>
        <th colSpan={3} scope="colgroup">
          Tensors, {formatCount(different)} {different === 1 ? 'difference' : 'differences'}
        </th>
      </tr>
      {rows.slice(0, mostRows).map(({ name, left, right }) => (
        <tr key={name}>
          <td>{name}</td>
          <Value text={tensorText(left)} />
          <Value text={tensorText(right)} />
        </tr>
      ))}
      {different > mostRows && <More left={different - mostRows} />}
    </tbody>
  )
}

const signs = { same: ' ', added: '+', removed: '−' } as const
const lineWords = { same: '', added: 'only on the right: ', removed: 'only on the left: ' } as const

function TemplateDiff({ template }: Pick<Comparison, 'template'>) {
  const lines = useMemo(() => foldDiff(template), [template])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className={classes.template} tabIndex={0}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other identity than its place
        <span key={index} className={classes.templateLine} data-kind={line.kind}>
          <span className={classes.lineNumber} aria-hidden>
            {line.kind === 'gap' ? '⋯' : signs[line.kind]}
          </span>
          <span className={classes.lineText}>
            {line.kind === 'gap' ? (
              `${formatCount(line.lines)} equal ${line.lines === 1 ? 'line' : 'lines'}\n`
            ) : (
              <>
                {line.kind !== 'same' && <span className={classes.unseen}>{lineWords[line.kind]}</span>}
                {`${line.text}\n`}
              </>
            )}
          </span>
        </span>
      ))}
    </pre>
  )
}
