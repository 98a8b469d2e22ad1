import { z } from 'zod'
import { procedure } from './base.ts'
import { Job } from './jobs.ts'

/** A folder of the library. Berth only reads in it. */
export const Folder = z.object({
  path: z.string(),
  addedAt: z.number(),
  /** `missing`: its disk is not there now; what was found in it stays catalogued */
  state: z.enum(['ok', 'scanning', 'missing', 'unreadable']),
  reason: z.string().nullable(),
  lastScanAt: z.number().nullable(),
  artifacts: z.number(),
  sizeBytes: z.number(),
  /** false when the disk cannot be watched: changes show at the next scan */
  watched: z.boolean(),
})
export type Folder = z.infer<typeof Folder>

const FolderPath = z.strictObject({ path: z.string().min(1).max(4096) })

/** Where another program keeps models, on this machine and not in the library. */
export const FoundStore = z.object({ name: z.string(), path: z.string() })
export type FoundStore = z.infer<typeof FoundStore>

export const folders = {
  list: procedure({ method: 'GET', path: '/folders', summary: 'The folders of the library', access: 'user' }).output(
    z.object({ folders: z.array(Folder) }),
  ),
  found: procedure({
    method: 'GET',
    path: '/folders/found',
    summary: 'Stores of other programs that could be added',
    access: 'user',
  }).output(z.object({ stores: z.array(FoundStore) })),
  add: procedure(
    { method: 'POST', path: '/folders', summary: 'Add a folder (or the folder of a file) and scan it', access: 'user' },
    ['PATH_UNUSABLE', 'FOLDER_EXISTS'],
  )
    .input(FolderPath)
    .output(z.object({ folder: Folder, job: Job })),
  remove: procedure(
    { method: 'DELETE', path: '/folders', summary: 'Take a folder out of the library; its files stay', access: 'user' },
    ['FOLDER_NOT_FOUND'],
  )
    .input(FolderPath)
    .output(z.object({ folders: z.array(Folder) })),
  scan: procedure({ method: 'POST', path: '/folders/scan', summary: 'Scan one folder, or all', access: 'user' }, [
    'FOLDER_NOT_FOUND',
  ])
    .input(z.strictObject({ path: z.string().min(1).max(4096).optional() }))
    .output(z.object({ jobs: z.array(Job) })),
}
