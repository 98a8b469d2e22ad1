import { z } from 'zod'
import { procedure } from './base.ts'

export const Settings = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  /** machines of the local network at which servers are looked for; each was typed by the person */
  lanHosts: z.array(z.string()),
  /** full SHA-256 of every model file, when there is time */
  hashInBackground: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

/** What is left out stays as it is. */
export const SettingsPatch = z.strictObject({
  theme: Settings.shape.theme.optional(),
  lanHosts: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[\w.-]+$|^\[[\da-f:.]+\]$/i, 'A host name or an IP address, without a port'),
    )
    .max(32)
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
