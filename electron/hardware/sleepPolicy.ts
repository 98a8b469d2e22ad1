/**
 * Reading an NVIDIA GPU wakes it and keeps it awake (20 W of a laptop's battery), and it can only fall asleep while
 * nobody reads. So a GPU that can sleep and does nothing is left alone for a while, to see whether it does.
 *
 * read → rest (idle for 10 s) → asleep, or after 20 s → read: something else keeps it awake, it is not left alone again
 * any → asleep (the kernel says so) → read (something else woke it)
 */
export type SleepDecision = 'read' | 'rest' | 'asleep'

const idleBeforeRestMs = 10_000
const restMs = 20_000

export function createSleepPolicy(now: () => number) {
  let idleSince: number | null = null
  let restingSince: number | null = null
  let staysAwake = false

  return (gpus: { canSleep: boolean; asleep: boolean; idle: boolean }): SleepDecision => {
    if (!gpus.canSleep) return 'read'
    if (gpus.asleep) {
      idleSince = null
      restingSince = null
      staysAwake = false
      return 'asleep'
    }
    if (staysAwake) return 'read'
    if (restingSince !== null) {
      if (now() - restingSince < restMs) return 'rest'
      restingSince = null
      staysAwake = true
      return 'read'
    }
    idleSince = gpus.idle ? (idleSince ?? now()) : null
    if (idleSince === null || now() - idleSince < idleBeforeRestMs) return 'read'
    idleSince = null
    restingSince = now()
    return 'rest'
  }
}
