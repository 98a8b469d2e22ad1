export type DropPlan =
  | { readonly kind: 'add'; readonly paths: readonly string[] }
  /** the browser keeps the paths to itself */
  | { readonly kind: 'ask' }

/**
 * What a drop leads to. A file stands for its folder: `folders.add` takes either. Two files of one folder are one
 * request.
 */
export const dropPlan = (paths: readonly string[]): DropPlan => {
  const known = paths.filter((path) => path !== '')
  if (known.length === 0) return { kind: 'ask' }
  const folderOf = (path: string) => path.replace(/[\\/][^\\/]*$/, '')
  const isFile = (path: string) => /\.[a-z0-9]{2,12}$/i.test(path)
  const byFolder = new Map(known.map((path) => [isFile(path) ? folderOf(path) : path, path]))
  return { kind: 'add', paths: [...byFolder.values()] }
}
