const digestName = /^(sha256[-:])?[0-9a-f]{64}$/

export const hasGgufName = (name: string): boolean => name.toLowerCase().endsWith('.gguf')

/** Content-addressed stores keep models under their digest. */
export const isDigestName = (name: string): boolean => digestName.test(name)

/** May be a model by its name: `.gguf`, a digest, or no extension at all, which only its first bytes can tell. */
export const isCandidate = (name: string): boolean =>
  hasGgufName(name) || isDigestName(name) || (!name.includes('.') && name !== '')

/** Worth a watch of its own. Files without an extension are many and rarely models: a scan finds those. */
export const isWatched = (name: string): boolean => hasGgufName(name) || isDigestName(name)
