import { Text } from '@mantine/core'
import type { Secrets } from '../../../shared/contract/secrets.ts'
import { Badge, type Tone } from '../../components/StateBadge.tsx'
import { UnlockKeys } from '../../components/UnlockKeys.tsx'
import { useSecrets } from '../../lib/store.ts'
import classes from './SettingsPage.module.css'

const words: Record<Secrets['protection'], { tone: Tone; word: string }> = {
  os: { tone: 'loaded', word: 'in the key store of the operating system' },
  passphrase: { tone: 'loaded', word: 'encrypted under your passphrase' },
  memory: { tone: 'stale', word: 'only in memory' },
  locked: { tone: 'failed', word: 'locked' },
}

/** How keys of providers are kept here, and the passphrase where one is needed or would be better. */
export function KeySettings() {
  const secrets = useSecrets()
  if (secrets === null) return null
  return (
    <>
      <div className={classes.keyState}>
        <Badge {...words[secrets.protection]} />
        {secrets.backend !== null && <code>{secrets.backend}</code>}
      </div>
      <Text c="dimmed" mb={8}>
        {secrets.text}
      </Text>
      <UnlockKeys />
    </>
  )
}
