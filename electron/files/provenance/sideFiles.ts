import { z } from 'zod'

interface Claim {
  /** as it stands there */
  readonly sha256: string
  readonly url: string | null
}

interface About {
  readonly name: string
  readonly sizeBytes: number
}

interface SideFile {
  readonly suffix: string
  /** null: it says nothing of this file */
  readonly parse: (text: string, about: About) => Claim | null
}

const id = z.number().int().positive()
/** Only the parts that are used; what else stands there does not matter. */
const Version = z.object({ id: id.nullish(), modelId: id.nullish() })
const VersionFile = z.object({
  name: z.string().nullish(),
  sizeKB: z.number().nullish(),
  hashes: z.object({ SHA256: z.string().nullish() }).nullish(),
})
const CivitaiInfo = Version.extend({ files: z.array(VersionFile).max(1000) })
const StabilityMatrixInfo = z.object({
  ModelId: id.nullish(),
  VersionId: id.nullish(),
  Source: z.union([z.string(), z.number()]).nullish(),
  Hashes: z.object({ SHA256: z.string().nullish() }).nullish(),
})
const LoraManagerInfo = z.object({
  sha256: z.string(),
  size: z.number().nullish(),
  civitai: Version.nullish().catch(null),
})

const civitaiUrl = (model: number | null | undefined, version: number | null | undefined): string | null => {
  if (!model) return null
  return `https://civitai.com/models/${model}${version ? `?modelVersionId=${version}` : ''}`
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Civitai rounds to a thousandth of a KiB; what lies further off is another file of this name. */
const isSize = (claimed: number | null | undefined, sizeBytes: number): boolean =>
  claimed === null || claimed === undefined || claimed === 0 || Math.abs(claimed - sizeBytes) < 1024

/** A model version as Civitai's API answers it, saved by Civitai Helper and others. It may list several files. */
const parseCivitaiInfo: SideFile['parse'] = (text, { name, sizeBytes }) => {
  const { data } = CivitaiInfo.safeParse(json(text))
  if (!data) return null
  const named = data.files.filter((file) => file.name === name)
  const candidates = (named.length > 0 ? named : data.files).filter(({ sizeKB }) =>
    isSize(sizeKB === null || sizeKB === undefined ? null : sizeKB * 1024, sizeBytes),
  )
  const [file] = candidates
  const sha256 = file?.hashes?.SHA256
  if (!sha256 || candidates.length !== 1) return null // which of them it is cannot be told
  return { sha256, url: civitaiUrl(data.modelId, data.id) }
}

const parseStabilityMatrix: SideFile['parse'] = (text) => {
  const { data } = StabilityMatrixInfo.safeParse(json(text))
  const sha256 = data?.Hashes?.SHA256
  if (!data || !sha256) return null
  const isCivitai = data.Source === null || data.Source === undefined || data.Source === 'Civitai' || data.Source === 0
  return { sha256, url: isCivitai ? civitaiUrl(data.ModelId, data.VersionId) : null }
}

const parseLoraManager: SideFile['parse'] = (text, { sizeBytes }) => {
  const { data } = LoraManagerInfo.safeParse(json(text))
  if (!data || !isSize(data.size, sizeBytes)) return null
  return { sha256: data.sha256, url: civitaiUrl(data.civitai?.modelId, data.civitai?.id) }
}

/** `<name without extension><suffix>`, beside the model. */
export const sideFiles: readonly SideFile[] = [
  { suffix: '.civitai.info', parse: parseCivitaiInfo },
  { suffix: '.cm-info.json', parse: parseStabilityMatrix },
  { suffix: '.metadata.json', parse: parseLoraManager },
]
