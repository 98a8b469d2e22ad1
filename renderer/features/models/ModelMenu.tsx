import { Menu } from '@mantine/core'
import {
  CircleStop,
  Copy,
  CopyPlus,
  FileSearch,
  FolderSearch,
  Gauge,
  MessageSquare,
  PenLine,
  Play,
  SlidersHorizontal,
  Trash2,
  Upload,
} from 'lucide-react'
import type { Model } from '../../../shared/contract/models.ts'
import { type Point, PointMenu } from '../../components/PointMenu.tsx'
import { unloadModel } from '../../lib/actions.ts'
import { canBenchmark, openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { bridge } from '../../lib/bridge.ts'
import { openModelDialog } from '../../lib/modelDialogs.ts'
import { validateFile } from '../../lib/validations.ts'
import { startLoad } from './loadRefusals.ts'
import { answersNow, modelVerbs } from './modelVerbs.ts'

type ModelMenuProps = {
  readonly model: Model
  readonly at: Point
  readonly onClose: () => void
}

const icon = { size: 14, 'aria-hidden': true } as const

/** Everything that can be done with one row. What cannot be done now stands there greyed, so that places stay. */
export function ModelMenu({ model, at, onClose }: ModelMenuProps) {
  const verbs = modelVerbs(model)
  const copy = (text: string) => void navigator.clipboard.writeText(text)
  const { path } = model
  const canUnload = verbs.unload || verbs.cancel
  return (
    <PointMenu label={`Actions of ${model.name}`} at={at} onClose={onClose}>
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
        onClick={() => openModelDialog({ dialog: 'load', model: model.model })}
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
      {path !== null && (
        <Menu.Item
          leftSection={<FileSearch {...icon} />}
          rightSection={<kbd>V</kbd>}
          onClick={() => validateFile(path)}
        >
          Validate
        </Menu.Item>
      )}
      {(model.verbs.chat || model.verbs.embed) && (
        <Menu.Item
          leftSection={<MessageSquare {...icon} />}
          disabled={!answersNow(model)}
          onClick={() => openModelDialog({ dialog: 'try', model: model.model })}
        >
          Try…
        </Menu.Item>
      )}
      {(model.verbs.chat || model.verbs.embed) && (
        <Menu.Item
          leftSection={<Gauge {...icon} />}
          rightSection={<kbd>B</kbd>}
          disabled={!canBenchmark(model)}
          onClick={() => openNewBenchmark(model.model)}
        >
          Benchmark…
        </Menu.Item>
      )}
      <Changes model={model} />
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
    </PointMenu>
  )
}

/** What changes the model at its provider; what that cannot do is left out, because it never can. */
function Changes({ model: { model, verbs } }: { readonly model: Model }) {
  if (!verbs.copy && !verbs.push && !verbs.remove) return null
  return (
    <>
      <Menu.Divider />
      {verbs.copy && (
        <Menu.Item leftSection={<CopyPlus {...icon} />} onClick={() => openModelDialog({ dialog: 'copy', model })}>
          Copy…
        </Menu.Item>
      )}
      {verbs.copy && verbs.remove && (
        <Menu.Item leftSection={<PenLine {...icon} />} onClick={() => openModelDialog({ dialog: 'rename', model })}>
          Rename…
        </Menu.Item>
      )}
      {verbs.push && (
        <Menu.Item leftSection={<Upload {...icon} />} onClick={() => openModelDialog({ dialog: 'push', model })}>
          Push…
        </Menu.Item>
      )}
      {verbs.remove && (
        <Menu.Item
          color="red"
          leftSection={<Trash2 {...icon} />}
          onClick={() => openModelDialog({ dialog: 'remove', model })}
        >
          Remove…
        </Menu.Item>
      )}
    </>
  )
}
