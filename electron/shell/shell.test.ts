import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Contract } from '../../shared/contract/index.ts'
import { createEvent, createFakeElectron } from '../../test/support/fakeElectron.ts'
import { anInstance } from '../../test/support/instance.ts'
import { patience } from '../../test/support/patience.ts'
import { tempDir } from '../../test/support/tempDir.ts'
import { createTestApp } from '../../test/support/testApp.ts'
import { AppError } from '../lib/appError.ts'
import { createBridge } from './bridge.ts'
import { channels } from './entrance.ts'
import { createKeyStore } from './keyStore.ts'
import { isSafeLink } from './origin.ts'
import { answerPage } from './pageProtocol.ts'
import { startShell } from './shell.ts'
import { trayTemplate } from './trayMenu.ts'

const ui = (): string => {
  const uiDir = tempDir()
  mkdirSync(join(uiDir, 'assets'))
  writeFileSync(join(uiDir, 'index.html'), '<title>Berth</title>')
  writeFileSync(join(uiDir, 'assets', 'main-1.js'), 'export {}')
  return uiDir
}

const start = async (options: Parameters<typeof createFakeElectron>[0] = {}) => {
  const fake = createFakeElectron(options)
  const app = await createTestApp()
  onTestFinished(() => app.close())
  await startShell({
    electron: fake.electron,
    platform: 'linux',
    uiDir: ui(),
    preload: '/preload.cjs',
    developerTools: false,
    createApp: async () => app,
  })
  return { ...fake, berth: app }
}

const ownFrame = { url: 'app://berth/', origin: 'app://berth', parent: null, isDestroyed: () => false }
const foreignFrames = {
  'no frame': null,
  'a destroyed frame': { ...ownFrame, isDestroyed: () => true },
  'an iframe of ours': { ...ownFrame, parent: ownFrame },
  'another origin': { ...ownFrame, url: 'https://example.org/', origin: 'https://example.org' },
  'a look-alike host': { ...ownFrame, url: 'app://berth.example.org/', origin: 'app://berth.example.org' },
  'a blank page': { ...ownFrame, url: 'about:blank', origin: 'null' },
  'an empty address': { ...ownFrame, url: '', origin: '' },
}

