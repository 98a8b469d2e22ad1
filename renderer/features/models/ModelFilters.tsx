import { Select, Switch } from '@mantine/core'
import { memo, useMemo } from 'react'
import type { Model, ModelRole } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import { capabilitiesOf, capabilityWord } from './Capabilities.tsx'
import { type ModelFilter, type SizeClass, sizeClasses } from './modelList.ts'

type ModelFiltersProps = {
  readonly models: readonly Model[]
  readonly providers: readonly Provider[]
  readonly filter: ModelFilter
  readonly onFilter: (filter: ModelFilter) => void
}

const states: readonly NonNullable<ModelFilter['state']>[] = [
  'loaded',
  'loading',
  'unloading',
  'unloaded',
  'available',
  'failed',
  'stale',
]

const shared = { w: 96, clearable: true, comboboxProps: { width: 180, position: 'bottom-start' } } as const

function PlainModelFilters({ models, providers, filter, onFilter }: ModelFiltersProps) {
  const kinds = useMemo(() => kindsIn(models), [models])
  const hasPaid = models.some(({ price }) => price !== null && !price.free)
  return (
    <>
      <Select
        {...shared}
        aria-label="Provider"
        placeholder="Provider"
        data={providers.map(({ provider, name }) => ({ value: provider, label: name }))}
        value={filter.provider}
        onChange={(provider) => onFilter({ ...filter, provider })}
      />
      <Select
        {...shared}
        aria-label="State"
        placeholder="State"
        data={[...states]}
        value={filter.state}
        onChange={(state) => onFilter({ ...filter, state: states.find((each) => each === state) ?? null })}
      />
      <Select
        {...shared}
        aria-label="Size on disk"
        placeholder="Size"
        data={sizeClasses.map(({ value, label }) => ({ value, label }))}
        value={filter.size}
        onChange={(size) => onFilter({ ...filter, size: size as SizeClass | null })} // its values are ours
      />
      <Select
        {...shared}
        aria-label="Role or capability"
        placeholder="Kind"
        data={kinds}
        value={filter.role === null ? filter.capability && `can ${filter.capability}` : `is ${filter.role}`}
        onChange={(value) => onFilter({ ...filter, ...kindOf(value) })}
      />
      {(hasPaid || filter.freeOnly) && (
        <Switch
          label="Free only"
          checked={filter.freeOnly}
          onChange={(event) => onFilter({ ...filter, freeOnly: event.currentTarget.checked })}
        />
      )}
    </>
  )
}

// four selects are most of what a page draws, and none of them changes while one types into the search beside them
export const ModelFilters = memo(PlainModelFilters)

/** What models are and what they can, as one choice: `is llm`, `can tools`. */
const kindsIn = (models: readonly Model[]) => {
  const roles = [...new Set(models.map(({ role }) => role))].sort()
  const capabilities = [...new Set(models.flatMap(capabilitiesOf))].sort()
  return [
    { group: 'Is', items: roles.map((role) => ({ value: `is ${role}`, label: roleWord(role) })) },
    { group: 'Can', items: capabilities.map((each) => ({ value: `can ${each}`, label: capabilityWord(each) })) },
  ].filter(({ items }) => items.length > 0)
}

const kindOf = (value: string | null): Pick<ModelFilter, 'role' | 'capability'> => ({
  role: value?.startsWith('is ') ? (value.slice(3) as ModelRole) : null, // its values are ours
  capability: value?.startsWith('can ') ? value.slice(4) : null,
})
