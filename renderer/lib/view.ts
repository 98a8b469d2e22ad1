import { createSpotlight } from '@mantine/spotlight'
import { create } from 'zustand'
import type { JobId } from '../../shared/contract/jobs.ts'
import type { ConnectedKind } from './providers.ts'

/** A load that is chosen but not begun: the memory bars show ≈ what it would take. */
export type PlannedLoad = { readonly model: string; readonly bytes: number }

/** What the dialog for a path is about: something typed, or folders that were dropped. */
export type PathWish = {
  readonly kind: 'file' | 'folder'
  /** known paths; empty: the person types one */
  readonly paths: readonly string[]
  /** what was dropped where a browser keeps the path to itself */
  readonly names: readonly string[]
}

/** What the dialog for connections is about: a new one, maybe with what was found filled in, or one that is there. */
export type ConnectWish =
  | { readonly edits: null; readonly kind: ConnectedKind; readonly address: string | null }
  | { readonly edits: string }

type View = {
  readonly plannedLoad: PlannedLoad | null
  readonly addingFolder: boolean
  readonly pathWish: PathWish | null
  /** the folder whose files the Files page shows; null: all */
  readonly filesFolder: string | null
  readonly connectWish: ConnectWish | null
  readonly keysOpen: boolean
  /** the job that an open dialog shows; `asked for` until main has named it */
  readonly jobHere: JobId | 'asked for' | null
}

/** What concerns only this window and only now. */
export const useView = create<View>(() => ({
  plannedLoad: null,
  addingFolder: false,
  pathWish: null,
  filesFolder: null,
  connectWish: null,
  keysOpen: false,
  jobHere: null,
}))

export const planLoad = (plannedLoad: PlannedLoad | null): void => useView.setState({ plannedLoad })
export const openAddFolder = (): void => useView.setState({ addingFolder: true })
export const closeAddFolder = (): void => useView.setState({ addingFolder: false })
export const askForPath = (kind: PathWish['kind']): void =>
  useView.setState({ pathWish: { kind, paths: [], names: [] } })
export const openPathWish = (pathWish: PathWish): void => useView.setState({ pathWish })
export const closePathWish = (): void => useView.setState({ pathWish: null })
export const showFilesOf = (filesFolder: string | null): void => useView.setState({ filesFolder })
export const openConnect = (kind: ConnectedKind = 'ollama', address: string | null = null): void =>
  useView.setState({ connectWish: { edits: null, kind, address } })
export const openEditProvider = (provider: string): void => useView.setState({ connectWish: { edits: provider } })
export const closeConnect = (): void => useView.setState({ connectWish: null })
export const openKeys = (): void => useView.setState({ keysOpen: true })
export const showJobHere = (jobHere: View['jobHere']): void => useView.setState({ jobHere })
export const closeKeys = (): void => useView.setState({ keysOpen: false })

/** The command palette: its store, and how to open it. */
export const [paletteStore, palette] = createSpotlight()
