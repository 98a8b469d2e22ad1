import { navigate } from 'wouter/use-hash-location'
import type { FileRow } from '../../../shared/contract/files.ts'
import type { Model } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import {
  changeSettings,
  checkAllProviders,
  createSample,
  loadModel,
  scanFolder,
  unloadAll,
  unloadModel,
} from '../../lib/actions.ts'
import { canBenchmark, openBenchmarkDialog, openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { formatDisk } from '../../lib/format.ts'
import { isUnloadable } from '../../lib/instances.ts'
import type { Mirror } from '../../lib/mirror.ts'
import { offers, openModelDialog } from '../../lib/modelDialogs.ts'
import { routes } from '../../lib/routes.ts'
import { askForPath, openAddFolder, openConnect, openKeys } from '../../lib/view.ts'
import type { Command } from './rankCommands.ts'

const goTo = (name: string, to: string): Command => ({
  id: `go:${to}`,
  title: `Go to ${name}`,
  run: () => navigate(to),
})

const windowCommands = (mirror: Mirror): readonly Command[] => {
  const running = mirror.instances.filter(isUnloadable).length
  const theme = mirror.settings?.theme
  const themes = (['system', 'dark', 'light'] as const).filter((each) => each !== theme)
  return [
    goTo('Models', routes.models),
    goTo('Running', routes.running),
    goTo('Files', routes.files),
    goTo('Hardware', routes.hardware),
    goTo('Benchmarks', routes.benchmarks),
    goTo('Providers', routes.providers),
    goTo('Activity', routes.activity),
    goTo('Settings', routes.settings),
    {
      id: 'validate-file',
      title: 'Validate a file…',
      detail: 'what it is, whether it is whole',
      run: () => askForPath('file'),
    },
    {
      id: 'validate-folder',
      title: 'Validate a folder…',
      detail: 'every model file in it',
      run: () => askForPath('folder'),
    },
    { id: 'add-folder', title: 'Add a folder', detail: 'find the models in it', run: openAddFolder },
    {
      id: 'connect',
      title: 'Connect a provider…',
      detail: 'a server that runs models, by its address',
      run: () => openConnect(),
    },
    ...(mirror.providers.some((provider) => offers(provider, 'pull'))
      ? [{ id: 'pull', title: 'Pull a model…', run: () => openModelDialog({ dialog: 'pull' }) }]
      : []),
    ...(mirror.providers.some((provider) => offers(provider, 'create'))
      ? [
          {
            id: 'create',
            title: 'Create a model…',
            detail: 'of a file, a folder or another model',
            run: () => openModelDialog({ dialog: 'create' }),
          },
        ]
      : []),
    {
      id: 'benchmark',
      title: 'New benchmark…',
      detail: 'how fast a model reads and writes',
      run: () => openNewBenchmark(),
    },
    {
      id: 'fastest',
      title: 'Fastest model within…',
      detail: 'some memory and context, of those that were measured',
      run: () => navigate(routes.fastest),
    },
    {
      id: 'import-benchmarks',
      title: 'Import benchmark results…',
      detail: 'of llama-bench, or of another Berth',
      run: () => openBenchmarkDialog({ dialog: 'import' }),
    },
    { id: 'check-providers', title: 'Check all providers', run: () => void checkAllProviders() },
    { id: 'scan', title: 'Scan all folders again', run: () => void scanFolder() },
    {
      id: 'sample',
      title: 'Create a sample model',
      detail: 'random weights, talks nonsense',
      run: () => void createSample(),
    },
    ...(running > 0
      ? [
          {
            id: 'unload-all',
            title: 'Unload all',
            detail: `${running} in memory`,
            run: () => void unloadAll(),
          },
        ]
      : []),
    ...themes.map(
      (each): Command => ({
        id: `theme:${each}`,
        title: each === 'system' ? 'Theme like the system' : `Theme ${each}`,
        run: () => void changeSettings({ theme: each }),
      }),
    ),
    { id: 'keys', title: 'List of keys', detail: '?', run: openKeys },
  ]
}

const modelCommands = (model: Model): readonly Command[] => {
  const detail = [model.model, model.quantization, model.sizeBytes === null ? null : formatDisk(model.sizeBytes)]
    .filter((part) => part !== null)
    .join(' · ')
  const show: Command = {
    id: `show:${model.model}`,
    title: model.name,
    detail,
    run: () => navigate(routes.model(model.model)),
  }
  const measure: readonly Command[] = canBenchmark(model)
    ? [
        {
          id: `benchmark:${model.model}`,
          title: `Benchmark ${model.name}…`,
          detail,
          run: () => openNewBenchmark(model.model),
        },
      ]
    : []
  const isUp = model.state === 'loaded' || model.state === 'loading'
  if (isUp && model.verbs.unload)
    return [
      show,
      { id: `unload:${model.model}`, title: `Unload ${model.name}`, detail, run: () => void unloadModel(model.model) },
      ...measure,
    ]
  if (!isUp && model.loadable && model.verbs.load)
    return [
      show,
      { id: `load:${model.model}`, title: `Load ${model.name}`, detail, run: () => void loadModel(model.model) },
      ...measure,
    ]
  return [show, ...measure]
}

const providerCommand = ({ provider, name, address, status }: Provider): Command => ({
  id: `provider:${provider}`,
  title: `Provider ${name}`,
  detail: [address ?? 'part of Berth', status.state].join(' · '),
  run: () => navigate(routes.provider(provider)),
})

const reportCommand = ({ path, labels, label, sizeBytes }: FileRow): Command => ({
  id: `report:${path}`,
  title: `Report of ${labels.name ?? path.split(/[/\\]/).at(-1)}`,
  detail: `${path} · ${label} · ${formatDisk(sizeBytes)}`,
  run: () => navigate(routes.file(path)),
})

/** Everything that can be done from here: pages and actions first, then providers, what each model offers, loaded ones before, then reports. */
export const allCommands = (mirror: Mirror): readonly Command[] => {
  const models = [...mirror.models.values()]
  const loaded = models.filter(({ state }) => state !== 'unloaded')
  const others = models.filter(({ state }) => state === 'unloaded')
  return [
    ...windowCommands(mirror),
    ...mirror.providers.map(providerCommand),
    ...loaded.flatMap(modelCommands),
    ...others.flatMap(modelCommands),
    ...[...mirror.files.values()].map(reportCommand),
  ]
}
