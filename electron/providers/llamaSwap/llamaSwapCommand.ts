import { KvCacheType, LoadOptions } from '../../../shared/contract/models.ts'
import { flagValue, modelPathOf } from '../parts/llamaFlags.ts'

/** What is read of the command line of a model, and all that is. */
export interface CommandFacts {
  /** null where the command runs in a container, whose paths are not ours */
  readonly path: string | null
  readonly options: Pick<LoadOptions, 'contextLength' | 'gpuLayers' | 'kvCacheType'>
}

const containers = /^(?:.*[\\/])?(docker|podman|nerdctl|kubectl|ssh|wsl)(\.exe)?$/i

/**
 * The command line that llama-swap shows of a running model. It may hold keys and tokens: only the model, the context, the
 * layers on the GPU and the type of the KV cache are taken from it, and the rest goes no further.
 */
export const readCommand = (command: string | null): CommandFacts => {
  const args = splitCommand(command ?? '')
  const path = args.some((arg) => containers.test(arg)) ? null : modelPathOf(args)
  const context = LoadOptions.shape.contextLength.safeParse(Number(flagValue(args, ['-c', '--ctx-size']) ?? Number.NaN))
  const layers = flagValue(args, ['-ngl', '--gpu-layers', '--n-gpu-layers'])
  const gpuLayers = LoadOptions.shape.gpuLayers.safeParse(
    layers !== null && /^\d+$/.test(layers) ? Number(layers) : layers,
  )
  const cache = KvCacheType.safeParse(flagValue(args, ['-ctk', '--cache-type-k']))
  return {
    path: path !== null && /^(\/|[A-Za-z]:[\\/])/.test(path) ? path : null,
    options: {
      ...(context.success && context.data !== undefined && { contextLength: context.data }),
      ...(gpuLayers.success && gpuLayers.data !== undefined && { gpuLayers: gpuLayers.data }),
      ...(cache.success && { kvCacheType: cache.data }),
    },
  }
}

/** It runs llama-server by itself, and not in a container or under another program. */
export const isLlamaServer = (command: string | null): boolean =>
  /(?:^|[\\/])llama-server(?:\.exe)?$/i.test(splitCommand(command ?? '')[0] ?? '')

/** As a shell splits it, without its expansions. A backslash is one only before what it would have to protect. */
export const splitCommand = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s"'\\]|\\\r?\n|\\["'\\\s]|\\|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/g)]
    .map(([word]) =>
      word.replace(/\\\r?\n|\\(["'\\\s])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g, (_, escaped, double, single) =>
        double === undefined ? (escaped ?? single ?? '') : double.replace(/\\(["\\])/g, '$1'),
      ),
    )
    .filter((word) => word !== '')
