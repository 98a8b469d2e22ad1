import { createSpotlight } from '@mantine/spotlight'
import { create } from 'zustand'

/** A load that is chosen but not begun: the memory bars show ≈ what it would take. */
export type PlannedLoad = { readonly model: string; readonly bytes: number }

type View = {
  readonly plannedLoad: PlannedLoad | null
  readonly addingFolder: boolean
  readonly keysOpen: boolean
}

/** What concerns only this window and only now. */
export const useView = create<View>(() => ({ plannedLoad: null, addingFolder: false, keysOpen: false }))

export const planLoad = (plannedLoad: PlannedLoad | null): void => useView.setState({ plannedLoad })
export const openAddFolder = (): void => useView.setState({ addingFolder: true })
export const closeAddFolder = (): void => useView.setState({ addingFolder: false })
export const openKeys = (): void => useView.setState({ keysOpen: true })
export const closeKeys = (): void => useView.setState({ keysOpen: false })

/** The command palette: its store, and how to open it. */
export const [paletteStore, palette] = createSpotlight()
