import { Menu } from '@mantine/core'
import { CircleStop, Copy, FolderSearch, Play, SlidersHorizontal } from 'lucide-react'
import type { Model } from '../../../shared/contract/models.ts'
import { unloadModel } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { startLoad } from './loadRefusals.ts'
import { modelVerbs } from './modelVerbs.ts'

type ModelMenuProps = {
  readonly model: Model
  /** where the pointer was, or the corner of the button, in the window */
  readonly at: { readonly x: number; readonly y: number }
  readonly onClose: () => void
  readonly onLoadWith: (model: Model) => void
}

const icon = { size: 14, 'aria-hidden': true } as const

/** Everything that can be done with one row. What cannot be done now stands there greyed, so that places stay. */
export function ModelMenu({ model, at, onClose, onLoadWith }: ModelMenuProps) {
  const verbs = modelVerbs(model)
  const copy = (text: string) => void navigator.clipboard.writeText(text)
  const { path } = model
  const canUnload = verbs.unload || verbs.cancel
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={2} returnFocus withInitialFocusPlaceholder={false}>
      <Menu.Target>
        {/* stands where the pointer was; the row or the button that asked has the focus back afterwards */}
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Actions of ${model.name}`}
          style={{ position: 'fixed', left: at.x, top: at.y, width: 1, height: 1, padding: 0, border: 0, opacity: 0 }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Actions of ${model.name}`}>
        <Menu.Item
          leftSection={<Play {...icon} />}
          rightSection={<kbd>L</kbd>}
          disabled={!verbs.load}
          data-autofocus={verbs.load || undefined}
          onClick={() => void startLoad(model)}
        >
          Load
        </Menu.Item>
        <Menu.Item
          leftSection={<SlidersHorizontal {...icon} />}
          disabled={!verbs.load}
          onClick={() => onLoadWith(model)}
        >
          Load with…
        </Menu.Item>
        <Menu.Item
          leftSection={<CircleStop {...icon} />}
          rightSection={<kbd>U</kbd>}
          disabled={!canUnload}
          data-autofocus={canUnload || undefined}
          onClick={() => void unloadModel(model.model)}
        >
          {verbs.cancel ? 'Cancel load' : 'Unload'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Copy {...icon} />}
          data-autofocus={(!verbs.load && !canUnload) || undefined}
          onClick={() => copy(model.model)}
        >
          Copy name
        </Menu.Item>
        {path !== null && (
          <Menu.Item leftSection={<Copy {...icon} />} onClick={() => copy(path)}>
            Copy path
          </Menu.Item>
        )}
        {path !== null && bridge !== null && (
          <Menu.Item leftSection={<FolderSearch {...icon} />} onClick={() => void bridge?.reveal(path)}>
            Reveal
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
