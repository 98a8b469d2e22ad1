import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './sysfs.ts'

interface ProcessTicks {
  readonly pid: number
  readonly parent: number
  /** user and system time with that of children that have ended, in the ticks of `/proc/stat` */
  readonly ticks: number
}

/** `/proc/<pid>/stat`: the name in brackets may hold anything, so fields count from the last bracket. */
export function parseProcessStat(text: string): ProcessTicks | null {
  const pid = /^\d+/.exec(text)?.[0]
  // state, parent, … utime, stime, cutime and cstime are the 14th to 17th field of the line
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const parent = Number(fields[1])
  const times = fields.slice(11, 15).map(Number)
  const ticks = times.reduce((sum, time) => sum + time, 0)
  if (pid === undefined || times.length < 4 || !Number.isFinite(parent + ticks)) return null
  return { pid: Number(pid), parent, ticks }
}

/** What these processes and all their descendants have worked so far. */
export function ticksOfTree(all: readonly ProcessTicks[], roots: readonly number[]): number {
  const children = Map.groupBy(all, ({ parent }) => parent)
  const counted = new Set<number>()
  const waiting = all.filter(({ pid }) => roots.includes(pid))
  let ticks = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (counted.has(next.pid)) continue
    counted.add(next.pid)
    ticks += next.ticks
    waiting.push(...(children.get(next.pid) ?? []))
  }
  return ticks
}

/** null: /proc tells nothing. A machine has some hundreds of processes: about ten milliseconds, none of them on this thread. */
export async function readTreeTicks(root: string, pids: readonly number[]): Promise<number | null> {
  const folder = join(root, 'proc')
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name))
  const texts = await Promise.all(names.map((name) => readText(join(folder, name, 'stat'))))
  const all = texts.flatMap((text) => parseProcessStat(text ?? '') ?? [])
  return all.length === 0 ? null : ticksOfTree(all, pids)
}
