import type { ModelDetails } from '../../../shared/contract/models.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { FactList } from '../../components/FactList.tsx'
import { FileLines } from '../../components/FileLines.tsx'
import { KeyValueList } from '../../components/KeyValueList.tsx'
import { Section } from '../../components/Section.tsx'
import { TypeBars } from '../../components/TypeBars.tsx'
import { formatCount } from '../../lib/format.ts'
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
            <FactList facts={facts} />
          </Section>
        ))}
      {files.length > 0 && (
        <Section title={files.length === 1 ? 'File' : `${files.length} files`}>
          <FileLines files={files} />
        </Section>
      )}
      {tensorTypes.length > 0 && (
        <Section title="Tensor types">
          <TypeBars types={tensorTypes} />
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
          <KeyValueList keyValues={metadata} />
        </Section>
      )}
    </>
  )
}
