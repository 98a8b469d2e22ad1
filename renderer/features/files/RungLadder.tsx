import { Loader, Progress } from '@mantine/core'
import { Circle } from 'lucide-react'
import { formatCount } from '../../lib/format.ts'
import type { RungResult } from '../../lib/validations.ts'
import classes from './files.module.css'
import { outcomeLooks } from './looks.ts'
import { ladderOf, type RungState, rungLine, rungWords } from './reportView.ts'

type RungLadderProps = {
  readonly rungs: readonly RungResult[]
  /** of a folder of many models */
  readonly progress: { readonly done: number; readonly total: number | null } | null
}

const stateWords: Record<RungState, string> = { ended: 'done', running: 'looking…', waiting: 'waits' }

/** The rungs of the ladder, each with what was found on it as soon as it ends. */
export function RungLadder({ rungs, progress }: RungLadderProps) {
  if (progress !== null) return <FolderProgress {...progress} />
  return (
    <ol className={classes.ladder} aria-label="Being looked into" aria-live="polite">
      {ladderOf(rungs).map(({ rung, state, checks, worst }) => {
        const { Icon, tone } = outcomeLooks[worst]
        return (
          <li key={rung} className={classes.rung} data-state={state}>
            <span className={classes.rungSign}>
              {state === 'ended' ? (
                <Icon size={16} color={tone} aria-hidden />
              ) : state === 'running' ? (
                <Loader size={14} aria-hidden />
              ) : (
                <Circle size={14} aria-hidden />
              )}
            </span>
            <span>
              {rungWords[rung]}
              <span className={classes.rungLine}>
                {state === 'ended' ? (rungLine(checks) ?? stateWords.ended) : stateWords[state]}
              </span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}

/** A folder that is no model itself: what is in it is looked into, file by file. */
function FolderProgress({ done, total }: NonNullable<RungLadderProps['progress']>) {
  const text = total === null ? `${formatCount(done)} files` : `${formatCount(done)} of ${formatCount(total)} files`
  return (
    <div className={classes.folderProgress} role="status">
      <Progress
        size={6}
        value={total === null ? 100 : total === 0 ? 100 : (done / total) * 100}
        animated={total === null}
        aria-label="Validating the files of this folder"
      />
      {text}
    </div>
  )
}
