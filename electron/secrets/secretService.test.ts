import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test, vi } from 'vitest'
import { createFakeKeyStore, type FakeKeyStore } from '../../test/support/fakeKeyStore.ts'
import { filesWithSecret } from '../../test/support/findSecret.ts'
import { patience } from '../../test/support/patience.ts'
import { tempDir } from '../../test/support/tempDir.ts'
import { createSecretService, type SecretServiceDeps } from './secretService.ts'

const origin = 'https://api.example.org'
const other = 'https://api.example.org:8443'
const key = 'sk-canary/5f2c9+a8e1 d740=b6é'
const passphrase = 'correct horse battery staple'

/** A start of the service on a folder; what it keeps beyond that is on the disk or in the store. */
const start = async (dataDir: string, deps: Partial<SecretServiceDeps> = {}) => {
  const damaged: string[] = []
  const secrets = createSecretService({
    dataDir,
    now: () => 1_800_000_000_000,
    keyStore: null,
    passphrase: null,
    onDamaged: (path) => damaged.push(path),
    ...deps,
  })
  await secrets.start()
  return Object.assign(secrets, { damaged })
}
const fileIn = (folder: string) => join(folder, 'secrets.json')
const textOf = (folder: string) => readFileSync(fileIn(folder), 'utf8')
type Content = { passphrase: unknown; entries: Record<string, { backend: string; origin: string; ciphertext: string }> }
const contentOf = (folder: string): Content => JSON.parse(textOf(folder)) as Content // what we wrote
const rewrite = (folder: string, change: (content: Content) => void) => {
  const content = contentOf(folder)
  change(content)
  writeFileSync(fileIn(folder), JSON.stringify(content))
}
/** Another byte at this place of the ciphertext, as a failing disk leaves it. */
const damage = (entry: { ciphertext: string } | undefined, at: number) => {
  if (!entry) throw new Error('there is no such entry')
  const bytes = Buffer.from(entry.ciphertext, 'base64')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  entry.ciphertext = bytes.toString('base64')
}

