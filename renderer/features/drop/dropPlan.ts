/** One thing that was let go over the window. */
export interface Dropped {
  readonly name: string
  /** empty where a browser keeps it to itself */
  readonly path: string
  readonly isFolder: boolean
}

export type DropPlan =
  | { readonly kind: 'validate'; readonly paths: readonly string[] }
  /** looked into once, or kept in the library: the person says which */
  | { readonly kind: 'ask-folders'; readonly paths: readonly string[] }
  /** the browser keeps the paths to itself */
  | { readonly kind: 'ask-path'; readonly names: readonly string[]; readonly isFolder: boolean }
  | { readonly kind: 'nothing' }

/** What a drop leads to. Files and folders together are looked into together. */
export const dropPlan = (dropped: readonly Dropped[]): DropPlan => {
  if (dropped.length === 0) return { kind: 'nothing' }
  const known = dropped.filter(({ path }) => path !== '')
  if (known.length === 0)
    return {
      kind: 'ask-path',
      names: dropped.map(({ name }) => name),
      isFolder: dropped.every(({ isFolder }) => isFolder),
    }
  const paths = known.map(({ path }) => path)
  return { kind: known.every(({ isFolder }) => isFolder) ? 'ask-folders' : 'validate', paths }
}

/** What the hovering things are called: before they are let go nobody may know whether they are files or folders. */
export const hoverTitle = (types: readonly string[]): string => {
  const count = types.length
  // a folder never has a type, and neither have most model files
  const areFiles = count > 0 && types.every((type) => type !== '')
  if (count === 0) return 'Validate what you drop'
  if (areFiles) return count === 1 ? 'Validate this file' : `Validate ${count} files`
  return count === 1 ? 'Validate this file or folder' : `Validate ${count} files or folders`
}
