import type { Resources } from '../../shared/contract/models.ts'
import type { ModelCare } from '../models/modelCare.ts'
import { validateName } from '../models/modelName.ts'
import type { ModelService } from '../models/modelService.ts'
import { os } from './base.ts'

const never = new AbortController().signal

export const modelsRouter = (models: ModelService, care: ModelCare, resources: () => Resources) =>
  os.models.router({
    list: os.models.list.handler(({ input }) => ({ models: models.list(input) })),
    details: os.models.details.handler(({ input, signal }) => models.details(input.model, signal ?? never)),
    status: os.models.status.handler(({ input }) => models.status(input.model)),
    resources: os.models.resources.handler(() => resources()),
    instances: os.models.instances.handler(() => ({ instances: models.instances() })),
    load: os.models.load.handler(({ input }) => models.load(input.model, input.options ?? {}, input.wait ?? true)),
    unload: os.models.unload.handler(({ input }) => models.unload(input.model, input.instance ?? null)),
    keepAlive: os.models.keepAlive.handler(({ input, signal = never }) =>
      models.keepAlive(input.model, input.keepAlive, signal),
    ),
    chat: os.models.chat.handler(({ input, signal }) =>
      input.stream ? models.chat(input, signal ?? never) : models.complete(input, signal ?? never),
    ),
    embed: os.models.embed.handler(({ input, signal = never }) => models.embed(input, signal)),
    pull: os.models.pull.handler(({ input: { model, ...options } }) => care.pull(model, options)),
    push: os.models.push.handler(({ input }) => care.push(input.model, input.insecure ?? false)),
    create: os.models.create.handler(({ input }) => care.create(input)),
    copy: os.models.copy.handler(({ input, signal = never }) => care.copy(input.model, input.to, signal)),
    rename: os.models.rename.handler(({ input, signal = never }) => care.rename(input.model, input.to, signal)),
    removal: os.models.removal.handler(({ input, signal = never }) => care.removal(input.model, signal)),
    remove: os.models.remove.handler(({ input, signal = never }) => care.remove(input.model, signal)),
    adapters: os.models.adapters.handler(({ input, signal = never }) => models.adapters(input.model, null, signal)),
    changeAdapter: os.models.changeAdapter.handler(({ input, signal = never }) =>
      models.adapters(input.model, input.change, signal),
    ),
    validateName: os.models.validateName.handler(({ input }) => validateName(input.name, input.version)),
  })
