import type { MenuItemConstructorOptions } from 'electron'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Instance } from '../../shared/contract/models.ts'

export interface TrayActions {
  readonly open: () => void
  readonly unload: (model: ModelId) => void
  readonly unloadAll: () => void
  readonly quit: () => void
}

const words: Record<Instance['state'], string> = {
  unloaded: 'unloaded',
  loading: 'loading',
  loaded: 'loaded',
  unloading: 'unloading',
  failed: 'failed',
  available: 'available',
}

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

const stateText = ({ state, progress, memory }: Instance): string => {
  if (state === 'loading' && progress !== null) return `loading ${Math.round(progress * 100)} %`
  const known = memory.flatMap(({ bytes }) => bytes ?? [])
  return known.length > 0 ? `${words[state]}, ${gib(known.reduce((sum, bytes) => sum + bytes, 0))}` : words[state]
}

/** What is loaded, with a way to unload each; then the window and the end. */
export const trayTemplate = (instances: readonly Instance[], actions: TrayActions): MenuItemConstructorOptions[] => {
  const running = instances.filter(({ state }) => state !== 'failed')
  const models: MenuItemConstructorOptions[] = running.map((instance) => ({
    label: `${instance.model} (${stateText(instance)})`,
    submenu: [
      { label: 'Unload', enabled: instance.state !== 'unloading', click: () => actions.unload(instance.model) },
    ],
  }))
  return [
    ...(models.length > 0 ? models : [{ label: 'No model is loaded', enabled: false }]),
    { type: 'separator' },
    { label: 'Unload all', enabled: running.length > 0, click: actions.unloadAll },
    { label: 'Open Berth', click: actions.open },
    { type: 'separator' },
    { label: 'Quit', click: actions.quit },
  ]
}
