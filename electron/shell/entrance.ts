import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import { portMessage } from '../../shared/bridge.ts'
import { AppError } from '../lib/appError.ts'
import type { ElectronApi } from './electronApi.ts'
import { isOwnPage, pageHost, pageScheme } from './origin.ts'

/** What the preload may ask for by name; everything else of the contract travels through the port. */
export const channels = { port: portMessage, pickFolder: 'berth:pick-folder', reveal: 'berth:reveal' } as const

export interface EntranceDeps {
  readonly electron: Pick<ElectronApi, 'ipcMain'>
  /** a page connected; the port is a MessagePortMain */
  readonly connect: (port: Electron.MessagePortMain) => void
  readonly pickFolder: () => Promise<string | null>
  readonly reveal: (path: string) => void
}

const Path = z.string().min(1).max(4096)

/** Our own page, in its top frame, still there. */
const checkSender = ({ senderFrame }: Pick<IpcMainEvent | IpcMainInvokeEvent, 'senderFrame'>): void => {
  const isOurs =
    senderFrame !== null &&
    !senderFrame.isDestroyed() &&
    senderFrame.parent === null &&
    senderFrame.origin === `${pageScheme}://${pageHost}` &&
    isOwnPage(senderFrame.url)
  if (!isOurs) throw new AppError('FORBIDDEN')
}

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AppError('INVALID_INPUT', parsed.error.issues[0]?.message)
  return parsed.data
}

/** The one way from a page into the main process. */
export const openEntrance = ({ electron: { ipcMain }, connect, pickFolder, reveal }: EntranceDeps): void => {
  ipcMain.on(channels.port, (event) => {
    const [port, ...others] = event.ports
    try {
      checkSender(event)
      if (!port || others.length > 0) throw new AppError('INVALID_INPUT')
    } catch {
      for (const given of event.ports) given.close() // refused; a page that is not ours is owed no words
      return
    }
    connect(port)
  })
  ipcMain.handle(channels.pickFolder, (event, ...args) => {
    checkSender(event)
    parse(z.tuple([]), args)
    return pickFolder()
  })
  ipcMain.handle(channels.reveal, (event, ...args) => {
    checkSender(event)
    const [path] = parse(z.tuple([Path]), args)
    reveal(path)
  })
}
