import { ActionIcon, Menu } from '@mantine/core'
import { Pin } from 'lucide-react'
import type { Instance } from '../../../shared/contract/models.ts'
import { keepModel } from '../../lib/modelActions.ts'

const times = [
  { label: 'Unload after 5 min', seconds: 300 },
  { label: 'Unload after 30 min', seconds: 1_800 },
  { label: 'Unload after 4 h', seconds: 14_400 },
] as const

/** How long a loaded model stays without use. */
export function KeepMenu({ instance, name }: { readonly instance: Instance; readonly name: string }) {
  const isPinned = instance.expiresAt === 'never'
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size={24} aria-label={`How long ${name} stays loaded`} title="How long it stays loaded">
          <Pin size={14} fill={isPinned ? 'currentColor' : 'none'} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={isPinned} onClick={() => void keepModel(instance.model, 'forever')}>
          Keep loaded
        </Menu.Item>
        <Menu.Divider />
        {times.map(({ label, seconds }) => (
          <Menu.Item key={seconds} onClick={() => void keepModel(instance.model, seconds)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
