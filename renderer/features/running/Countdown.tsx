import type { Instance } from '../../../shared/contract/models.ts'
import { formatMoment, formatRelative, unknown } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { countdown } from './instanceRows.ts'

export function Countdown({ expiresAt }: Pick<Instance, 'expiresAt'>) {
  const now = useNow()
  if (expiresAt === null) return <span title="The provider does not tell, or it has no end.">{unknown}</span>
  const exact = expiresAt === 'never' ? 'It stays until it is unloaded.' : `At ${formatMoment(expiresAt, now)}.`
  return <span title={exact}>{countdown(expiresAt, now)}</span>
}

export function Since({ loadedAt }: Pick<Instance, 'loadedAt'>) {
  const now = useNow()
  if (loadedAt === null) return <span title="It is not loaded, or it was not loaded by Berth.">{unknown}</span>
  return <span title={`Loaded at ${formatMoment(loadedAt, now)}.`}>{formatRelative(loadedAt, now)}</span>
}