describe('the shell', () => {
  it('switches the sandbox on for every page before Electron is ready, and gives pages nothing of Node', async () => {
    const { calls, windows } = await start()
    expect(calls.indexOf('enableSandbox')).toBeLessThan(calls.indexOf('ready'))
    expect(windows[0]?.options.webPreferences).toEqual({
      preload: '/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    })
    expect(windows[0]?.url).toBe('app://berth/')
  })

  it('registers its scheme without a way around the content rules', async () => {
    const { calls } = await start()
    const [scheme] = calls.filter((call) => call.startsWith('scheme'))
    expect(scheme).toBe('scheme [{"scheme":"app","privileges":{"standard":true,"secure":true,"codeCache":true}}]')
  })

  it('focuses its window when it is started again, and a second start ends at once', async () => {
    const { app, windows } = await start()
    app.emit('second-instance')
    expect(windows).toHaveLength(1)
    expect(windows[0]?.shows).toBe(2)
    const second = createFakeElectron({ hasLock: false })
    const createApp = vi.fn()
    await startShell({
      electron: second.electron,
      platform: 'linux',
      uiDir: '',
      preload: '',
      developerTools: false,
      createApp,
    })
    expect(second.calls).toContain('quit')
    expect(createApp).not.toHaveBeenCalled()
  })

  it('says why it cannot start, and what to do', async () => {
    const fake = createFakeElectron()
    const createApp = async () => {
      throw new AppError('DATA_FOLDER_BUSY', 'A headless Berth (process 7) uses the data folder.')
    }
    await startShell({
      electron: fake.electron,
      platform: 'linux',
      uiDir: '',
      preload: '',
      developerTools: false,
      createApp,
    })
    expect(fake.errors).toEqual([
      'Berth cannot start: A headless Berth (process 7) uses the data folder.\n\nClose it, or start with another --data-dir.',
    ])
    expect(fake.calls).toContain('exit 1')
  })

  it('stays in the tray when its window is closed, opens a new one from there, and quits cleanly', async () => {
    const { windows, trays, calls, app, berth } = await start()
    windows[0]?.emit('closed')
    trays[0]?.emit('click')
    expect(windows).toHaveLength(2)
    const close = vi.spyOn(berth, 'close')
    app.quit()
    await vi.waitFor(() => expect(calls).toContain('quit'), patience)
    expect(close).toHaveBeenCalledTimes(1)
    expect(trays[0]?.isDestroyed).toBe(true)
  })
})

describe('a page', () => {
  it.each([
    'https://example.org',
    'http://127.0.0.1',
    'file:///etc/passwd',
    'app://berth.example.org/',
    'app://other/',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    'blob:app://berth/1',
    'app://berth@example.org/',
    'chrome://gpu',
    'devtools://devtools',
    'view-source:app://berth/',
    'ws://127.0.0.1',
    'ftp://example.org',
    'app:berth',
    'APP://EXAMPLE',
    'about:srcdoc',
    'ms-settings:',
    'smb://host/share',
  ])('cannot go to %s', async (url) => {
    const { windows } = await start()
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview']) {
      const event = { ...createEvent(), url }
      windows[0]?.webContents.emit(name, event, url)
      expect(event.isPrevented(), name).toBe(true)
    }
  })

  it('opens no window, and only a safe link in the browser', async () => {
    const { windows, opened } = await start()
    expect(windows[0]?.webContents.openHandler({ url: 'https://example.org/docs' })).toEqual({ action: 'deny' })
    expect(windows[0]?.webContents.openHandler({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(opened).toEqual(['https://example.org/docs'])
  })

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'smb://host',
    'ms-msdt:/id',
    'ms-officecmd:x',
    'http://example.org',
    'https://user:pass@example.org',
    'https://user@example.org',
    'https://exa\u0000mple.org',
    'https://example.org/\u000a',
    ' https://example.org',
    'https:\\\\example.org',
    'https://',
    'https:',
    '',
    'vbscript:x',
    'ssh://x',
    'tel:1',
    'mailto:a@b',
    'steam://run/1',
    'search-ms:query',
    'vscode://x',
    'shell:startup',
    'chrome://settings',
    'about:config',
    'blob:https://a',
    'jar:https://a',
    'intent://x',
    '//example.org',
  ])('cannot have %j opened outside', (url) => {
    expect(isSafeLink(url)).toBe(false)
  })

  it('gets three permissions and no device', async () => {
    const { sessionHandlers } = await start()
    const request = sessionHandlers.setPermissionRequestHandler as (
      c: null,
      p: string,
      answer: (granted: boolean) => void,
      d: { requestingUrl: string },
    ) => void
    const check = sessionHandlers.setPermissionCheckHandler as (c: null, p: string, origin: string) => boolean
    const names = [
      'clipboard-read',
      'clipboard-sanitized-write',
      'display-capture',
      'fullscreen',
      'geolocation',
      'hid',
      'idle-detection',
      'keyboardLock',
      'media',
      'mediaKeySystem',
      'midi',
      'midiSysex',
      'notifications',
      'openExternal',
      'pointerLock',
      'serial',
      'speaker-selection',
      'storage-access',
      'top-level-storage-access',
      'usb',
      'unknown',
      'window-management',
      'fileSystem',
      'deprecated-sync-clipboard-read',
      'something-new',
    ]
    const granted = (url: string) =>
      names.filter((name) => {
        let verdict = false
        request(
          null,
          name,
          (value) => {
            verdict = value
          },
          { requestingUrl: url },
        )
        expect(check(null, name, url)).toBe(verdict)
        return verdict
      })
    expect(granted('app://berth/')).toEqual(['clipboard-sanitized-write', 'fullscreen', 'notifications'])
    expect(granted('https://example.org/')).toEqual([])
    expect((sessionHandlers.setDevicePermissionHandler as () => boolean)()).toBe(false)
  })
})

describe('the entrance', () => {
  it('carries the whole contract over a port for our own page', async () => {
    const { ipcMain } = await start()
    const { port1, port2 } = new MessageChannel()
    onTestFinished(() => port2.close())
    const started = Object.assign(port1, { start: () => port1.ref() })
    ipcMain.emit(channels.port, { senderFrame: ownFrame, ports: [started] })
    const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port: port2 }))
    expect(await client.system.health()).toMatchObject({ status: 'ok' })
    expect(await client.models.status({ model: 'embedded/none' }).catch((error: unknown) => error)).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      data: { advice: expect.any(String), requestId: expect.any(String) },
    })
  })

  it.each(Object.entries(foreignFrames))('is closed for %s, on every channel', async (_, senderFrame) => {
    const { ipcMain, ipcHandlers, revealed } = await start({ pickedFolder: '/models' })
    const port = { close: vi.fn(), start: vi.fn(), on: vi.fn() }
    ipcMain.emit(channels.port, { senderFrame, ports: [port] })
    expect(port.close).toHaveBeenCalled()
    expect(port.start).not.toHaveBeenCalled()
    for (const channel of [channels.pickFolder, channels.reveal]) {
      expect(() => ipcHandlers.get(channel)?.({ senderFrame }, '/models')).toThrow(
        expect.objectContaining({ code: 'FORBIDDEN' }),
      )
    }
    expect(revealed).toEqual([])
  })

  it('refuses arguments of any other shape', async () => {
    const { ipcMain, ipcHandlers, revealed } = await start({ pickedFolder: '/models' })
    const values = [
      undefined,
      null,
      0,
      -1,
      Number.NaN,
      '',
      'x'.repeat(5000),
      {},
      [],
      ['/a'],
      { path: '/a' },
      true,
      () => {},
      Symbol('x'),
      1n,
      new Date(0),
      new Map(),
    ]
    const shapes = values.flatMap((a) => [[a], ...values.map((b) => [a, b])]).slice(0, 250)
    for (const args of shapes) {
      expect(() => ipcHandlers.get(channels.reveal)?.({ senderFrame: ownFrame }, ...args), String(args.length)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      )
      expect(() => ipcHandlers.get(channels.pickFolder)?.({ senderFrame: ownFrame }, ...args)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      )
    }
    expect(revealed).toEqual([])
    expect(await ipcHandlers.get(channels.pickFolder)?.({ senderFrame: ownFrame })).toBe('/models')
    ipcMain.emit(channels.port, { senderFrame: ownFrame, ports: [] })
  })
})

