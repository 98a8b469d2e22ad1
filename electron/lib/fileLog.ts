import { existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import type { Log } from './log.ts'

const rotateAtBytes = 5 * 1024 * 1024

/** JSON lines in `berth.log`; at each start a full file becomes `berth.1.log`. Keys never reach it. */
export const openFileLog = (folder: string): Log & { close(): void } => {
  const file = join(folder, 'berth.log')
  if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, join(folder, 'berth.1.log'))
  const destination = pino.destination({ dest: file, sync: true, mode: 0o600 })
  const log = pino(
    {
      level: 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: ['token', '*.token', 'authorization', '*.authorization', 'key', '*.apiKey', 'messages', 'prompt'],
        remove: true,
      },
    },
    destination,
  )
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void =>
      log[level](fields, message)
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: () => destination.end(),
  }
}
