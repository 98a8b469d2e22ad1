import type { NameVerdict } from './contract/models.ts'

/** What is wrong with a model's name and with a version, explained. */
export const validateName = (name: string, _version: string | undefined): NameVerdict => ({
  valid: name.length > 0,
  name: { valid: name.length > 0, normalized: name, parts: null, problems: [] },
  version: null,
})
