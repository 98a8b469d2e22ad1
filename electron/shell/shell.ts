import { join } from 'node:path'
import { RPCHandler } from '@orpc/server/message-port'
import type { App } from '../app.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import type { ElectronApi } from './electronApi.ts'
import { openEntrance } from './entrance.ts'
import { hardenContents, hardenSession, pagePreferences } from './hardening.ts'
import { menuTemplate } from './menu.ts'
import { pageScheme, pageUrl } from './origin.ts'
import { answerPage, registerPageScheme } from './pageProtocol.ts'
import { trayTemplate } from './trayMenu.ts'

export interface ShellDeps {
  readonly electron: ElectronApi
  readonly platform: string
  readonly uiDir: string
  readonly preload: string
  /** off in what people install */
  readonly developerTools: boolean
  readonly createApp: () => Promise<App>
}

/**
 * The desktop host: one window and a tray over the application. Closing the window leaves the models loaded and Berth in
 * the tray; Quit ends everything.
 */
export const startShell = async (deps: ShellDeps): Promise<void> => {
  const { electron, uiDir, preload, developerTools, platform } = deps
  const { app, BrowserWindow, Menu, Tray, dialog, nativeImage, protocol, session, shell } = electron
  app.enableSandbox()
  registerPageScheme(electron)
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, electron))
  // With a tray the application outlives its window.
  app.on('window-all-closed', () => {})
  await app.whenReady()

  hardenSession(session.defaultSession)
  protocol.handle(pageScheme, (request) => answerPage(uiDir, request))
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(platform, developerTools)))

  const berth = await deps.createApp().catch((error: unknown) => {
    const advice = error instanceof AppError ? `\n\n${error.advice}` : ''
    dialog.showErrorBox('Berth cannot start', `${messageOf(error)}${advice}`)
    return null
  })
  if (!berth) {
    app.exit(1)
    return
  }
  const { models } = berth.services
  const logFault = (error: unknown): void => {
    if (!(error instanceof AppError)) berth.reportBug(error, 'tray') // an AppError is the model's state by now
  }

  let window: Electron.BrowserWindow | null = null
  const open = (): void => {
    if (window) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return
    }
    const opened = new BrowserWindow({
      width: 1280,
      height: 800,
      minWidth: 720,
      minHeight: 480,
      show: false,
      icon: join(uiDir, 'icon.png'),
      webPreferences: pagePreferences(preload, developerTools),
    })
    window = opened
    opened.once('ready-to-show', () => opened.show())
    opened.on('closed', () => {
      window = null
    })
    void opened.loadURL(pageUrl)
  }

  const rpc = new RPCHandler(berth.router)
  openEntrance({
    electron,
    connect: (port) => {
      rpc.upgrade(port, { context: {} })
      port.start()
    },
    pickFolder: async () => {
      const { filePaths } = await dialog.showOpenDialog({ properties: ['openDirectory'] })
      return filePaths[0] ?? null
    },
    reveal: (path) => shell.showItemInFolder(path),
  })

  const ended = new AbortController()
  const tray = new Tray(nativeImage.createFromPath(join(uiDir, 'tray.png')))
  const showTray = (): void => {
    const template = trayTemplate(models.instances(), {
      open,
      unload: (model) => void models.unload(model).catch(logFault),
      unloadAll: () => {
        for (const { model } of models.instances()) void models.unload(model).catch(logFault)
      },
      quit: () => app.quit(),
    })
    tray.setToolTip('Berth')
    tray.setContextMenu(Menu.buildFromTemplate(template))
  }
  tray.on('click', open)
  showTray()
  void (async () => {
    for await (const change of berth.services.subscribe(ended.signal)) if (change.type === 'instances') showTray()
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) berth.reportBug(error, 'tray')
  })

  app.on('second-instance', open)
  app.on('activate', open)
  let isClosed = false
  app.on('before-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    ended.abort()
    void berth.close().finally(() => {
      isClosed = true
      tray.destroy()
      app.quit()
    })
  })
  open()
}
