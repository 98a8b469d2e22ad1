/** A host that loads and unloads one model: `node --expose-gc unloadRounds.ts PATH ROUNDS THREADS` answers as JSON. */
import { openEngines } from './engineHost.ts'
import { isAlive } from './measure.ts'
import { hasProcfs, pssBytes } from './procfs.ts'

const [path = '', rounds = '', threads = ''] = process.argv.slice(2)
const engines = openEngines(Number(threads))
const pids: number[] = []
const hostBytes: number[] = []
for (let round = 0; round < Number(rounds); round++) {
  const { pid } = await engines.load(path)
  if (pid !== null) pids.push(pid)
  await engines.unload(path)
  globalThis.gc?.()
  hostBytes.push(hasProcfs ? pssBytes(process.pid) : process.memoryUsage.rss())
}
const left = pids.filter(isAlive)
await engines.close()
process.stdout.write(JSON.stringify({ engines: pids.length, left: left.length, hostBytes }))
