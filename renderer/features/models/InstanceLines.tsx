import { Anchor } from '@mantine/core'
import type { Instance, InstanceMemory } from '../../../shared/contract/models.ts'
import sheet from '../../components/sheet.module.css'
import { estimated, formatMemory, formatMoment, formatTokens } from '../../lib/format.ts'
import { deviceTitle } from '../../lib/memoryBar.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import classes from './models.module.css'

const deviceName = (id: string): string => {
  const devices = useMirror.getState().resources?.devices ?? []
  const device = devices.find((each) => each.device === id)
  return device === undefined ? id : deviceTitle(device, devices)
}

const memoryText = ({ device, bytes, source }: InstanceMemory): string => {
  const figure = source === 'estimated' ? estimated(formatMemory(bytes)) : formatMemory(bytes)
  return `${figure} on ${deviceName(device)}, ${source}`
}

/** What is in memory of this model now. */
export function InstanceLines({ instances }: { readonly instances: readonly Instance[] }) {
  const present = instances.filter(({ state }) => state === 'loaded' || state === 'unloading')
  if (present.length === 0) return null
  return present.map((instance) => (
    <dl key={instance.id} className={`${sheet.facts} ${classes.instance}`}>
      <dt>In memory</dt>
      <dd>
        {instance.memory.length === 0 ? 'not told' : instance.memory.map(memoryText).join('; ')}
        {instance.estimatedBytes !== null && (
          <span className={classes.dim}> ({estimated(formatMemory(instance.estimatedBytes))} was computed)</span>
        )}
      </dd>
      <dt>Context</dt>
      <dd>{formatTokens(instance.contextLength)}</dd>
      <dt>Loaded</dt>
      <dd>{formatMoment(instance.loadedAt, Date.now())}</dd>
      <dt />
      <dd>
        <Anchor href={`#${routes.running}`} size="sm">
          Show in Running
        </Anchor>
      </dd>
    </dl>
  ))
}