describe('the page’s own files', () => {
  it('are served with the rules of a page', async () => {
    const uiDir = ui()
    const page = await answerPage(uiDir, { url: 'app://berth/', method: 'GET' })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/)
    expect(
      (await answerPage(uiDir, { url: 'app://berth/assets/main-1.js', method: 'GET' })).headers.get('content-type'),
    ).toContain('javascript')
  })

  const traversals = [
    '../secret',
    '..%2fsecret',
    '%2e%2e/secret',
    '%2e%2e%2fsecret',
    '%252e%252e%252fsecret',
    '..%5csecret',
    '..\\secret',
    'assets/../../secret',
    'assets/..%2f..%2fsecret',
    '%00',
    'index.html%00',
    'index.html%00.js',
    '/etc/passwd',
    '//etc/passwd',
    '%2fetc%2fpasswd',
    'C:/secret',
    'C:%5csecret',
    'c%3a/secret',
    '%5c%5chost%5cshare',
    '\\\\host\\share',
    'assets/',
    'assets',
    '.',
    '..',
    './index.html',
    'assets/./main-1.js',
    'assets//main-1.js',
    'index.html/',
    'index.html/x',
    'index.html::$DATA',
    'con',
    'nul.txt',
    'aux.js',
    'com1',
    'link',
    'link/secret',
    'assets/%2e%2e/index.html',
    '%c0%ae%c0%ae/secret',
    '....//secret',
    'index.html%20',
    'index.html.',
    '%',
  ]
  it.each(traversals)('never include %j', async (path) => {
    const uiDir = ui()
    writeFileSync(join(uiDir, '..', 'secret'), 'secret')
    symlinkSync(join(uiDir, '..'), join(uiDir, 'link'))
    const answer = await answerPage(uiDir, { url: `app://berth/${path}`, method: 'GET' })
    expect([answer.status, await answer.text()]).toEqual([404, ''])
  })

  it('are not there for another host or method', async () => {
    const uiDir = ui()
    expect((await answerPage(uiDir, { url: 'app://other/', method: 'GET' })).status).toBe(404)
    expect((await answerPage(uiDir, { url: 'app://berth/', method: 'POST' })).status).toBe(404)
  })
})

