import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.css'
import '@mantine/dropzone/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './theme.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { startNotifying } from './features/frame/notify.tsx'
import { client, connect, useConnection } from './lib/client.ts'
import { useMirror } from './lib/store.ts'
import { keepMirror } from './lib/sync.ts'

startNotifying()
keepMirror(client, useMirror, useConnection)
connect()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
