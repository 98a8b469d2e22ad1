import { createChildProcesses, pathFolders } from '../lib/childProcess.ts'
import { createHardwareService } from './hardwareService.ts'
import { readMachine } from './machine.ts'

/**
 * `node electron/hardware/print.ts [SECONDS]`: what Berth sees on this machine, as JSON on stdout: the hardware, then a
 * line of readings a second (5 without a number), then what watching cost. For checking a machine that has no test.
 */
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
const toStderr = (fields: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)

const service = createHardwareService({
  platform: process.platform,
  root: '/',
  now: Date.now,
  processes: createChildProcesses(process.env),
  commandFolders: pathFolders(process.env),
  ownPids: () => [{ pid: process.pid }],
  readMachine,
  log: { debug: toStderr, info: toStderr, warn: toStderr, error: toStderr },
})

let left = Number(process.argv[2] ?? 5)
const startedAt = performance.now()
say({ detected: await service.detect(), elapsedMs: Math.round(performance.now() - startedAt) })
const before = process.cpuUsage()
const samplingAt = performance.now()
service.onReadings((readings) => {
  say({ at: Date.now(), readings })
  left -= 1
  if (left > 0) return
  const used = process.cpuUsage(before)
  const share = (used.user + used.system) / 1000 / (performance.now() - samplingAt)
  say({ hardware: service.hardware().sources, coreShare: Number(share.toFixed(4)) })
  void service.close()
})
service.start()
