import { join } from 'node:path'
import { findCommand } from '../lib/childProcess.ts'

/** Where `nvidia-smi` is; on WSL, and with old drivers of Windows, it is not in PATH. null: there is no driver. */
export const findNvidiaSmi = ({
  platform,
  root,
  commandFolders,
}: {
  readonly platform: NodeJS.Platform
  readonly root: string
  readonly commandFolders: readonly string[]
}): Promise<string | null> =>
  platform === 'win32'
    ? findCommand(['nvidia-smi.exe'], [...commandFolders, 'C:\\Program Files\\NVIDIA Corporation\\NVSMI'])
    : findCommand(['nvidia-smi'], [...commandFolders, join(root, 'usr/lib/wsl/lib')])
