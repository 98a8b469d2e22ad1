import type { ModelState } from '../../shared/contract/models.ts'
import { formatPercent } from '../lib/format.ts'
import classes from './StateBadge.module.css'

export type Tone = 'loaded' | 'loading' | 'unloaded' | 'stale' | 'failed'

const toneOf: Record<ModelState, Tone> = {
  unloaded: 'unloaded',
  loading: 'loading',
  loaded: 'loaded',
  unloading: 'loading',
  failed: 'failed',
  available: 'loaded',
}

type StateBadgeProps = {
  readonly state: ModelState
  readonly stale?: boolean
  /** 0–1 while loading */
  readonly progress?: number | null
  readonly reason?: string | null
}

/** The state of a model as word and colour together. */
export function StateBadge({ state, stale = false, progress = null, reason = null }: StateBadgeProps) {
  const word = state === 'loading' && progress !== null ? `loading ${formatPercent(progress)}` : state
  return stale ? (
    <Badge tone="stale" word="stale" tip={reason ?? `Its provider does not answer; it was ${word} when it last did.`} />
  ) : (
    <Badge tone={toneOf[state]} word={word} tip={reason} />
  )
}

export function Badge({ tone, word, tip = null }: { tone: Tone; word: string; tip?: string | null }) {
  // no Tooltip: one in each of a thousand rows costs frames
  return (
    <span className={classes.badge} data-tone={tone} title={tip ?? undefined}>
      <span className={classes.dot} aria-hidden />
      {word}
    </span>
  )
}
