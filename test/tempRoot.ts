import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a run writes into the system's temporary folder lies in one folder of its own, and goes with it. */
export default function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), 'berth-tests-'))
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = root
  return () => rmSync(root, { recursive: true, force: true, maxRetries: 3 })
}
