import type { Session, WebContents, WebPreferences } from 'electron'
import type { ElectronApi } from './electronApi.ts'
import { isOwnPage, isSafeLink } from './origin.ts'

/** The only preferences a page of Berth ever gets. */
export const pagePreferences = (preload: string, developerTools: boolean): WebPreferences => ({
  preload,
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
  devTools: developerTools,
})

const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen', 'notifications'])

/** Everything a page could ask of the system is denied, but for a short list and our own page. */
export const hardenSession = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allowedPermissions.has(permission) && isOwnPage(details.requestingUrl)),
  )
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => allowedPermissions.has(permission) && isOwnPage(origin),
  )
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler(null)
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses)
}

/** No page leaves, no window opens, nothing is embedded; a safe link goes to the person's browser. */
export const hardenContents = (contents: WebContents, { shell }: Pick<ElectronApi, 'shell'>): void => {
  contents.setWindowOpenHandler(({ url }) => {
    if (isSafeLink(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
