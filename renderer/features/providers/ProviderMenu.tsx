import { ActionIcon, Button, Menu } from '@mantine/core'
import { Copy, Ellipsis, Pencil, Power, RefreshCw, Trash2 } from 'lucide-react'
import type { Provider } from '../../../shared/contract/providers.ts'
import { type Point, PointMenu } from '../../components/PointMenu.tsx'
import { checkProvider, switchProvider } from '../../lib/actions.ts'
import { openEditProvider } from '../../lib/view.ts'
import classes from './providers.module.css'

/** There is something to ask, and nobody is asking. */
export const canCheck = ({ status }: Provider): boolean => status.state !== 'off' && status.state !== 'checking'

type RowActionsProps = { readonly provider: Provider; readonly onMore: (at: Point) => void }

/** Stand in their own column, so that they cover no figure, and show under the pointer and in the current row. */
export function RowActions({ provider, onMore }: RowActionsProps) {
  const isOff = provider.status.state === 'off'
  return (
    <span className={classes.rowActions}>
      <Button
        size="compact-xs"
        variant="default"
        disabled={!isOff && !canCheck(provider)}
        aria-label={isOff ? `Switch ${provider.name} on` : `Check ${provider.name} again`}
        onClick={() => void (isOff ? switchProvider(provider) : checkProvider(provider.provider))}
      >
        {isOff ? 'Switch on' : 'Check again'}
      </Button>
      {provider.kind !== 'embedded' && (
        <ActionIcon
          size={24}
          aria-label={`More actions for ${provider.name}`}
          onClick={(event) => {
            const corner = event.currentTarget.getBoundingClientRect()
            onMore({ x: corner.left, y: corner.bottom })
          }}
        >
          <Ellipsis size={16} />
        </ActionIcon>
      )}
    </span>
  )
}

type ProviderMenuProps = {
  readonly provider: Provider
  readonly at: Point
  readonly onClose: () => void
  readonly onRemove: (provider: string) => void
}

const icon = { size: 14, 'aria-hidden': true } as const

/** Everything that can be done with one row. What cannot be done now stands there greyed, so that places stay. */
export function ProviderMenu({ provider, at, onClose, onRemove }: ProviderMenuProps) {
  const { address } = provider
  const isOurs = provider.kind === 'embedded'
  const checkable = canCheck(provider)
  return (
    <PointMenu label={`Actions of ${provider.name}`} at={at} onClose={onClose}>
      <Menu.Item
        leftSection={<RefreshCw {...icon} />}
        disabled={!checkable}
        data-autofocus={checkable || undefined}
        onClick={() => void checkProvider(provider.provider)}
      >
        Check again
      </Menu.Item>
      <Menu.Item
        leftSection={<Pencil {...icon} />}
        disabled={isOurs}
        onClick={() => openEditProvider(provider.provider)}
      >
        Edit…
      </Menu.Item>
      <Menu.Item
        leftSection={<Power {...icon} />}
        disabled={isOurs}
        data-autofocus={(!checkable && !isOurs) || undefined}
        onClick={() => void switchProvider(provider)}
      >
        {provider.status.state === 'off' ? 'Switch on' : 'Switch off'}
      </Menu.Item>
      <Menu.Divider />
      {address !== null && (
        <Menu.Item leftSection={<Copy {...icon} />} onClick={() => void navigator.clipboard.writeText(address)}>
          Copy address
        </Menu.Item>
      )}
      <Menu.Item leftSection={<Trash2 {...icon} />} disabled={isOurs} onClick={() => onRemove(provider.provider)}>
        Remove…
      </Menu.Item>
    </PointMenu>
  )
}
