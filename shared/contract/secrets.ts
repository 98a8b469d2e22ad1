import { z } from 'zod'
import { procedure } from './base.ts'

/**
 * How keys of providers are kept on this machine. `os`: by its key store; `passphrase`: encrypted under one; `memory`: not
 * on the disk at all, so they are gone when Berth ends; `locked`: there are stored keys and their passphrase was not given.
 */
export const Secrets = z.object({
  protection: z.enum(['os', 'passphrase', 'memory', 'locked']),
  /** the operating system's store, e.g. `gnome_libsecret`; null for the others */
  backend: z.string().nullable(),
  /** what that means for a person, and what would be better */
  text: z.string(),
})
export type Secrets = z.infer<typeof Secrets>

export const secrets = {
  get: procedure({ method: 'GET', path: '/secrets', summary: 'How keys are kept', access: 'user' }).output(Secrets),
  unlock: procedure(
    {
      method: 'POST',
      path: '/secrets/unlock',
      summary: 'Give the passphrase that keys are stored under, or the first one they will be',
      access: 'user',
    },
    ['PASSPHRASE_WRONG', 'VERB_NOT_SUPPORTED', 'DATA_FOLDER_UNUSABLE'],
  )
    .input(z.strictObject({ passphrase: z.string().min(8).max(1000) }))
    .output(Secrets),
}
