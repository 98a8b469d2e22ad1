import type { Secrets } from '../../shared/contract/secrets.ts'
import { storeLabel } from './keyStore.ts'

export interface SecretsFacts {
  readonly protection: Secrets['protection']
  /** of the store in use */
  readonly backend: string | null
  /** keys that wait for a passphrase */
  readonly locked: number
  /** why keys cannot be kept */
  readonly reason: string
  /** a passphrase came with the start and was the wrong one */
  readonly wrongAtStart: boolean
}

const keys = (count: number): string => (count === 1 ? '1 stored key is' : `${count} stored keys are`)

/** What the protection means, and what would be better. */
export const describeSecrets = ({ protection, backend, locked, reason, wrongAtStart }: SecretsFacts): string => {
  const waiting = `${keys(locked)} locked until you give the passphrase they were stored under.`
  const wrong = wrongAtStart ? 'The passphrase that Berth was started with is another one. ' : ''
  switch (protection) {
    case 'os':
      return `Keys are stored encrypted by ${storeLabel(backend ?? '')}.${locked > 0 ? ` ${waiting}` : ''}`
    case 'passphrase':
      return 'Keys are stored encrypted under your passphrase. Berth needs it again after each start: here, or in the environment variable BERTH_KEYS_PASSPHRASE.'
    case 'locked':
      return `${wrong}${waiting} Until then their providers are asked without a key, and no other key can be stored.`
    case 'memory':
      return `Keys are kept until Berth ends and then gone: ${reason}`
  }
}

/** Why keys are kept in memory alone, and what would be better. */
export const memoryReason = (facts: {
  /** why the file cannot be used */
  readonly unusable: string | null
  /** the name of a store that is there and not used */
  readonly store: string | null
  readonly fault: string | null
}): string => {
  const { unusable, store, fault } = facts
  if (unusable !== null) return `${unusable} Correct that and start Berth again.`
  const better = 'Give a passphrase, and they are stored encrypted under it'
  if (store === null) return `without a window Berth uses no key store of the system. ${better}.`
  const keyring = 'or set up a keyring (GNOME Keyring, KWallet) and start Berth again.'
  return fault === null
    ? `the key store of this system (${storeLabel(store)}) does not protect them. ${better}, ${keyring}`
    : `${storeLabel(store)} does not work: ${fault}. ${better}, ${keyring}`
}

export const lostReasons = {
  unreadable: 'What was stored of this key is damaged. Enter the key again.',
  undecryptable: (backend: string) =>
    `${storeLabel(backend)} could not decrypt this key. Unlock it and start Berth again, or enter the key again.`,
  changed: (before: string, now: string | null) =>
    now === null
      ? `This key was stored by ${storeLabel(before)}, which cannot be used here. Enter the key again, or use Berth where it was entered.`
      : `This key was stored by ${storeLabel(before)}, and this system now offers ${storeLabel(now)}. Enter the key again.`,
  withoutLock: 'What is needed to check the passphrase of this key is damaged. Enter the key again.',
}
