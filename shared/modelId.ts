/**
 * A model is named `provider/key`, for example `ollama/qwen3:8b`. The provider id has no `/`; the key keeps
 * `:` `/` `.` `-` and whatever else its provider allows, so only the first `/` separates.
 */
export const splitModelId = (model: string): { provider: string; key: string } | null => {
  const slash = model.indexOf('/')
  return slash > 0 && slash < model.length - 1 ? { provider: model.slice(0, slash), key: model.slice(slash + 1) } : null
}

export const joinModelId = (provider: string, key: string): string => `${provider}/${key}`
