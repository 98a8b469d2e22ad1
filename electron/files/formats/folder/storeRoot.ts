/**
 * `…/models--org--name/snapshots/<commit>[/…]` of the Hugging Face cache: its files are links to `../../blobs`, so links may
 * lead to any place of that model. Null: a folder whose links stay inside it.
 */
export const storeRootOf = (path: string): string | null => {
  const match = /^(.*[/\\]models--[^/\\]+)[/\\]snapshots[/\\][^/\\]+([/\\]|$)/.exec(path)
  return match?.[1] ?? null
}

/** `org/name` of a folder in the Hugging Face cache. */
export const repositoryOf = (root: string): string | null => {
  const name = /[/\\]models--([^/\\]+)$/.exec(root)?.[1]
  return name === undefined ? null : name.replace('--', '/')
}