describe('a store of the operating system', () => {
  it.each(['keychain', 'dpapi', 'gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'])(
    'named %s keeps a key across starts, and the plain key is never on the disk',
    async (backend) => {
      const folder = tempDir()
      const keyStore = createFakeKeyStore(backend)
      const first = await start(folder, { keyStore })
      expect(first.state()).toMatchObject({ protection: 'os', backend })
      await first.set('openrouter', origin, key)
      expect(first.keyState('openrouter')).toEqual({ state: 'stored', protection: 'os' })
      expect(contentOf(folder)).toMatchObject({ version: 1, entries: { openrouter: { origin, backend } } })
      expect(filesWithSecret(folder, key)).toEqual([])

      const second = await start(folder, { keyStore })
      expect(second.get('openrouter', origin)).toBe(key)
      expect(second.keyState('openrouter')).toEqual({ state: 'stored', protection: 'os' })
      expect(filesWithSecret(folder, key)).toEqual([])
    },
  )

  it.each(['basic_text', 'unknown', '', 'KEYCHAIN', 'kwallet7', 'toString', 'gnome-libsecret', 'portal'])(
    'named %j is no protection: nothing is written, and a restart has forgotten the key',
    async (backend) => {
      const folder = tempDir()
      const keyStore = createFakeKeyStore(backend)
      const first = await start(folder, { keyStore })
      expect(first.state()).toMatchObject({ protection: 'memory', backend: null })
      expect(first.state().text).toMatch(/until Berth ends.*does not protect.*passphrase.*keyring/)
      await first.set('openrouter', origin, key)
      expect(first.get('openrouter', origin)).toBe(key)
      expect(first.keyState('openrouter')).toEqual({ state: 'stored', protection: 'memory' })
      expect([readdirSync(folder), keyStore.asked]).toEqual([[], { encrypt: 0, decrypt: 0 }])

      const second = await start(folder, { keyStore })
      expect(second.get('openrouter', origin)).toBeNull()
      expect(second.keyState('openrouter')).toEqual({ state: 'none' })
    },
  )

  const faults: Record<string, (store: FakeKeyStore) => Partial<FakeKeyStore>> = {
    'that refuses': () => ({ encrypt: () => Promise.reject(new Error('it is locked.')) }),
    'that gives the text back as it is': () => ({ encrypt: async (text) => Buffer.from(text) }),
    'that gives back something else': () => ({ decrypt: async () => 'something else' }),
    'that cannot decrypt': () => ({ decrypt: () => Promise.reject(new Error('no')) }),
  }
  it.each(Object.entries(faults))('%s is not trusted: the key stays in memory, and that is told', async (_, fault) => {
    const folder = tempDir()
    const good = createFakeKeyStore('gnome_libsecret')
    const secrets = await start(folder, { keyStore: { ...good, ...fault(good) } })
    await secrets.set('openrouter', origin, key)
    expect(secrets.get('openrouter', origin)).toBe(key)
    expect(secrets.keyState('openrouter')).toEqual({ state: 'stored', protection: 'memory' })
    expect(secrets.state()).toMatchObject({ protection: 'memory', text: expect.stringContaining('does not work: ') })
    expect(existsSync(fileIn(folder))).toBe(false)
  })

  it('needs no passphrase, and says so', async () => {
    const secrets = await start(tempDir(), { keyStore: createFakeKeyStore('keychain') })
    await expect(secrets.unlock(passphrase)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  it('that asks the person first does not hold the start up, and its keys are told when they come', async () => {
    vi.useFakeTimers()
    const folder = tempDir()
    const keyStore = createFakeKeyStore('kwallet6')
    await (await start(folder, { keyStore })).set('openrouter', origin, key)
    const asked = Promise.withResolvers<void>()
    const slow = { ...keyStore, decrypt: (bytes: Buffer) => asked.promise.then(() => keyStore.decrypt(bytes)) }
    const starting = start(folder, { keyStore: slow })
    await vi.advanceTimersByTimeAsync(3000)
    const secrets = await starting
    vi.useRealTimers()
    expect(secrets.get('openrouter', origin)).toBeNull()
    expect(secrets.keyState('openrouter')).toEqual({ state: 'stored', protection: 'os' })
    const heard: (readonly string[])[] = []
    secrets.onChange((ids) => heard.push(ids))
    asked.resolve()
    await vi.waitFor(() => expect(heard).toEqual([['openrouter']]), patience)
    expect(secrets.get('openrouter', origin)).toBe(key)
  })
})

describe('the rules above would be seen to be broken by', () => {
  /** What the checks of a restart find: the names of files with the plain key. */
  const afterRestart = async (keyStore: FakeKeyStore | null, dataDir: string) => {
    const secrets = await start(dataDir, { keyStore })
    await secrets.set('openrouter', origin, key)
    return filesWithSecret(dataDir, key)
  }

  test('a service that writes plain keys', async () => {
    const folder = tempDir()
    const careless = await start(folder)
    const set = careless.set
    careless.set = async (id, origin, key) => {
      await set(id, origin, key)
      writeFileSync(fileIn(folder), JSON.stringify({ version: 1, entries: { [id]: { origin, key } } }))
    }
    await careless.set('openrouter', origin, key)
    expect(filesWithSecret(folder, key)).toEqual(['secrets.json'])
  })

  test.each(['base64', 'hex', 'utf16le'] as const)('a service that writes them in %s', (encoding) => {
    const folder = tempDir()
    mkdirSync(join(folder, 'deep'))
    const bytes = Buffer.from(`before ${key} after`)
    writeFileSync(
      join(folder, 'deep', 'x'),
      encoding === 'utf16le' ? Buffer.from(bytes.toString(), encoding) : bytes.toString(encoding),
    )
    writeFileSync(join(folder, 'url'), `https://example.org/?key=${encodeURIComponent(key)}`)
    expect(filesWithSecret(folder, key).sort()).toEqual([join('deep', 'x'), 'url'])
  })

  test('a service that takes basic_text as protection: its file is there, and opens with what everybody knows', async () => {
    const everybodyKnows = Buffer.from('peanuts-peanuts-')
    const folder = tempDir()
    const basic = createFakeKeyStore('basic_text', everybodyKnows)
    const trusting = { ...basic, backend: 'gnome_libsecret' } // as if the list had it
    expect(await afterRestart(trusting, folder)).toEqual([])
    const stored = contentOf(folder).entries.openrouter?.ciphertext ?? ''
    const stranger = createFakeKeyStore('any', everybodyKnows)
    expect(await stranger.decrypt(Buffer.from(stored, 'base64'))).toContain(key)
    expect(await afterRestart(basic, tempDir())).toEqual([])
  })
})

describe('a key that was stored by', () => {
  it('another store than the one of now is lost with a reason, is not overwritten, and the store of then still reads it', async () => {
    const folder = tempDir()
    const kwallet = createFakeKeyStore('kwallet6')
    await (await start(folder, { keyStore: kwallet })).set('openrouter', origin, key)
    const before = textOf(folder)

    const later = await start(folder, { keyStore: createFakeKeyStore('gnome_libsecret') })
    const { state, reason } = { reason: '', ...later.keyState('openrouter') }
    expect([state, reason]).toEqual([
      'lost',
      expect.stringMatching(/KWallet.*now offers.*libsecret.*Enter the key again/),
    ])
    expect(later.get('openrouter', origin)).toBeNull()
    expect(textOf(folder)).toBe(before)
    await later.set('vllm', origin, 'another key, of vllm')
    expect(contentOf(folder).entries.openrouter).toEqual(JSON.parse(before).entries.openrouter)

    expect((await start(folder, { keyStore: kwallet })).get('openrouter', origin)).toBe(key)
    expect((await start(folder)).keyState('openrouter')).toMatchObject({
      state: 'lost',
      reason: expect.stringMatching(/cannot be used here/),
    })
  })

  it('the same store with another secret is lost, and comes back when it is entered again', async () => {
    const folder = tempDir()
    await (await start(folder, { keyStore: createFakeKeyStore('dpapi') })).set('openrouter', origin, key)
    const keyStore = createFakeKeyStore('dpapi')
    const secrets = await start(folder, { keyStore })
    expect(secrets.keyState('openrouter')).toMatchObject({ state: 'lost', reason: expect.stringMatching(/DPAPI/) })
    await secrets.set('openrouter', origin, 'the key, entered again')
    expect(secrets.keyState('openrouter')).toEqual({ state: 'stored', protection: 'os' })
    expect((await start(folder, { keyStore })).get('openrouter', origin)).toBe('the key, entered again')
  })

  it('the store and damaged anywhere is lost, and the others are not', async () => {
    const folder = tempDir()
    const keyStore = createFakeKeyStore('keychain')
    const first = await start(folder, { keyStore })
    await first.set('openrouter', origin, key)
    await first.set('vllm', other, 'another key, of vllm')
    const whole = textOf(folder)
    const length = Buffer.from(contentOf(folder).entries.openrouter?.ciphertext ?? '', 'base64').length
    expect(length).toBeGreaterThan(100)
    // its first three bytes are Chromium's own mark, which this store does not look at
    for (let at = 3; at < length; at++) {
      writeFileSync(fileIn(folder), whole)
      rewrite(folder, ({ entries }) => damage(entries.openrouter, at))
      const damaged = textOf(folder)
      const secrets = await start(folder, { keyStore })
      expect(secrets.keyState('openrouter'), `byte ${at}`).toMatchObject({ state: 'lost' })
      expect(secrets.get('openrouter', origin)).toBeNull()
      expect(secrets.get('vllm', other)).toBe('another key, of vllm')
      expect(textOf(folder)).toBe(damaged)
    }
  })

  it('a passphrase and damaged is lost, and the others are not', async () => {
    const folder = tempDir()
    const first = await start(folder, { passphrase })
    await first.set('openrouter', origin, key)
    await first.set('vllm', other, 'another key, of vllm')
    rewrite(folder, ({ entries }) => damage(entries.openrouter, 30))
    const damaged = textOf(folder)
    const secrets = await start(folder, { passphrase })
    expect(secrets.keyState('openrouter')).toMatchObject({ state: 'lost' })
    expect([secrets.get('openrouter', origin), secrets.get('vllm', other)]).toEqual([null, 'another key, of vllm'])
    expect(textOf(folder)).toBe(damaged)
  })

  it('a store without the hash around it would come back damaged: the checks above see that', async () => {
    const store = createFakeKeyStore('keychain')
    const bytes = await store.encrypt(JSON.stringify(['openrouter', origin, `${key}${key}`]))
    bytes[40] = (bytes[40] ?? 0) ^ 1
    const text = await store.decrypt(bytes)
    expect([text.includes(`${key}${key}`), text.startsWith('["openrouter"')]).toEqual([false, true])
  })

  it('the store and moved to another provider or origin is lost', async () => {
    const folder = tempDir()
    const deps = { keyStore: createFakeKeyStore('keychain') }
    await (await start(folder, deps)).set('openrouter', origin, key)
    const evil = 'https://evil.example'
    rewrite(folder, ({ entries }) => {
      const entry = entries.openrouter
      if (!entry) throw new Error('it is gone')
      entries.vllm = { ...entry }
      entries.openrouter = { ...entry, origin: evil }
    })
    const secrets = await start(folder, deps)
    expect([secrets.get('openrouter', evil), secrets.get('openrouter', origin), secrets.get('vllm', origin)]).toEqual([
      null,
      null,
      null,
    ])
    expect([secrets.keyState('openrouter').state, secrets.keyState('vllm').state]).toEqual(['lost', 'lost'])
  })
})

describe('a passphrase', () => {
  it('keeps keys across starts, in a file for the owner alone', async () => {
    const folder = tempDir()
    const first = await start(folder, { passphrase })
    expect(first.state()).toMatchObject({ protection: 'passphrase', backend: null })
    await first.set('openrouter', origin, key)
    expect(first.keyState('openrouter')).toEqual({ state: 'stored', protection: 'passphrase' })
    expect([filesWithSecret(folder, key), filesWithSecret(folder, passphrase)]).toEqual([[], []])
    expect(readdirSync(folder)).toEqual(['secrets.json'])
    const second = await start(folder, { passphrase })
    expect(second.get('openrouter', origin)).toBe(key)
  })

  it('that is wrong is named, leaves every byte of the file, and the right one still opens it', async () => {
    const folder = tempDir()
    await (await start(folder, { passphrase })).set('openrouter', origin, key)
    const before = readFileSync(fileIn(folder))
    const secrets = await start(folder, { passphrase: 'another passphrase' })
    expect(secrets.state()).toMatchObject({
      protection: 'locked',
      text: expect.stringMatching(/started with is another/),
    })
    expect(secrets.keyState('openrouter')).toEqual({ state: 'locked' })
    expect(secrets.get('openrouter', origin)).toBeNull()
    await expect(secrets.set('vllm', origin, 'k')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' })
    await expect(secrets.unlock('still a wrong one')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
    expect(readFileSync(fileIn(folder))).toEqual(before)

    const heard: (readonly string[])[] = []
    secrets.onChange((ids) => heard.push(ids))
    expect(await secrets.unlock(passphrase)).toMatchObject({ protection: 'passphrase' })
    expect([secrets.get('openrouter', origin), heard]).toEqual([key, [['openrouter']]])
    expect(readFileSync(fileIn(folder))).toEqual(before)
  })

  it('without a verifier a wrong one would be taken, and its keys lost among the others: the check above sees that', async () => {
    const folder = tempDir()
    await (await start(folder, { passphrase })).set('openrouter', origin, key)
    const before = textOf(folder)
    rewrite(folder, (content) => {
      content.passphrase = null
    })
    const careless = await start(folder, { passphrase: 'another passphrase' })
    expect(careless.state().protection).toBe('passphrase')
    expect(careless.keyState('openrouter').state).toBe('lost')
    await careless.set('vllm', origin, 'k')
    expect(textOf(folder)).not.toBe(before)
  })

  it('given later stores the keys that were in memory, and one given at no need is asked for no more', async () => {
    const folder = tempDir()
    const secrets = await start(folder)
    await secrets.set('openrouter', origin, key)
    expect(existsSync(fileIn(folder))).toBe(false)
    expect(await secrets.unlock(passphrase)).toMatchObject({ protection: 'passphrase' })
    expect(secrets.keyState('openrouter')).toEqual({ state: 'stored', protection: 'passphrase' })
    expect(filesWithSecret(folder, key)).toEqual([])
    const later = await start(folder, { passphrase })
    expect(later.get('openrouter', origin)).toBe(key)

    await later.forget('openrouter')
    expect(contentOf(folder)).toEqual({ version: 1, passphrase: null, entries: {} })
    expect((await start(folder)).state().protection).toBe('memory')
  })

  it('that nobody remembers: forgetting the locked keys makes way for another', async () => {
    const folder = tempDir()
    await (await start(folder, { passphrase })).set('openrouter', origin, key)
    const secrets = await start(folder)
    await secrets.forget('openrouter')
    expect(secrets.state().protection).toBe('memory')
    await secrets.unlock('a new passphrase')
    await secrets.set('openrouter', origin, key)
    expect((await start(folder, { passphrase: 'a new passphrase' })).get('openrouter', origin)).toBe(key)
  })

  it('opens its keys beside a store of the system, which takes the new ones', async () => {
    const folder = tempDir()
    await (await start(folder, { passphrase })).set('vllm', other, 'the key of vllm')
    const keyStore = createFakeKeyStore('keychain')
    const secrets = await start(folder, { keyStore })
    expect(secrets.state()).toMatchObject({ protection: 'os', text: expect.stringContaining('1 stored key is locked') })
    await secrets.set('openrouter', origin, key)
    expect(secrets.keyState('vllm')).toEqual({ state: 'locked' })
    await secrets.unlock(passphrase)
    expect([secrets.get('vllm', other), secrets.get('openrouter', origin)]).toEqual(['the key of vllm', key])
    const { entries } = contentOf(folder)
    expect([entries.vllm?.backend, entries.openrouter?.backend]).toEqual(['passphrase', 'keychain'])
  })
})

describe('secrets.json', () => {
  it.skipIf(process.platform === 'win32')(
    'is for its owner alone (mode 0600, not on Windows), also one that was not',
    async () => {
      const [folder, keyStore] = [tempDir(), createFakeKeyStore('keychain')]
      const umask = process.umask(0)
      try {
        await (await start(folder, { keyStore })).set('openrouter', origin, key)
      } finally {
        process.umask(umask)
      }
      const mode = () => statSync(fileIn(folder)).mode & 0o777
      expect(mode()).toBe(0o600)
      chmodSync(fileIn(folder), 0o644)
      expect(mode()).not.toBe(0o600) // what the check would see of a service that does not care
      await start(folder)
      expect(mode()).toBe(0o600)
    },
  )

  it.each([
    ['empty', ''],
    ['cut', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['incomplete', '{"version":1}'],
    ['of another version', '{"version":2,"entries":{}}'],
    ['zeros', '\0\0\0'],
    ['huge', 'x'.repeat(5 * 2 ** 20)],
  ])('that makes no sense (%s) is put aside as it is, and told', async (_, text) => {
    const [folder, keyStore] = [tempDir(), createFakeKeyStore('keychain')]
    writeFileSync(fileIn(folder), text)
    const secrets = await start(folder, { keyStore })
    const [aside = ''] = secrets.damaged
    expect(aside).toBe(`${fileIn(folder)}.damaged-1800000000000`)
    expect(readFileSync(aside, 'utf8') === text).toBe(true)
    await secrets.set('openrouter', origin, key)
    expect((await start(folder, { keyStore })).get('openrouter', origin)).toBe(key)
    expect(readFileSync(aside, 'utf8') === text).toBe(true)
  })

  it('with one entry that makes no sense loses that one, and keeps what stands there when another is written', async () => {
    const [folder, keyStore] = [tempDir(), createFakeKeyStore('keychain')]
    await (await start(folder, { keyStore })).set('openrouter', origin, key)
    const strange = { origin: 7, newer: ['than', 'we'] }
    rewrite(folder, ({ entries }) => Object.assign(entries, { vllm: strange }))
    const secrets = await start(folder, { keyStore })
    expect(secrets.keyState('vllm')).toMatchObject({ state: 'lost', reason: expect.stringContaining('damaged') })
    expect(secrets.get('openrouter', origin)).toBe(key)
    await secrets.set('lmstudio', origin, 'k')
    expect(contentOf(folder).entries.vllm).toEqual(strange)
  })

  it('that cannot be read is never written: keys stay in memory, and that is told', async () => {
    const folder = tempDir()
    mkdirSync(fileIn(folder)) // root may read every file, but no folder as one
    const secrets = await start(folder, { keyStore: createFakeKeyStore('keychain') })
    expect(secrets.state()).toMatchObject({ protection: 'memory', text: expect.stringContaining('EISDIR') })
    await secrets.set('openrouter', origin, key)
    expect(secrets.get('openrouter', origin)).toBe(key)
    await expect(secrets.unlock(passphrase)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    expect([readdirSync(folder), statSync(fileIn(folder)).isDirectory()]).toEqual([['secrets.json'], true])
  })

  it('that cannot be written fails the change with a name, and what was there stays', async () => {
    const folder = tempDir()
    const keyStore = createFakeKeyStore('keychain')
    const secrets = await start(folder, { keyStore })
    await secrets.set('openrouter', origin, key)
    const before = textOf(folder)
    mkdirSync(`${fileIn(folder)}.part`) // in the way of the partial file
    await expect(secrets.set('openrouter', origin, 'a newer key')).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
    })
    await expect(secrets.forget('openrouter')).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' })
    expect([secrets.get('openrouter', origin), textOf(folder)]).toEqual([key, before])
  })

  it('takes changes at the same time one after the other', async () => {
    const folder = tempDir()
    const keyStore = createFakeKeyStore('keychain')
    const secrets = await start(folder, { keyStore })
    const ids = Array.from({ length: 30 }, (_, n) => `vllm-${n}`)
    await Promise.all(ids.map((id) => secrets.set(id, origin, `key of ${id}`)))
    await Promise.all([secrets.forget('vllm-7'), secrets.set('vllm-8', origin, 'newer')])
    const later = await start(folder, { keyStore })
    expect(ids.map((id) => later.get(id, origin))).toEqual(
      ids.map((id) => ({ 'vllm-7': null, 'vllm-8': 'newer' })[id] ?? (id === 'vllm-7' ? null : `key of ${id}`)),
    )
  })
})

it('a key belongs to one origin: scheme, host and port', async () => {
  for (const deps of [{}, { passphrase }, { keyStore: createFakeKeyStore('keychain') }]) {
    const folder = tempDir()
    const secrets = await start(folder, deps)
    await secrets.set('openrouter', origin, key)
    for (const elsewhere of [
      other,
      'http://api.example.org',
      'https://api.example.com',
      'https://example.org',
      '',
      `${origin}/`,
    ])
      expect(secrets.get('openrouter', elsewhere), elsewhere).toBeNull()
    expect([secrets.get('openrouter', origin), secrets.get('vllm', origin)]).toEqual([key, null])
    await secrets.set('openrouter', other, 'a key for there')
    expect([secrets.get('openrouter', origin), secrets.get('openrouter', other)]).toEqual([null, 'a key for there'])
    await secrets.forget('openrouter')
    expect([secrets.get('openrouter', other), secrets.keyState('openrouter')]).toEqual([null, { state: 'none' }])
  }
})
