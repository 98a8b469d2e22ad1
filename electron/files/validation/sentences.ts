import type { Refresh } from './refreshFolder.ts'

const count = (value: number, one: string, many = `${one}s`) =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`

/** `begun`: of performance.now() */
export const progressText = (done: number, total: number, begun: number): string => {
  const seconds = (performance.now() - begun) / 1000
  const rate = seconds > 1 && done > 0 ? `, ${Math.round(done / seconds).toLocaleString('en')} files/s` : ''
  return `${done.toLocaleString('en')} of ${count(total, 'file')}${rate}`
}

/** What a look at a folder came to, in one sentence. */
export const describeRefresh = ({ found, validated, gone, sideFiles }: Refresh): string => {
  const parts = [
    count(found, 'file'),
    validated === 0 ? 'nothing changed' : `${validated.toLocaleString('en')} validated`,
    gone > 0 ? `${gone.toLocaleString('en')} gone` : null,
    sideFiles > 0 ? `${count(sideFiles, 'other file')} left out` : null,
  ]
  return `${parts.filter((part) => part !== null).join(', ')}.`
}
