import { Button } from '@mantine/core'
import { useState } from 'react'
import { navigate } from 'wouter/use-hash-location'
import type { Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow, Report } from '../../../shared/contract/files.ts'
import { FactList } from '../../components/FactList.tsx'
import { FileLines } from '../../components/FileLines.tsx'
import { KeyValueList } from '../../components/KeyValueList.tsx'
import { Section } from '../../components/Section.tsx'
import { TypeBars } from '../../components/TypeBars.tsx'
import { formatCount, formatDisk, formatDuration, formatMoment } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { routes } from '../../lib/routes.ts'
import { showFilesOf } from '../../lib/view.ts'
import { CheckItem, RungGroups } from './CheckList.tsx'
import { ContentSection } from './ContentSection.tsx'
import classes from './files.module.css'
import { LabelEditor } from './LabelEditor.tsx'
import { verdictLooks } from './looks.ts'
import { checksByRung, countIssues, memberMeanings, verdictMeanings, verdictWords } from './reportView.ts'
import { TemplateView } from './TemplateView.tsx'
import { TensorDialog, type TensorTab } from './TensorDialog.tsx'
import { VerdictBadge } from './VerdictBadge.tsx'

type ReportBodyProps = { readonly report: Report; readonly row: FileRow | null }

/** A whole report: the verdict, what is wrong, then everything else that is known. */
export function ReportBody({ report, row }: ReportBodyProps) {
  const { issues, facts, files, templates, keyValues, members } = report
  return (
    <>
      <VerdictHead report={report} />
      {members !== null && <Members path={report.path} members={members} />}
      {issues.length > 0 && (
        <Section title={`Findings: ${countIssues(issues)}`}>
          <ul className={classes.checks}>
            {issues.map((check, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes; two checks can be equal
              <CheckItem key={index} check={check} />
            ))}
          </ul>
        </Section>
      )}
      {members === null && (
        <Section title="What was looked at">
          <RungGroups rungs={checksByRung(report.checks)} />
        </Section>
      )}
      {row !== null && <LabelEditor row={row} hasContent={report.content !== null} />}
      {facts
        .filter((group) => group.facts.length > 0)
        .map(({ title, facts: inGroup }) => (
          <Section key={title} title={title}>
            <FactList facts={inGroup} />
          </Section>
        ))}
      {report.content !== null && <ContentSection content={report.content} path={report.path} />}
      {files.length > 0 && (
        <Section title={files.length === 1 ? 'File' : `${formatCount(files.length)} files`}>
          <FileLines files={files} />
        </Section>
      )}
      <Tensors report={report} />
      {templates.map(({ name, text, source }) => (
        <Section key={`${name} ${source}`} title={templateTitle(name, text, templates.length)} folded>
          <TemplateView text={text} source={source} checks={report.checks} />
        </Section>
      ))}
      {keyValues.length > 0 && (
        <Section title={`Keys and values, ${formatCount(keyValues.length)}`} folded>
          <KeyValueList keyValues={keyValues} />
        </Section>
      )}
    </>
  )
}

const templateTitle = (name: string, text: string, count: number): string => {
  const lines = text.split('\n').length
  const which = count > 1 || name !== 'default' ? ` “${name}”` : ''
  return `Chat template${which}, ${formatCount(lines)} ${lines === 1 ? 'line' : 'lines'}`
}

function VerdictHead({ report }: { readonly report: Report }) {
  const { verdict, label, metadata, members, checkedAt, elapsedMs } = report
  const now = useNow(10_000)
  const { Icon, tone } = verdictLooks[verdict]
  return (
    <div className={classes.verdictHead} style={{ '--tone': tone } as React.CSSProperties}>
      <Icon size={24} aria-hidden />
      <div>
        <div className={classes.verdictWord}>{verdictWords[verdict]}</div>
        <div>{(members === null ? verdictMeanings : memberMeanings)[verdict]}</div>
        <div className={classes.dim}>
          {label}, {formatDisk(metadata.sizeBytes)} · checked {formatMoment(checkedAt, now)} in{' '}
          {formatDuration(elapsedMs)}
        </div>
      </div>
    </div>
  )
}

const order: readonly Verdict[] = ['dangerous', 'broken', 'unknown', 'warnings', 'ok']

function Members({ path, members }: { readonly path: string; readonly members: NonNullable<Report['members']> }) {
  return (
    <Section title="What is in it">
      <ul className={classes.members}>
        {order
          .filter((verdict) => members[verdict] > 0)
          .map((verdict) => (
            <li key={verdict}>
              <VerdictBadge verdict={verdict} /> <span>{formatCount(members[verdict])}</span>
            </li>
          ))}
      </ul>
      <Button
        variant="default"
        onClick={() => {
          showFilesOf(path)
          navigate(routes.files)
        }}
      >
        Show these files
      </Button>
    </Section>
  )
}

function Tensors({ report: { path, tensorTypes, metadata } }: { readonly report: Report }) {
  const [tab, setTab] = useState<TensorTab | null>(null)
  if (tensorTypes.length === 0 && !metadata.tensorCount) return null
  return (
    <Section
      title={metadata.tensorCount === null ? 'Tensors by type' : `${formatCount(metadata.tensorCount)} tensors by type`}
    >
      <TypeBars types={tensorTypes} />
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => setTab('table')}>
          Table of tensors
        </Button>
        <Button variant="default" onClick={() => setTab('map')}>
          Map by layer
        </Button>
      </div>
      {tab !== null && <TensorDialog path={path} tab={tab} onTab={setTab} onClose={() => setTab(null)} />}
    </Section>
  )
}
