import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { type Bridge, connectMessage, portMessage } from '../../shared/bridge.ts'
import { createBridge } from './bridge.ts'

const bridge: Bridge = createBridge({
  platform: process.platform,
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  pathForFile: (file) => webUtils.getPathForFile(file),
})
contextBridge.exposeInMainWorld('berth', bridge)

// The page asks its own window for a port; a port cannot travel through the context bridge.
window.addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== window.location.origin || event.data !== connectMessage) return
  const { port1, port2 } = new MessageChannel()
  ipcRenderer.postMessage(portMessage, null, [port2])
  window.postMessage(portMessage, window.location.origin, [port1])
})
