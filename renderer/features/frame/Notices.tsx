import { CloseButton } from '@mantine/core'
import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import type { Notice } from '../../../shared/contract/system.ts'
import { dismissNotice } from '../../lib/actions.ts'
import { useSystem } from '../../lib/store.ts'
import classes from './Frame.module.css'

const looks = {
  info: { Icon: Info, tone: 'var(--berth-loading)' },
  warning: { Icon: TriangleAlert, tone: 'var(--berth-stale)' },
  error: { Icon: CircleAlert, tone: 'var(--berth-failed)' },
} as const satisfies Record<Notice['level'], unknown>

/** What the person should know that no page asked for, until they dismiss it. */
export function Notices() {
  const notices = useSystem()?.notices ?? []
  return notices.map(({ id, level, title, text }) => {
    const { Icon, tone } = looks[level]
    return (
      <div
        key={id}
        className={classes.banner}
        style={{ '--tone': tone } as React.CSSProperties}
        role={level === 'error' ? 'alert' : 'status'}
      >
        <Icon size={16} className={classes.bannerIcon} aria-hidden />
        <span className={classes.bannerText}>
          <b>{title}</b> {text}
        </span>
        <CloseButton size="sm" aria-label={`Dismiss: ${title}`} onClick={() => void dismissNotice(id)} />
      </div>
    )
  })
}
