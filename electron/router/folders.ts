import type { LibraryService } from '../files/libraryService.ts'
import { os } from './base.ts'

export const foldersRouter = (library: LibraryService) =>
  os.folders.router({
    list: os.folders.list.handler(() => ({ folders: library.list() })),
    found: os.folders.found.handler(async () => ({ stores: await library.found() })),
    add: os.folders.add.handler(({ input }) => library.add(input.path)),
    remove: os.folders.remove.handler(async ({ input }) => {
      await library.remove(input.path)
      return { folders: library.list() }
    }),
    scan: os.folders.scan.handler(({ input }) => ({ jobs: library.scan(input.path) })),
  })
