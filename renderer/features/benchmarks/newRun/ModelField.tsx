import { Select } from '@mantine/core'
import { useMemo } from 'react'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import type { Model } from '../../../../shared/contract/models.ts'
import { canBenchmark } from '../../../lib/benchmarkDialogs.ts'
import { useMirror, useModels } from '../../../lib/store.ts'

type ModelFieldProps = {
  readonly model: ModelId | null
  /** it was opened about this one */
  readonly isGiven: boolean
  readonly onModel: (model: ModelId | null) => void
}

const mostShown = 60

/** Every model that can be measured, by its name and where it is. */
export function ModelField({ model, isGiven, onModel }: ModelFieldProps) {
  const models = useModels()
  const providers = useMirror((mirror) => mirror.providers)
  const choices = useMemo(() => {
    const nameOf = new Map(providers.map(({ provider, name }) => [provider, name]))
    const label = ({ name, provider }: Model) => `${name} · ${nameOf.get(provider) ?? provider}`
    return [...models]
      .filter(canBenchmark)
      .sort((a, b) => a.name.localeCompare(b.name, 'en'))
      .map((each) => ({ value: each.model as string, label: label(each) }))
  }, [models, providers])
  const isHere = model === null || choices.some(({ value }) => value === model)
  return (
    <Select
      data-autofocus={!isGiven || undefined}
      label="Model"
      placeholder={choices.length === 0 ? 'No model here can be measured' : 'Choose a model'}
      searchable
      limit={mostShown}
      nothingFoundMessage="No model of this name can be measured"
      data={isHere ? choices : [...choices, { value: model, label: model }]}
      value={model}
      onChange={(chosen) => onModel(models.find((each) => each.model === chosen)?.model ?? null)}
      allowDeselect={false}
      error={isHere ? null : 'It is not here now, or it can neither chat nor embed.'}
    />
  )
}
