import type { Resources } from '../../shared/contract/models.ts'
import type { ModelService } from '../models/modelService.ts'
import { os } from './base.ts'

const never = new AbortController().signal

export const modelsRouter = (models: ModelService, resources: () => Resources) =>
  os.models.router({
    list: os.models.list.handler(({ input }) => ({ models: models.list(input) })),
    details: os.models.details.handler(({ input, signal }) => models.details(input.model, signal ?? never)),
    status: os.models.status.handler(({ input }) => models.status(input.model)),
    resources: os.models.resources.handler(() => resources()),
    instances: os.models.instances.handler(() => ({ instances: models.instances() })),
    load: os.models.load.handler(({ input }) => models.load(input.model, input.options ?? {}, input.wait ?? true)),
    unload: os.models.unload.handler(({ input }) => models.unload(input.model)),
    chat: os.models.chat.handler(({ input, signal }) =>
      input.stream ? models.chat(input, signal ?? never) : models.complete(input, signal ?? never),
    ),
  })
