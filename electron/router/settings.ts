import type { SettingsService } from '../settings/settingsService.ts'
import { os } from './base.ts'

export const settingsRouter = (settings: SettingsService) =>
  os.settings.router({
    get: os.settings.get.handler(() => settings.get()),
    change: os.settings.change.handler(({ input }) => settings.change(input)),
  })
