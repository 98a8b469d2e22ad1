import { Button, VisuallyHidden } from '@mantine/core'
import type { FastestModel } from '../../../../shared/contract/benchmarkAnswers.ts'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { formatParameters, formatTokens, unknown } from '../../../lib/format.ts'
import { openModelDialog } from '../../../lib/modelDialogs.ts'
import { optionWords } from '../../../lib/optionWords.ts'
import { useModel } from '../../../lib/store.ts'
import classes from './fastest.module.css'
import { depthRemark, memoryText, type Question } from './fastestQuestion.ts'

type FastestTableProps = {
  readonly models: readonly FastestModel[]
  readonly question: Question
  readonly onOpenRun: (benchmark: string) => void
}

/** Fastest first; the bar shows how far behind the rest is. */
export function FastestTable({ models, question, onOpenRun }: FastestTableProps) {
  const fastest = Math.max(...models.map(({ tokensPerSecond }) => tokensPerSecond), Number.MIN_VALUE)
  const recommended = models.find(({ available }) => available)
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col" className={classes.number}>
            Rank
          </th>
          <th scope="col">Model</th>
          <th scope="col">Speed</th>
          <th scope="col" className={classes.number} title="At the context asked for">
            Memory
          </th>
          <th scope="col">Quantisation</th>
          <th scope="col">
            <VisuallyHidden>Actions</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {models.map((each, index) => (
          <FastestRow
            key={`${each.model} ${each.benchmark} ${each.position}`}
            each={each}
            rank={index + 1}
            part={each.tokensPerSecond / fastest}
            isFirst={each === recommended}
            question={question}
            onOpenRun={onOpenRun}
          />
        ))}
      </tbody>
    </table>
  )
}

type FastestRowProps = Omit<FastestTableProps, 'models'> & {
  readonly each: FastestModel
  readonly rank: number
  /** of the fastest, 0–1 */
  readonly part: number
  /** the one that is recommended */
  readonly isFirst: boolean
}

function FastestRow({ each, rank, part, isFirst, question, onOpenRun }: FastestRowProps) {
  const model = useModel(each.model)
  const remark = depthRemark(each, question)
  const loadable = each.available && model?.verbs.load === true && model.state !== 'loaded' ? model.model : null
  return (
    <tr>
      <td className={classes.number}>{rank}</td>
      <td className={classes.model}>
        <div className={classes.name} title={each.model}>
          {model?.name ?? each.model}
        </div>
        <div className={classes.small}>
          {[
            model === null || !each.available ? 'no longer here' : each.model.split('/')[0],
            ...(model?.state === 'loaded' ? ['loaded now'] : []),
            ...optionWords(each.options),
          ].join(' · ')}
        </div>
      </td>
      <td className={classes.speed}>
        <div className={classes.figure}>{formatMeasured(each.tokensPerSecond, 'tokens/s')}</div>
        <div className={classes.track} aria-hidden>
          <span style={{ width: `${part * 100}%` }} />
        </div>
        <div className={classes.small}>
          {remark ??
            `measured with ${each.measuredDepth === 0 ? 'an empty context' : `${formatTokens(each.measuredDepth)} in it`}`}
        </div>
      </td>
      <td className={classes.number}>
        <div>{memoryText(each)}</div>
        <div className={classes.small}>{each.memorySource}</div>
      </td>
      <td>
        <div>{each.quantization ?? <span title="Its provider does not tell.">{unknown}</span>}</div>
        <div className={classes.small}>{each.parameterCount === null ? '' : formatParameters(each.parameterCount)}</div>
      </td>
      <td className={classes.actions}>
        {loadable !== null && (
          <Button
            size="compact-xs"
            variant={isFirst ? 'filled' : 'default'}
            title={optionWords(each.options).join(', ') || 'Without options of its own'}
            onClick={() => openModelDialog({ dialog: 'load', model: loadable, options: each.options })}
          >
            Load with these options…
          </Button>
        )}
        <Button size="compact-xs" variant="default" onClick={() => onOpenRun(each.benchmark)}>
          Open run
        </Button>
      </td>
    </tr>
  )
}
