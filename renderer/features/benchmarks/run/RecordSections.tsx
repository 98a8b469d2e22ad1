import { Fragment } from 'react'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { Copyable } from '../../../components/CopyButton.tsx'
import { Section } from '../../../components/Section.tsx'
import sheet from '../../../components/sheet.module.css'
import { unknown } from '../../../lib/format.ts'
import { recordGroups } from './recordFacts.ts'

/** What makes the figures mean something later. */
export function RecordSections({ run }: { readonly run: Benchmark }) {
  return recordGroups(run).map(({ title, facts }) => (
    <Section key={title} title={title}>
      <dl className={sheet.facts}>
        {facts.map(({ label, value }) => (
          <Fragment key={`${label} ${value}`}>
            <dt>{label}</dt>
            <dd>
              {value === null ? (
                <span title="Nothing told it.">{unknown}</span>
              ) : (
                <Copyable text={value} what={label} />
              )}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Section>
  ))
}
