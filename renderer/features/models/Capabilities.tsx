import type { Model } from '../../../shared/contract/models.ts'
import classes from './models.module.css'

/** What every model can that stands in this list is not said again. */
const unsaid = new Set(['completion', 'chat'])
const words: Readonly<Record<string, string>> = {
  insert: 'fill-in',
  'structured-output': 'structured',
  embedding: 'embeddings',
}
export const capabilityWord = (capability: string): string => words[capability] ?? capability
export const capabilitiesOf = ({ capabilities }: Model): string[] => capabilities.filter((each) => !unsaid.has(each))

type CapabilitiesProps = { readonly model: Model; readonly most: number }

/** Badges; what does not fit is counted, and named in the tooltip. */
export function Capabilities({ model, most }: CapabilitiesProps) {
  const all = capabilitiesOf(model)
  const shown = all.slice(0, most)
  return (
    <span className={classes.chips} title={all.map(capabilityWord).join(', ')}>
      {shown.map((capability) => (
        <span key={capability} className={classes.capability}>
          {capabilityWord(capability)}
        </span>
      ))}
      {all.length > shown.length && <span className={classes.dim}>+{all.length - shown.length}</span>}
    </span>
  )
}