describe('the key store', () => {
  it.each([
    ['darwin', 'keychain'],
    ['win32', 'dpapi'],
    ['freebsd', 'unknown'],
    ['linux', 'kwallet6'],
  ])('is known on %s as %s', (platform, backend) => {
    const { electron } = createFakeElectron({ keyring: { name: 'kwallet6', answers: true } })
    if (platform !== 'linux') Reflect.deleteProperty(electron.safeStorage, 'getSelectedStorageBackend') // only there
    expect(createKeyStore(electron, platform).backend).toBe(backend)
  })

  it('keeps what it is given', async () => {
    const store = createKeyStore(createFakeElectron().electron, 'linux')
    const ciphertext = await store.encrypt('a key')
    expect(ciphertext.includes('a key')).toBe(false)
    expect(await store.decrypt(ciphertext)).toBe('a key')
  })

  it('of a desktop whose keyring does not answer encrypts with what everybody knows, which is refused', async () => {
    const { electron } = createFakeElectron({ keyring: { name: 'gnome_libsecret', answers: false } })
    const store = createKeyStore(electron, 'linux')
    expect(store.backend).toBe('gnome_libsecret')
    await expect(store.encrypt('a key')).rejects.toThrow('holds no key for Berth')
    // What would be taken for protection by who does not look: Electron says that it is available, and encrypts.
    expect(await electron.safeStorage.isAsyncEncryptionAvailable()).toBe(true)
    expect((await electron.safeStorage.encryptStringAsync('a key')).subarray(0, 3).toString()).toBe('v10')
  })

  it('never says in an error what it was given', async () => {
    const { electron } = createFakeElectron()
    electron.safeStorage.encryptStringAsync = (text) => Promise.reject(new Error(`cannot encrypt ${text}`))
    const error = await createKeyStore(electron, 'darwin')
      .encrypt('a key')
      .catch((error: unknown) => error)
    expect(inspect(error, { depth: null })).not.toContain('a key')
    electron.safeStorage.isAsyncEncryptionAvailable = async () => false
    await expect(createKeyStore(electron, 'darwin').encrypt('a key')).rejects.toThrow('not available')
  })

  it('holds the keys of providers across starts, and is given to the application', async () => {
    const { electron } = createFakeElectron()
    const dataDir = tempDir()
    const begin = () => createTestApp({ dataDir, keyStore: createKeyStore(electron, 'linux') })
    const first = await begin()
    expect(first.services.secrets.state()).toMatchObject({ protection: 'os', backend: 'gnome_libsecret' })
    await first.services.secrets.set('openrouter', 'https://openrouter.ai', 'a key of a provider')
    await first.close()
    expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toContain('"backend": "gnome_libsecret"')
    const second = await begin()
    onTestFinished(() => second.close())
    await second.services.secrets.start()
    expect(second.services.secrets.get('openrouter', 'https://openrouter.ai')).toBe('a key of a provider')
  })
})

it('the bridge is frozen functions and plain data, and hands back only what it should', async () => {
  const bridge = createBridge({
    platform: 'darwin',
    invoke: async () => ({ path: '/a' }),
    pathForFile: () => '/a/file',
  })
  expect(Object.isFrozen(bridge)).toBe(true)
  expect(Object.keys(bridge).sort()).toEqual(['pathOf', 'pickFolder', 'platform', 'reveal'])
  for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(bridge))) {
    expect(value.get, name).toBeUndefined()
    expect(Object.isFrozen(value.value), name).toBe(true)
  }
  expect(await bridge.pickFolder()).toBeNull()
})

it('the tray shows what is loaded and unloads it', () => {
  const unloaded: string[] = []
  const actions = {
    open: () => {},
    unload: (model: string) => void unloaded.push(model),
    unloadAll: () => void unloaded.push('all'),
    quit: () => {},
  }
  const labels = (items: readonly MenuItemConstructorOptions[]) => items.map((item) => item.label ?? item.type)
  const rest = ['separator', 'Unload all', 'Open Berth', 'separator', 'Quit']
  const empty = trayTemplate([], actions)
  expect(labels(empty)).toEqual(['No model is loaded', ...rest])
  expect(empty.find(({ label }) => label === 'Unload all')?.enabled).toBe(false)

  const template = trayTemplate(
    [
      anInstance('embedded/a', { memory: [{ device: 'cpu', bytes: 3 * 1024 ** 3, source: 'measured' }] }),
      anInstance('embedded/b', { state: 'loading', progress: 0.4 }),
      anInstance('embedded/c', { state: 'failed', reason: 'it crashed' }),
    ],
    actions,
  )
  expect(labels(template)).toEqual(['embedded/a (loaded, 3.0 GiB)', 'embedded/b (loading 40 %)', ...rest])
  expect(template.find(({ label }) => label === 'Unload all')?.enabled).toBe(true)

  const submenu = template[0]?.submenu
  if (!Array.isArray(submenu) || !submenu[0]?.click) throw new Error('a loaded model has nothing to click')
  Reflect.apply(submenu[0].click, undefined, [])
  expect(unloaded).toEqual(['embedded/a'])
})
