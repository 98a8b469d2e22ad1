import { Button, Menu } from '@mantine/core'
import { ChevronDown, Download, FolderPlus, Hammer } from 'lucide-react'
import { memo } from 'react'
import { openModelDialog, useCreators, usePullers } from '../../lib/modelDialogs.ts'
import { openAddFolder } from '../../lib/view.ts'

const icon = { size: 14, 'aria-hidden': true } as const

/** Where models come from. A way that no provider has now stands there greyed, with the reason. Typing does not draw it again. */
export const AddMenu = memo(function AddMenu() {
  const pullers = usePullers()
  const creators = useCreators()
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" rightSection={<ChevronDown size={14} aria-hidden />}>
          Add
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FolderPlus {...icon} />} onClick={openAddFolder}>
          A folder…
        </Menu.Item>
        <Menu.Item
          leftSection={<Download {...icon} />}
          disabled={pullers.length === 0}
          title={pullers.length === 0 ? 'No connected provider that answers can download models.' : undefined}
          onClick={() => openModelDialog({ dialog: 'pull' })}
        >
          Pull a model…
        </Menu.Item>
        <Menu.Item
          leftSection={<Hammer {...icon} />}
          disabled={creators.length === 0}
          title={creators.length === 0 ? 'No connected provider that answers can make models of files.' : undefined}
          onClick={() => openModelDialog({ dialog: 'create' })}
        >
          Create a model…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
})
