import type { FileSource } from '../formats/byteSource.ts'
import type { FolderSource } from '../formats/folderSource.ts'

/** The files of one model, each opened once, when it is first asked for. */
export const createOpenFiles = (own: FileSource | null, folder: FolderSource) => {
  const opened = new Map<string, Promise<FileSource>>()
  return {
    /** @param name within the folder; null: the file itself, which is null for a folder */
    get: async (name: string | null): Promise<FileSource | null> => {
      if (name === null) return own
      const file = opened.get(name) ?? folder.open(name)
      opened.set(name, file)
      return await file
    },
    /** Closes one of a folder's files: there may be more of them than a process may hold open. */
    release: async (name: string | null): Promise<void> => {
      const file = name === null ? undefined : opened.get(name)
      if (name === null || file === undefined) return
      opened.delete(name)
      await (await file).close()
    },
    close: async (): Promise<void> => {
      for (const file of opened.values()) await file.then(({ close }) => close()).catch(() => {}) // never opened
      await own?.close()
    },
  }
}

export type OpenFiles = ReturnType<typeof createOpenFiles>
