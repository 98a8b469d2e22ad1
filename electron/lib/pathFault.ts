import { errnoOf, messageOf } from './appError.ts'

const faults: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no ${path}.`,
  ENOTDIR: (path) => `There is no ${path}: a part of this path is a file.`,
  EACCES: (path) => `Berth may not read ${path}.`,
  EPERM: (path) => `Berth may not read ${path}.`,
  ELOOP: (path) => `${path} is a link that leads back to itself.`,
  ENAMETOOLONG: () => 'This path is longer than the system allows.',
}

/** Why a folder or a file cannot be used, in one sentence. */
export const pathFault = (path: string, error: unknown): string =>
  faults[errnoOf(error) ?? '']?.(path) ?? `${path} cannot be read: ${messageOf(error)}.`
