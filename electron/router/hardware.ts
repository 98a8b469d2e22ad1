import type { HardwareService } from '../hardware/hardwareService.ts'
import type { HistoryService } from '../monitoring/historyService.ts'
import { os } from './base.ts'

export const hardwareRouter = (hardware: HardwareService, history: HistoryService) =>
  os.hardware.router({
    get: os.hardware.get.handler(() => hardware.hardware()),
    history: os.hardware.history.handler(({ input }) => history.history(input.device, input.range)),
  })
