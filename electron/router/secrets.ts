import type { SecretService } from '../secrets/secretService.ts'
import { os } from './base.ts'

export const secretsRouter = (secrets: SecretService) =>
  os.secrets.router({
    get: os.secrets.get.handler(() => secrets.state()),
    unlock: os.secrets.unlock.handler(({ input }) => secrets.unlock(input.passphrase)),
  })
