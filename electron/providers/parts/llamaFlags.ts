/** The value after one of these flags, or after its `=`; the last one counts. Null when it is not there. */
export const flagValue = (args: readonly string[], names: readonly string[]): string | null => {
  const at = args.findLastIndex((arg) => names.includes(arg.split('=', 1)[0] ?? ''))
  const arg = args[at]
  if (arg === undefined) return null
  const value = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : args[at + 1]
  return value === undefined || value === '' ? null : value
}

/** The file of the model in a command line of llama.cpp's. */
export const modelPathOf = (args: readonly string[]): string | null => flagValue(args, ['-m', '--model'])

/** Fields of a request to llama-server: the answer goes on to its limit, and no prompt is taken from the cache. */
export const exactLlama = { ignore_eos: true, cache_prompt: false } as const
