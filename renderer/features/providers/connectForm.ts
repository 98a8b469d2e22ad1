import type { Provider } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import type { ConnectedKind } from '../../lib/providers.ts'
import type { ConnectWish } from '../../lib/view.ts'

/** What a person has typed. The key leaves the window with Test and Connect and never comes back. */
export interface ConnectForm {
  readonly kind: ConnectedKind
  readonly name: string
  readonly address: string
  readonly key: string
  readonly hidePaid: boolean
}

export const kindsToConnect = (Object.keys(providerKinds) as ConnectedKind[]).map((kind) => ({
  value: kind,
  label: providerKinds[kind].label,
}))

const usualAddress = (kind: ConnectedKind): string => providerKinds[kind].address ?? ''

/** `provider` is the one that is edited; null for a new one. */
export const formFor = (wish: ConnectWish, provider: Provider | null): ConnectForm | null => {
  if (wish.edits === null)
    return {
      kind: wish.kind,
      name: '',
      address: wish.address ?? usualAddress(wish.kind),
      key: '',
      hidePaid: false,
    }
  if (provider === null || provider.kind === 'embedded') return null
  const { kind, name, address, hidePaid } = provider
  return { kind, name, address: address ?? '', key: '', hidePaid: hidePaid ?? false }
}

/** The usual address of the new kind takes the place of one that nobody typed. */
export const withKind = (form: ConnectForm, kind: ConnectedKind): ConnectForm => ({
  ...form,
  kind,
  address: form.address.trim() === usualAddress(form.kind) ? usualAddress(kind) : form.address,
})

/** Scheme, host and port; no scheme means http. Null while it is no address yet. */
const originOf = (typed: string): string | null => {
  const text = typed.trim()
  return URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`)?.origin ?? null
}

/** A key belongs to one origin: saved like this, the one that is stored goes. */
export const dropsKey = ({ address, key }: ConnectForm, before: Provider): boolean =>
  before.key.state !== 'none' && key === '' && originOf(address) !== originOf(before.address ?? '')

/** That the key would be sent where everybody on the way can read it. */
export const sendsKeyOpenly = ({ address, key }: ConnectForm): boolean => {
  const url = URL.parse(originOf(address) ?? '')
  if (key === '' || url === null || url.protocol !== 'http:') return false
  return !/^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
}

const typedKey = ({ key }: ConnectForm) => (key.trim() === '' ? {} : { key: key.trim() })
const hidesPaid = ({ kind, hidePaid }: ConnectForm) => (providerKinds[kind].remote ? { hidePaid } : {})

export const addInput = (form: ConnectForm) => ({
  kind: form.kind,
  address: form.address.trim(),
  ...(form.name.trim() === '' ? {} : { name: form.name.trim() }),
  ...typedKey(form),
  ...hidesPaid(form),
})

/** Only what is not as it was. */
export const changeInput = (form: ConnectForm, before: Provider) => {
  const name = form.name.trim()
  const address = form.address.trim()
  return {
    ...(name === '' || name === before.name ? {} : { name }),
    ...(address === before.address ? {} : { address }),
    ...typedKey(form),
    ...(before.hidePaid === null || form.hidePaid === before.hidePaid ? {} : { hidePaid: form.hidePaid }),
  }
}

/** The stored key is tried with the address that it belongs to. */
export const testInput = (form: ConnectForm, before: Provider | null) => ({
  kind: form.kind,
  address: form.address.trim(),
  ...typedKey(form),
  ...(before === null ? {} : { provider: before.provider }),
})
