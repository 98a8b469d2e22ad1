import { describe, expect, it } from 'vitest'
import { aProvider } from '../../lib/testMirror.ts'
import {
  addInput,
  type ConnectForm,
  changeInput,
  dropsKey,
  formFor,
  kindsToConnect,
  sendsKeyOpenly,
  testInput,
  withKind,
} from './connectForm.ts'

const fresh: ConnectForm = {
  kind: 'ollama',
  name: '',
  address: 'http://127.0.0.1:11434',
  key: '',
  hidePaid: false,
}
const withKey = aProvider('ollama', { name: 'Mine', key: { state: 'stored', protection: 'os' } })
const edited: ConnectForm = { ...fresh, name: 'Mine' }

describe('a new connection', () => {
  it('begins where its kind usually listens, or where it was found', () => {
    expect(formFor({ edits: null, kind: 'ollama', address: null }, null)).toEqual(fresh)
    expect(formFor({ edits: null, kind: 'vllm', address: 'http://box:1' }, null)?.address).toBe('http://box:1')
    expect(formFor({ edits: null, kind: 'openai', address: null }, null)?.address).toBe('')
  })
  it('offers every kind but the embedded engine', () => {
    expect(kindsToConnect.length).toBe(8)
    expect(kindsToConnect.map(({ label }) => label)).toContain('LM Studio')
  })
  it('follows another kind to its address, but keeps one that was typed', () => {
    expect(withKind(fresh, 'lmstudio').address).toBe('http://127.0.0.1:1234')
    expect(withKind({ ...fresh, address: 'http://box:9' }, 'lmstudio').address).toBe('http://box:9')
    expect(withKind({ ...fresh, kind: 'openai', address: '' }, 'vllm').address).toBe('http://127.0.0.1:8000')
  })
  it('sends only what was typed', () => {
    expect(addInput(fresh)).toEqual({ kind: 'ollama', address: 'http://127.0.0.1:11434' })
    expect(addInput({ ...fresh, name: ' A ', key: ' k ' })).toMatchObject({ name: 'A', key: 'k' })
    expect(addInput({ ...fresh, kind: 'openrouter', hidePaid: true })).toMatchObject({ hidePaid: true })
    expect(addInput({ ...fresh, hidePaid: true })).not.toHaveProperty('hidePaid')
  })
  it('warns of a key that would travel unencrypted, except on this machine', () => {
    expect(sendsKeyOpenly({ ...fresh, key: 'k', address: 'http://192.168.1.5:11434' })).toBe(true)
    expect(sendsKeyOpenly({ ...fresh, key: 'k', address: 'box:11434' })).toBe(true)
    expect(sendsKeyOpenly({ ...fresh, key: 'k', address: 'https://box' })).toBe(false)
    expect(sendsKeyOpenly({ ...fresh, key: 'k' })).toBe(false)
    expect(sendsKeyOpenly({ ...fresh, address: 'http://box' })).toBe(false)
  })
})

describe('a connection that is edited', () => {
  it('begins as it is, without its key', () => {
    expect(formFor({ edits: 'ollama' }, withKey)).toEqual(edited)
    expect(formFor({ edits: 'gone' }, null)).toBeNull()
  })
  it('sends only what is not as it was', () => {
    expect(changeInput(edited, withKey)).toEqual({})
    expect(changeInput({ ...edited, name: 'Other', key: 'k' }, withKey)).toEqual({ name: 'Other', key: 'k' })
    expect(changeInput({ ...edited, name: ' ' }, withKey)).toEqual({})
    expect(changeInput({ ...edited, hidePaid: true }, { ...withKey, hidePaid: false })).toEqual({ hidePaid: true })
  })
  it('loses its key with another origin, and only then', () => {
    expect(dropsKey({ ...edited, address: 'http://127.0.0.1:11435' }, withKey)).toBe(true)
    expect(dropsKey({ ...edited, address: 'https://127.0.0.1:11434' }, withKey)).toBe(true)
    expect(dropsKey({ ...edited, address: '127.0.0.1:11434/v1' }, withKey)).toBe(false)
    expect(dropsKey({ ...edited, address: 'http://box', key: 'new' }, withKey)).toBe(false)
    expect(dropsKey({ ...edited, address: 'http://box' }, aProvider('ollama'))).toBe(false)
  })
  it('is tried with the key that is stored, or with the one typed', () => {
    expect(testInput(edited, withKey)).toEqual({ kind: 'ollama', address: edited.address, provider: 'ollama' })
    expect(testInput({ ...edited, key: 'k' }, withKey)).toMatchObject({ key: 'k', provider: 'ollama' })
    expect(testInput(fresh, null)).not.toHaveProperty('provider')
  })
})
