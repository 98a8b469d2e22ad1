import type { ReactNode } from 'react'
import type { ModelDetails } from '../../../shared/contract/models.ts'
import { Copyable, CopyButton } from '../../components/CopyButton.tsx'
import { formatCount, formatDisk, formatPercent } from '../../lib/format.ts'
import { MetadataList } from './MetadataList.tsx'
import classes from './models.module.css'

/** Everything known about a model, each fact with where it was read. */
export function FactSections({ details }: { readonly details: ModelDetails }) {
  const { groups, files, tensorTypes, chatTemplate, metadata } = details
  const warnings = details.warnings.filter((warning) => warning !== details.model.reason) // it stands above
  return (
    <>
      {warnings.length > 0 && (
        <Section title={warnings.length === 1 ? 'One finding' : `${warnings.length} findings`}>
          <ul className={classes.warnings}>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Section>
      )}
      {groups
        .filter(({ facts }) => facts.length > 0)
        .map(({ title, facts }) => (
          <Section key={title} title={title}>
            <dl className={classes.facts}>
              {facts.map(({ label, value, source }) => (
                <Fact key={`${label} ${source}`} label={label} value={value} source={source} />
              ))}
            </dl>
          </Section>
        ))}
      {files.length > 0 && (
        <Section title={files.length === 1 ? 'File' : `${files.length} files`}>
          <div className={classes.filesList}>
            {files.map(({ path, sizeBytes }) => (
              <div key={path} className={classes.file}>
                <Copyable text={path} what="path">
                  <span className={classes.path}>{path}</span>
                </Copyable>
                <span className={classes.number}>{formatDisk(sizeBytes)}</span>
              </div>
            ))}
          </div>
        </Section>
      )}
      {tensorTypes.length > 0 && (
        <Section title="Tensor types">
          <TensorTypes tensorTypes={tensorTypes} />
        </Section>
      )}
      {chatTemplate !== null && (
        <Section title="Chat template" folded>
          <CopyButton text={chatTemplate} what="template" />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre className={classes.template} tabIndex={0}>
            {chatTemplate}
          </pre>
        </Section>
      )}
      {metadata.length > 0 && (
        <Section title={`All metadata, ${formatCount(metadata.length)}`} folded>
          <MetadataList metadata={metadata} />
        </Section>
      )}
    </>
  )
}

type SectionProps = { readonly title: string; readonly folded?: boolean; readonly children: ReactNode }

function Section({ title, folded = false, children }: SectionProps) {
  if (!folded)
    return (
      <section className={classes.section}>
        <h3 className={classes.sectionTitle}>{title}</h3>
        {children}
      </section>
    )
  return (
    <details className={classes.section}>
      <summary className={classes.sectionTitle}>{title}</summary>
      {children}
    </details>
  )
}

function Fact({ label, value, source }: ModelDetails['groups'][number]['facts'][number]) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label} />
        <div className={classes.source}>{source}</div>
      </dd>
    </>
  )
}

function TensorTypes({ tensorTypes }: Pick<ModelDetails, 'tensorTypes'>) {
  const total = tensorTypes.reduce((sum, { bytes }) => sum + bytes, 0)
  const bySize = [...tensorTypes].sort((a, b) => b.bytes - a.bytes)
  return (
    <div className={classes.tensorTypes}>
      {bySize.map(({ type, tensors, bytes }) => {
        const share = total === 0 ? 0 : bytes / total
        return (
          <div key={type} className={classes.tensorRow}>
            <span>{type}</span>
            <span className={classes.bar} title={`${formatPercent(share)} of all tensor bytes`}>
              <span className={classes.barFill} style={{ width: `${share * 100}%` }} />
            </span>
            <span className={classes.number}>{formatDisk(bytes)}</span>
            <span className={classes.number}>
              {formatCount(tensors)} {tensors === 1 ? 'tensor' : 'tensors'}
            </span>
          </div>
        )
      })}
    </div>
  )
}
