import { Settings, type SettingsPatch } from '../../shared/contract/settings.ts'
import type { SettingRepository } from '../catalog/settingRepository.ts'

const defaults: Settings = { theme: 'system', lanHosts: [], hashInBackground: true }

export interface SettingsServiceDeps {
  readonly settings: SettingRepository
  readonly publish: (settings: Settings) => void
}

export const createSettingsService = ({ settings, publish }: SettingsServiceDeps) => {
  // what an older Berth wrote lacks what came since
  const stored = Settings.safeParse(Object.assign({}, defaults, settings.get('settings')))
  let current = stored.success ? stored.data : defaults
  const listeners = new Set<(now: Settings, before: Settings) => void>()
  return {
    get: (): Settings => current,
    change: ({ theme, lanHosts, hashInBackground }: SettingsPatch): Settings => {
      const before = current
      const next: Settings = {
        theme: theme ?? before.theme,
        lanHosts: lanHosts ?? before.lanHosts,
        hashInBackground: hashInBackground ?? before.hashInBackground,
      }
      settings.set('settings', next)
      current = next
      publish(next)
      for (const listener of listeners) listener(next, before)
      return next
    },
    onChange: (listener: (now: Settings, before: Settings) => void): void => void listeners.add(listener),
  }
}

export type SettingsService = ReturnType<typeof createSettingsService>
