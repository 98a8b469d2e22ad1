/** `b11669-Debian`, as llama-server says its build. Null when neither is told. */
export const versionOf = (commit: string | null, number: number | null): string | null => {
  const known = commit === null || commit === 'unknown' ? null : commit
  if (number === null || number === 0) return known
  return known === null ? `b${number}` : `b${number}-${known}`
}

/** llama-bench's own words where nothing is known: `unknown` and 0. */
export const buildOf = (version: string | null): { build_commit: string; build_number: number } => {
  const parts = /^b(\d{1,9})(?:-(.+))?$/.exec(version ?? '')
  return parts
    ? { build_commit: parts[2] ?? 'unknown', build_number: Number(parts[1]) }
    : { build_commit: version ?? 'unknown', build_number: 0 }
}

/** llama.cpp's names of file types, and what people call them; those that are not here are called alike. */
const sizes: Readonly<Record<string, string>> = { Small: '_S', Medium: '_M', Large: '_L' }
const quantization =
  /\b((?:I?Q|TQ)\d_[A-Z0-9]+(?:_[A-Z0-9]+)?|BF16|F16|F32|MXFP4(?: MoE)?|NVFP4)(?: - (Small|Medium|Large))?( mix)?\b/

/**
 * `qwen35moe 35B.A3B Q4_K - Medium`: architecture, size, file type. The size is for people (`llama ?B Q4_0`), so the
 * parameters are read from `model_n_params` alone.
 */
export const readModelType = (
  type: string | null,
): { readonly architecture: string | null; readonly quantization: string | null } => {
  const found = quantization.exec(type ?? '')
  const first = /^[a-z][\w.-]*(?= )/i.exec(type ?? '')?.[0] ?? null
  return { architecture: first, quantization: found === null ? null : quantizationName(found) }
}

const quantizationName = ([, base = '', size, mix]: RegExpExecArray): string => {
  if (mix !== undefined) return base.replace(/_(XS|S)$/, '_M') // `IQ3_S mix` is IQ3_M
  if (base === 'Q2_K' && size === 'Medium') return base
  return `${base.replace(' MoE', '_MOE')}${size === undefined ? '' : (sizes[size] ?? '')}`
}

/** The inverse, for models that Berth measured. */
export const writeModelType = (model: {
  readonly name: string
  readonly architecture: string | null
  readonly parameterCount: number | null
  readonly quantization: string | null
}): string => {
  const { name, architecture, parameterCount, quantization: label } = model
  if (architecture === null) return name
  const size = parameterCount === null ? '?B' : shortCount(parameterCount)
  return [architecture, size, ...(label === null ? [] : [label])].join(' ')
}

const shortCount = (count: number): string => {
  const [unit, size] = count >= 1e9 ? (['B', 1e9] as const) : (['M', 1e6] as const)
  return `${Number((count / size).toPrecision(3))}${unit}`
}

/** The last part of a path of any system. */
export const fileNameOf = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
