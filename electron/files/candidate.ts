const digestName = /^(sha256[-:])?[0-9a-f]{64}$/

export const hasGgufName = (name: string): boolean => name.toLowerCase().endsWith('.gguf')

/** Content-addressed stores keep models under their digest. */
const isDigestName = (name: string): boolean => digestName.test(name)

/** Ollama's downloads under way: `sha256-…-partial` and `sha256-…-partial-7`. */
const isPartial = (name: string): boolean => /-partial(-\d+)?$/.test(name)

/** May be a model by its name: `.gguf`, or no extension at all (so a digest too), when its first bytes must tell. */
export const isCandidate = (name: string): boolean => hasGgufName(name) || (!name.includes('.') && !isPartial(name))

/** Worth a watch of its own. Files without an extension are many and rarely models: a scan finds those. */
export const isWatched = (name: string): boolean => hasGgufName(name) || isDigestName(name)
