import { visibleText } from '../../../shared/visibleText.ts'

const separatorOf = (path: string): '/' | '\\' => (path.includes('/') ? '/' : '\\')
const isSeparator = (path: string, at: number): boolean => path[at] === '/' || path[at] === '\\'

/** Without splitting: it is asked for twice in every comparison of a sort. */
export const baseName = (path: string): string => {
  let end = path.length
  while (end > 0 && isSeparator(path, end - 1)) end -= 1
  let start = end
  while (start > 0 && !isSeparator(path, start - 1)) start -= 1
  return start === end ? path : path.slice(start, end)
}

/** What a person reads: nothing in a name may hide how it ends. */
export const shownName = (path: string): string => visibleText(baseName(path))

/** The folder something lies in; empty at the root. */
export const parentOf = (path: string): string => path.replace(/[/\\]+[^/\\]*[/\\]*$/, '')

/** What every path below a folder begins with. */
const prefixOf = (folder: string): string =>
  folder === '' || isSeparator(folder, folder.length - 1) ? folder : folder + separatorOf(folder)

/** Whether a path lies below the folder, or is it. */
export const belowFolder = (folder: string): ((path: string) => boolean) => {
  const prefix = prefixOf(folder)
  return (path) => path === folder || path.startsWith(prefix)
}
export const isBelow = (folder: string, path: string): boolean => belowFolder(folder)(path)

/** Where a changed copy could go: beside the file, with a word in its name. */
export const copyPath = (path: string): string => {
  const name = baseName(path)
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
  return `${parentOf(path)}${separatorOf(path)}${stem}-edited${extension}`
}
