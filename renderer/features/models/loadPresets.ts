import { defaultContextLength } from '../../../shared/contextLength.ts'
import { contextStops, defaultForm, type LoadForm } from './loadForm.ts'

export interface LoadPreset {
  readonly name: string
  readonly text: string
  /** null: it would be nothing else than the defaults here, or nobody knows what it would cost */
  readonly form: LoadForm | null
}

const shortContext = 2048
const smallBatch = 128

/**
 * Whole sets of options for what people mostly want. One that sets an option which the provider does not take is left out.
 * @param fits whether a load with so long a context fits now
 */
export const loadPresets = (
  trainedContext: number | null,
  fits: (contextLength: number) => boolean,
  takes: (option: keyof LoadForm) => boolean = () => true,
): readonly LoadPreset[] => {
  const usual = defaultContextLength(trainedContext)
  const longest = contextStops(trainedContext).findLast((tokens) => tokens > usual && fits(tokens)) ?? null
  const presets = [
    { name: 'Defaults', text: 'What the provider chooses by itself.', sets: [], form: defaultForm },
    {
      name: 'Long context',
      text: 'The longest context that was trained and fits into memory now.',
      sets: ['contextLength'],
      form: trainedContext === null || longest === null ? null : { ...defaultForm, contextLength: longest },
    },
    {
      name: 'Low memory',
      text: 'A short context, and prompts read in small batches.',
      sets: ['contextLength', 'batchSize'],
      form: { ...defaultForm, contextLength: Math.min(usual, shortContext), batchSize: smallBatch },
    },
  ] as const satisfies readonly (LoadPreset & { readonly sets: readonly (keyof LoadForm)[] })[]
  return presets.filter(({ sets }) => sets.every(takes))
}

/** The preset whose options these are; null once one of them was changed by hand. */
export const presetOf = (form: LoadForm, presets: readonly LoadPreset[]): LoadPreset | null =>
  presets.find((preset) => {
    const chosen = preset.form
    return chosen !== null && (Object.keys(defaultForm) as (keyof LoadForm)[]).every((key) => chosen[key] === form[key])
  }) ?? null
