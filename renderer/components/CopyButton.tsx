import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Check, Copy } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './CopyButton.module.css'

type CopyProps = {
  readonly text: string
  /** what is copied: `model name` */
  readonly what: string
}

function CopyIcon({ text, what }: CopyProps) {
  const clipboard = useClipboard({ timeout: 1500 })
  const label = clipboard.copied ? 'Copied' : `Copy ${what}`
  return (
    <Tooltip label={label}>
      <ActionIcon size={22} aria-label={label} onClick={() => clipboard.copy(text)}>
        {clipboard.copied ? <Check size={14} /> : <Copy size={14} />}
      </ActionIcon>
    </Tooltip>
  )
}

export function CopyButton({ text, what }: CopyProps) {
  const clipboard = useClipboard({ timeout: 1500 })
  return (
    <Button
      size="compact-xs"
      flex="none"
      variant="subtle"
      color="gray"
      leftSection={clipboard.copied ? <Check size={14} /> : <Copy size={14} />}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? 'Copied' : `Copy ${what}`}
    </Button>
  )
}

/** A value that can be selected, with a copy icon that shows when it is hovered or reached by keyboard. */
export function Copyable({ text, what, children }: CopyProps & { readonly children?: ReactNode }) {
  return (
    <span className={classes.copyable}>
      <span className={classes.value}>{children ?? text}</span>
      <span className={classes.icon}>
        <CopyIcon text={text} what={what} />
      </span>
    </span>
  )
}
