import { EventEmitter } from 'node:events'
import type { MenuItemConstructorOptions } from 'electron'
import type { ElectronApi } from '../../electron/shell/electronApi.ts'

type Handler = (...args: unknown[]) => unknown
type WindowOpenHandler = (details: { url: string }) => { action: string }

/** What a page's own events look like to those who refuse them. */
export const createEvent = () => {
  let isPrevented = false
  return {
    preventDefault: () => {
      isPrevented = true
    },
    isPrevented: () => isPrevented,
  }
}

/**
 * The small part of Electron that the shell uses, recording what it was asked to do. It has no Chromium in it: that pages
 * obey these settings is proved by Electron's own end-to-end test.
 */
export const createFakeElectron = ({
  hasLock = true,
  pickedFolder = null as string | null,
  /** what Linux's desktop should have, and whether that answers */
  keyring = { name: 'gnome_libsecret', answers: true },
} = {}) => {
  const calls: string[] = []
  const errors: string[] = []
  const opened: string[] = []
  const revealed: string[] = []
  const menus: MenuItemConstructorOptions[][] = []
  const windows: FakeWindow[] = []
  const trays: FakeTray[] = []
  const ipcHandlers = new Map<string, Handler>()
  const schemes = new Map<string, (request: Request) => Promise<Response>>()
  const sessionHandlers: Record<string, unknown> = {}

  class FakeContents extends EventEmitter {
    openHandler: WindowOpenHandler = () => ({ action: 'allow' })
    setWindowOpenHandler(handler: WindowOpenHandler): void {
      this.openHandler = handler
    }
  }
  class FakeWindow extends EventEmitter {
    readonly webContents = new FakeContents()
    readonly options: Electron.BrowserWindowConstructorOptions
    shows = 0
    url = ''
    constructor(options: Electron.BrowserWindowConstructorOptions) {
      super()
      this.options = options
      windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
    async loadURL(url: string): Promise<void> {
      this.url = url
      this.emit('ready-to-show')
    }
    show(): void {
      this.shows++
    }
    focus(): void {}
    restore(): void {}
    isMinimized(): boolean {
      return false
    }
  }
  class FakeTray extends EventEmitter {
    menu: MenuItemConstructorOptions[] = []
    isDestroyed = false
    constructor() {
      super()
      trays.push(this)
    }
    setToolTip(): void {}
    setContextMenu(menu: MenuItemConstructorOptions[]): void {
      this.menu = menu
    }
    destroy(): void {
      this.isDestroyed = true
    }
  }

  const app = Object.assign(new EventEmitter(), {
    enableSandbox: () => calls.push('enableSandbox'),
    requestSingleInstanceLock: () => hasLock,
    whenReady: async () => calls.push('ready'),
    exit: (code: number) => calls.push(`exit ${code}`),
    quit: () => {
      const event = createEvent()
      app.emit('before-quit', event)
      if (!event.isPrevented()) calls.push('quit')
    },
  })
  const ipcMain = Object.assign(new EventEmitter(), {
    handle: (channel: string, handler: Handler) => ipcHandlers.set(channel, handler),
  })
  const session = {
    defaultSession: new Proxy(
      {},
      { get: (_, name) => (handler: unknown) => Object.assign(sessionHandlers, { [name]: handler }) },
    ),
  }
  const fake = {
    app,
    ipcMain,
    session,
    BrowserWindow: FakeWindow,
    Tray: FakeTray,
    Menu: {
      buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (menu: MenuItemConstructorOptions[]) => menus.push(menu),
    },
    dialog: {
      showErrorBox: (title: string, text: string) => errors.push(`${title}: ${text}`),
      showOpenDialog: async () => ({
        canceled: pickedFolder === null,
        filePaths: pickedFolder === null ? [] : [pickedFolder],
      }),
    },
    nativeImage: { createFromPath: (path: string) => ({ path }) },
    protocol: {
      registerSchemesAsPrivileged: (list: { scheme: string; privileges: object }[]) =>
        calls.push(`scheme ${JSON.stringify(list)}`),
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) => schemes.set(scheme, handler),
    },
    // As Chromium does on Linux: with the keyring's key (v11), or silently with a password of its own (v10).
    safeStorage: {
      getSelectedStorageBackend: () => keyring.name,
      isAsyncEncryptionAvailable: async () => true,
      encryptStringAsync: async (text: string) =>
        Buffer.from(`${keyring.answers ? 'v11' : 'v10'}${Buffer.from(text).toString('base64')}`),
      decryptStringAsync: async (bytes: Buffer) => {
        const text = bytes.toString()
        if (text.startsWith('v11') && !keyring.answers) throw new Error('Error while decrypting the ciphertext')
        return { result: Buffer.from(text.slice(3), 'base64').toString(), shouldReEncrypt: false }
      },
    },
    shell: {
      openExternal: async (url: string) => void opened.push(url),
      showItemInFolder: (path: string) => void revealed.push(path),
    },
    utilityProcess: {},
  }
  return {
    electron: fake as unknown as ElectronApi, // the parts above have Electron's own shapes; the rest is not used
    app,
    ipcMain,
    calls,
    errors,
    opened,
    revealed,
    menus,
    windows,
    trays,
    ipcHandlers,
    schemes,
    sessionHandlers,
  }
}
