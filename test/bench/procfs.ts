import { readdirSync, readFileSync } from 'node:fs'

/** Only Linux tells these. */
export const hasProcfs = process.platform === 'linux'
export const noProcfs = { absent: 'only Linux tells this of a process' } as const

const kilobytes = (text: string, name: string): number => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  if (found === undefined) throw new Error(`there is no ${name}`)
  return Number(found) * 1024
}

/** Memory of a process in bytes; what it shares with others counts for its part. */
export const pssBytes = (pid: number): number => kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')

/** Memory in bytes that nobody else has and that is not a file's. */
export const anonymousBytes = (pid: number): number =>
  kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss_Anon')

/**
 * Memory of the machine in bytes that processes hold and that is not a file's. Not MemAvailable: where the machine is
 * virtual, its host takes back at once what was freed, and nothing would seem to be.
 */
export const anonymousBytesOfAll = (): number => kilobytes(readFileSync('/proc/meminfo', 'utf8'), 'AnonPages')

/** The fields behind the name, which may hold anything: state, ppid, … (proc_pid_stat(5) from field 3). */
const statOf = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A process and all its descendants. */
export const processTree = (root: number): number[] => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(Number(name), Number(statOf(Number(name))[1]))
    } catch {
      // it ended while we looked
    }
  }
  const tree = [root]
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child)
  return tree
}

/** Seconds of one core a process has used, ended children that it waited for included; USER_HZ is 100 on every Linux. */
export const cpuSeconds = (pid: number): number => {
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = statOf(pid).slice(11, 15).map(Number)
  return (user + system + childUser + childSystem) / 100
}
