import { Button, Skeleton } from '@mantine/core'
import { CircleHelp } from 'lucide-react'
import { Fragment, useMemo } from 'react'
import type { Model } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { DetailsPanel } from '../../components/DetailsPanel.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import sheet from '../../components/sheet.module.css'
import { checkProvider } from '../../lib/actions.ts'
import { canBenchmark, openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import type { Failure } from '../../lib/failure.ts'
import { estimated, formatMemory, formatSpeed } from '../../lib/format.ts'
import { failureOfState } from '../../lib/jobs.ts'
import { openModelDialog } from '../../lib/modelDialogs.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { useInstancesOf, useJobs, useModel, useProvider, useResources } from '../../lib/store.ts'
import { validateFile } from '../../lib/validations.ts'
import { AdapterSection } from './AdapterSection.tsx'
import { Capabilities, capabilitiesOf } from './Capabilities.tsx'
import { FactSections } from './FactSections.tsx'
import { FitCell } from './FitCell.tsx'
import { fitModel } from './fitModel.ts'
import { InstanceLines } from './InstanceLines.tsx'
import { refusalOf, startLoad, useRefusals } from './loadRefusals.ts'
import { PrimaryAction } from './ModelActions.tsx'
import { ModelStateBadge } from './ModelStateBadge.tsx'
import classes from './models.module.css'
import { answersNow, missingVerbs, modelVerbs, whyNotLoadable } from './modelVerbs.ts'
import { PlaceLines } from './PlaceLines.tsx'
import { priceText } from './priceText.ts'
import { SpeedSection } from './SpeedSection.tsx'
import { useModelDetails } from './useModelDetails.ts'

type PanelProps = {
  readonly id: string
  readonly onClose: () => void
}

export function ModelDetailsPanel({ id, onClose }: PanelProps) {
  const model = useModel(id)
  if (model === null)
    return (
      <DetailsPanel label="Model details" title={id} onClose={onClose}>
        <EmptyView
          icon={<CircleHelp />}
          title="There is no model of this name"
          text="It was removed, or its provider no longer has it."
          actions={<Button onClick={onClose}>Show all models</Button>}
        />
      </DetailsPanel>
    )
  const { path } = model
  return (
    <DetailsPanel
      label="Model details"
      title={
        <Copyable text={model.model} what="model name">
          {model.name}
        </Copyable>
      }
      onClose={onClose}
      actions={
        <>
          <PrimaryAction model={model} size="xs" />
          {modelVerbs(model).load && (
            <Button variant="default" onClick={() => openModelDialog({ dialog: 'load', model: model.model })}>
              Load with…
            </Button>
          )}
          {(model.verbs.chat || model.verbs.embed) && model.state === 'loaded' && answersNow(model) && (
            <Button variant="default" onClick={() => openModelDialog({ dialog: 'try', model: model.model })}>
              Try
            </Button>
          )}
          {canBenchmark(model) && (
            <Button variant="default" onClick={() => openNewBenchmark(model.model)}>
              Benchmark…
            </Button>
          )}
          {path !== null && (
            <Button variant="default" onClick={() => validateFile(path)}>
              Validate
            </Button>
          )}
        </>
      }
    >
      <Summary model={model} />
      <SpeedSection model={model.model} />
      <PlaceLines model={model} />
      {model.verbs.adapters && answersNow(model) && <AdapterSection key={model.state} model={model} />}
      <Facts model={model} />
    </DetailsPanel>
  )
}

/** What the last failed load said, whole; the model itself keeps only the sentence. */
const useFailure = (model: Model): { readonly title: string; readonly failure: Failure } | null => {
  const jobs = useJobs()
  const refusals = useRefusals((state) => state.refusals)
  return useMemo(() => {
    const refusal = refusalOf(refusals, model)
    if (refusal !== null) return { title: 'It was not loaded', failure: refusal }
    return failureOfState(model, jobs)
  }, [jobs, refusals, model])
}

function Summary({ model }: { readonly model: Model }) {
  const provider = useProvider(model.provider)
  const resources = useResources()
  const instances = useInstancesOf(model.model)
  const failed = useFailure(model)
  const why = whyNotLoadable(model, provider)
  const fit = fitModel(model, resources, provider ?? undefined)
  return (
    <div className={sheet.section}>
      <dl className={sheet.facts}>
        <dt>State</dt>
        <dd>
          <ModelStateBadge model={model} />
        </dd>
        <dt>Model</dt>
        <dd>
          <Copyable text={model.model} what="model name" />
        </dd>
        <dt>Role</dt>
        <dd>{roleWord(model.role)}</dd>
        {capabilitiesOf(model).length > 0 && (
          <>
            <dt>Can</dt>
            <dd>
              <Capabilities model={model} most={12} />
            </dd>
          </>
        )}
        {model.price !== null && (
          <>
            <dt>Price</dt>
            <dd>
              {priceText(model.price)}
              {!model.price.free && <span className={classes.dim}> for a million tokens in / out</span>}
            </dd>
          </>
        )}
        {model.verbs.load && (
          <>
            <dt>Needs</dt>
            <dd>
              {estimated(formatMemory(model.estimatedBytes))}
              {model.estimatedBytes !== null && <span className={classes.dim}> with the default options</span>}
            </dd>
            <dt>Fits</dt>
            <dd>{fit.fit === 'unknown' ? <span className={classes.dim}>{fit.why}</span> : <FitCell fit={fit} />}</dd>
          </>
        )}
        {model.tokensPerSecond !== null && (
          <>
            <dt>Last speed</dt>
            <dd>
              {formatSpeed(model.tokensPerSecond)} <span className={classes.dim}>of an answer or a benchmark</span>
            </dd>
          </>
        )}
      </dl>
      {why !== null && <p className={classes.note}>{why}</p>}
      {model.stale && <Stale model={model} provider={provider} />}
      {failed !== null && (
        <div className={classes.failure}>
          <ErrorView
            title={failed.title}
            failure={failed.failure}
            action={
              <Button size="compact-xs" variant="default" onClick={() => void startLoad(model)}>
                Load again
              </Button>
            }
          />
        </div>
      )}
      <InstanceLines instances={instances} />
      <Missing model={model} />
    </div>
  )
}

/** Actions that are not offered; the reason of each is there for who asks. */
function Missing({ model }: { readonly model: Model }) {
  const missing = missingVerbs(model, useProvider(model.provider))
  if (missing.length === 0) return null
  return (
    <details className={classes.note}>
      <summary>Not possible here: {missing.map(({ word }) => word.toLowerCase()).join(', ')}</summary>
      <dl className={sheet.facts}>
        {missing.map(({ word, why }) => (
          <Fragment key={word}>
            <dt>{word}</dt>
            <dd>{why}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  )
}

/** What is shown is old; why, and when its provider is asked again. */
function Stale({ model, provider }: { readonly model: Model; readonly provider: Provider | null }) {
  const now = useNow()
  const failure = provider === null ? null : providerWords(provider, now).failure
  return (
    <>
      <p className={classes.note} data-stale>
        This is what {provider?.name ?? model.provider} last said; it does not answer now.
      </p>
      {failure !== null && (
        <div className={classes.failure}>
          <ErrorView
            failure={failure}
            action={
              <Button size="compact-xs" variant="default" onClick={() => void checkProvider(model.provider)}>
                Check again
              </Button>
            }
          />
        </div>
      )}
    </>
  )
}

function Facts({ model }: { readonly model: Model }) {
  const { answer, again } = useModelDetails(model)
  if (answer.state === 'loading')
    return (
      <div role="status" aria-label="Reading the details">
        {[72, 56, 88, 64, 80, 48].map((width) => (
          <div key={width} className={classes.skeletonLine}>
            <Skeleton height={12} width={`${width}%`} />
          </div>
        ))}
      </div>
    )
  if (answer.state === 'failed')
    return (
      <div className={sheet.section}>
        <ErrorView
          title="The details could not be read"
          failure={answer.failure}
          action={
            <Button size="compact-xs" variant="default" onClick={again}>
              Try again
            </Button>
          }
        />
      </div>
    )
  return <FactSections details={answer.details} />
}
