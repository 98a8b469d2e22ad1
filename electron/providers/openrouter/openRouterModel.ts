import { capabilitiesOf, lacksOf, roleOf } from '../openai/openAiCapabilities.ts'
import { unknownModel } from '../parts/unknown.ts'
import type { ProviderModel } from '../provider.ts'
import { toPrice } from './openRouterPrice.ts'
import type { OpenRouterModel } from './openRouterSchemas.ts'

/** The smaller one of what the model can and what its first provider gives. */
export const contextOf = ({ context_length, top_provider }: OpenRouterModel): number | null => {
  const told = [context_length, top_provider?.context_length].filter((value) => value != null && value > 0)
  return told.length === 0 ? null : Math.min(...told.map(Number))
}

export const toProviderModel = (model: OpenRouterModel): ProviderModel => {
  const abilities = {
    input: model.architecture?.input_modalities,
    output: model.architecture?.output_modalities,
    parameters: model.supported_parameters,
  }
  return {
    ...unknownModel,
    key: model.id,
    name: model.name || model.id,
    role: roleOf(model.id, abilities),
    capabilities: capabilitiesOf(abilities),
    contextLength: contextOf(model),
    price: toPrice(model.pricing.texts, model.pricing.overrides),
    modifiedAt: model.created ? model.created * 1000 : null,
    lacks: lacksOf(abilities),
  }
}
