import { Select, Switch } from '@mantine/core'
import { useMemo } from 'react'
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

const shared = { w: 108, clearable: true, comboboxProps: { width: 180, position: 'bottom-start' } } as const

export function ModelFilters({ models, providers, filter, onFilter }: ModelFiltersProps) {
  const roles = [...new Set(models.map(({ role }) => role))].sort()
  const capabilities = useMemo(() => [...new Set(models.flatMap(capabilitiesOf))].sort(), [models])
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
        aria-label="Role"
        placeholder="Role"
        data={roles.map((role) => ({ value: role, label: roleWord(role) }))}
        value={filter.role}
        onChange={(role) => onFilter({ ...filter, role: role as ModelRole | null })} // its values are ours
      />
      {capabilities.length > 0 && (
        <Select
          {...shared}
          aria-label="Capability"
          placeholder="Can"
          data={capabilities.map((capability) => ({ value: capability, label: capabilityWord(capability) }))}
          value={filter.capability}
          onChange={(capability) => onFilter({ ...filter, capability })}
        />
      )}
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
