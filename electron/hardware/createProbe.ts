import { createDarwinProbe } from './probe.darwin.ts'
import { createLinuxProbe } from './probe.linux.ts'
import type { Probe, ProbeDeps } from './probe.ts'
import { createWindowsProbe } from './probe.windows.ts'

/** How this operating system tells about itself; an unknown one is treated as Linux, where what is missing is absent. */
export function createProbe(deps: ProbeDeps): Probe {
  switch (deps.platform) {
    case 'darwin':
      return createDarwinProbe(deps)
    case 'win32':
      return createWindowsProbe(deps)
    default:
      return createLinuxProbe(deps)
  }
}
