import { benchmarks } from './benchmarkRoutes.ts'
import { files } from './files.ts'
import { folders } from './folders.ts'
import { hardware } from './hardware.ts'
import { jobs } from './jobs.ts'
import { models } from './modelRoutes.ts'
import { providers } from './providers.ts'
import { samples } from './samples.ts'
import { secrets } from './secrets.ts'
import { settings } from './settings.ts'
import { system } from './system.ts'

/** Everything a window, a browser or a script can ask of Berth. Served over MessagePort, WebSocket and REST alike. */
export const contract = {
  models,
  providers,
  folders,
  files,
  jobs,
  hardware,
  samples,
  secrets,
  settings,
  system,
  benchmarks,
}
export type Contract = typeof contract
