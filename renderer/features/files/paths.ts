const separatorOf = (path: string): '/' | '\\' => (path.includes('/') ? '/' : '\\')

export const baseName = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? path

/** The folder something lies in; empty at the root. */
export const parentOf = (path: string): string => path.replace(/[/\\]+[^/\\]*[/\\]*$/, '')

export const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(/[/\\]$/.test(folder) ? folder : folder + separatorOf(folder))

/** Where a changed copy could go: beside the file, with a word in its name. */
export const copyPath = (path: string): string => {
  const name = baseName(path)
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
  return `${parentOf(path)}${separatorOf(path)}${stem}-edited${extension}`
}
