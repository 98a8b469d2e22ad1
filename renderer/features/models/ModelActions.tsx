import { Button, type ButtonProps } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Model } from '../../../shared/contract/models.ts'
import { unloadModel } from '../../lib/actions.ts'
import { openModelDialog } from '../../lib/modelDialogs.ts'
import { planLoad, useView } from '../../lib/view.ts'
import { startLoad } from './loadRefusals.ts'
import { answersNow, modelVerbs } from './modelVerbs.ts'

type ModelActionsProps = {
  readonly model: Model
  readonly size: NonNullable<ButtonProps['size']>
  readonly primary?: NonNullable<ButtonProps['variant']>
}

/** The one thing to do with a model now: Load, Cancel, Unload or Try. */
export function PrimaryAction({ model, size, primary = 'filled' }: ModelActionsProps) {
  const verbs = modelVerbs(model)
  const unload = () => void unloadModel(model.model)
  if (verbs.load) return <LoadButton model={model} size={size} variant={primary} />
  if (verbs.cancel)
    return (
      <Button size={size} variant="default" onClick={unload}>
        Cancel
      </Button>
    )
  if (verbs.unload)
    return (
      <Button size={size} variant="default" onClick={unload}>
        Unload
      </Button>
    )
  // nothing to load: what is left to do is to ask it something
  if ((model.verbs.chat || model.verbs.embed) && model.state === 'available' && answersNow(model))
    return (
      <Button size={size} variant={primary} onClick={() => openModelDialog({ dialog: 'try', model: model.model })}>
        Try
      </Button>
    )
  return null
}

type LoadButtonProps = { readonly model: Model } & Pick<ButtonProps, 'size' | 'variant'>

/** While it is pointed at, the memory bars show ≈ what the load would take. */
function LoadButton({ model, size = 'xs', variant = 'filled' }: LoadButtonProps) {
  const planned = useRef(false)
  const plan = () => {
    if (model.estimatedBytes === null || planned.current) return
    planned.current = true
    planLoad({ model: model.model, bytes: model.estimatedBytes })
  }
  const forget = () => {
    if (planned.current && useView.getState().plannedLoad?.model === model.model) planLoad(null)
    planned.current = false
  }
  const forgetLast = useRef(forget)
  forgetLast.current = forget
  useEffect(() => () => forgetLast.current(), []) // a button that goes away under the pointer never hears it leave
  return (
    <Button
      size={size}
      variant={variant}
      onPointerEnter={plan}
      onPointerLeave={forget}
      onFocus={plan}
      onBlur={forget}
      onClick={() => {
        forget()
        void startLoad(model)
      }}
    >
      Load
    </Button>
  )
}
