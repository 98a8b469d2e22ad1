import { z } from 'zod'
import { procedure } from './base.ts'

export const Settings = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  ollama: z.object({
    enabled: z.boolean(),
    /** null: OLLAMA_HOST, else the default port on this machine */
    address: z.string().nullable(),
  }),
  /** full SHA-256 of every model file, when there is time */
  hashInBackground: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

/** What is left out stays as it is. */
export const SettingsPatch = z.strictObject({
  theme: Settings.shape.theme.optional(),
  ollama: z
    .strictObject({
      enabled: z.boolean().optional(),
      address: z
        .union([
          z.null(),
          z
            .string()
            .max(300)
            .regex(/^https?:\/\/[^\s/?#@]+\/?$/, 'An address like http://127.0.0.1:11434'),
        ])
        .optional(),
    })
    .optional(),
  hashInBackground: z.boolean().optional(),
})
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const settings = {
  get: procedure({ method: 'GET', path: '/settings', summary: 'Settings', access: 'user' }).output(Settings),
  change: procedure({ method: 'PUT', path: '/settings', summary: 'Change some settings', access: 'user' })
    .input(SettingsPatch)
    .output(Settings),
}
