import { Anchor } from '@mantine/core'
import type { Model, SameWeights } from '../../../shared/contract/models.ts'
import { ProviderChip } from '../../components/ProviderChip.tsx'
import { Section } from '../../components/Section.tsx'
import { routes } from '../../lib/routes.ts'
import { useModel } from '../../lib/store.ts'
import { PrimaryAction } from './ModelActions.tsx'
import { ModelStateBadge } from './ModelStateBadge.tsx'
import classes from './models.module.css'

const why: Readonly<Record<SameWeights['evidence'], string>> = {
  digest: 'the same bytes',
  file: 'the same file',
  name: 'a similar name',
}

/** Where the same weights are too; what only sounds alike stands apart and is said to be no proof. */
export function PlaceLines({ model: { sameAs } }: { readonly model: Model }) {
  const proven = sameAs.filter(({ evidence }) => evidence !== 'name')
  const alike = sameAs.filter(({ evidence }) => evidence === 'name')
  return (
    <>
      {proven.length > 0 && (
        <Section title="Also at">
          <List places={proven} />
        </Section>
      )}
      {alike.length > 0 && (
        <Section title="Perhaps also">
          <p className={classes.dim}>Their names are similar, which proves nothing.</p>
          <List places={alike} />
        </Section>
      )}
    </>
  )
}

function List({ places }: { readonly places: readonly SameWeights[] }) {
  return (
    <ul className={classes.places}>
      {places.map((place) => (
        <Place key={place.model} place={place} />
      ))}
    </ul>
  )
}

function Place({ place }: { readonly place: SameWeights }) {
  const model = useModel(place.model)
  if (model === null) return null
  return (
    <li className={classes.place}>
      <ProviderChip provider={model.provider} />
      <ModelStateBadge model={model} />
      <PrimaryAction model={model} size="compact-xs" primary="default" />
      <Anchor className={classes.placeName ?? ''} href={`#${routes.model(model.model)}`} title={model.model}>
        {model.key}
      </Anchor>
      <span className={classes.dim}>{why[place.evidence]}</span>
    </li>
  )
}
