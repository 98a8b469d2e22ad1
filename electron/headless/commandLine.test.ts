import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './commandLine.ts'
import { browserCommand } from './openBrowser.ts'
import { defaultCacheDir, defaultDataDir } from './places.ts'

const optionsOf = (args: readonly string[], env: Record<string, string> = {}) => {
  const command = parseCommandLine(args, env)
  if (command.do !== 'run') throw new Error(command.do)
  return command.options
}

describe('parseCommandLine', () => {
  it('runs on a free port of this machine, with the browser, when nothing is said', () => {
    expect(optionsOf([])).toEqual({
      port: 0,
      hostname: '127.0.0.1',
      lan: false,
      dataDir: null,
      token: null,
      keysPassphrase: null,
      open: true,
      sample: false,
    })
  })

  it('takes what the arguments say before what the environment says', () => {
    const env = { BERTH_DATA_DIR: '/env', BERTH_TOKEN: 'env' }
    expect(optionsOf([], env)).toMatchObject({ dataDir: '/env', token: 'env' })
    const args = ['--headless', '--port', '7100', '--data-dir', '/arg', '--token', 'arg', '--no-open', '--sample']
    expect(optionsOf(args, env)).toMatchObject({ port: 7100, dataDir: '/arg', token: 'arg', open: false, sample: true })
    expect(optionsOf([], { BERTH_DATA_DIR: '', BERTH_TOKEN: '' })).toMatchObject({ dataDir: null, token: null })
  })

  it.each([
    ['--port', '70000'],
    ['--port', '-1'],
    ['--port', '1e3'],
    ['--port', ''],
    ['--port'],
    ['--unknown'],
    ['positional'],
    ['--token', ''],
    ['--token', 'with space'],
    ['--token', 'späte'],
  ])('refuses %s %s with a pointer to --help', (...args) => {
    expect(() => parseCommandLine(args, {})).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('takes the passphrase of the keys from the environment alone', () => {
    expect(optionsOf([], { BERTH_KEYS_PASSPHRASE: 'a long enough one' }).keysPassphrase).toBe('a long enough one')
    expect(optionsOf([], { BERTH_KEYS_PASSPHRASE: '' }).keysPassphrase).toBeNull()
    for (const passphrase of ['2 short', 'x'.repeat(1001)])
      expect(() => parseCommandLine([], { BERTH_KEYS_PASSPHRASE: passphrase })).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expect.not.stringContaining(passphrase) }),
      )
    expect(() => parseCommandLine(['--keys-passphrase', 'a long enough one'], {})).toThrow()
  })

  it('leaves this machine only with --lan and a long token', () => {
    const long = 'x'.repeat(16)
    for (const args of [
      ['--host', '0.0.0.0'],
      ['--host', '0.0.0.0', '--token', long],
      ['--host', '192.168.1.5', '--lan'],
      ['--lan'],
      ['--lan', '--token', 'short'],
    ])
      expect(() => parseCommandLine(args, {})).toThrow()
    expect(optionsOf(['--lan', '--token', long])).toMatchObject({ hostname: '0.0.0.0', lan: true })
    expect(optionsOf(['--lan', '--host', '192.168.1.5'], { BERTH_TOKEN: long })).toMatchObject({
      hostname: '192.168.1.5',
    })
    expect(optionsOf(['--host', '::1'])).toMatchObject({ hostname: '::1' })
  })

  it('answers --help and --version whatever else is said', () => {
    expect(parseCommandLine(['--help', '--port', 'x'], {})).toEqual({ do: 'help' })
    expect(parseCommandLine(['-v'], {})).toEqual({ do: 'version' })
  })
})

describe('--benchmark', () => {
  const benchmarkOf = (...args: readonly string[]) => {
    const command = parseCommandLine(['--benchmark', 'embedded/m', ...args], {})
    if (command.do !== 'benchmark') throw new Error(command.do)
    return command.options
  }

  it('measures one model and prints a table when nothing else is said', () => {
    expect(benchmarkOf()).toEqual({
      model: 'embedded/m',
      preset: undefined,
      kind: undefined,
      acceptedUsd: undefined,
      format: 'markdown',
      output: null,
      dataDir: null,
      keysPassphrase: null,
      sample: false,
    })
  })

  it('takes what is measured, what it may cost and where the result goes', () => {
    const args = '--headless --no-open --preset thorough --kind serving --accept-usd 0.50 --format llama-bench'
    expect(benchmarkOf(...args.split(' '), '--output', 'a file', '--data-dir', '/d', '--sample')).toMatchObject({
      preset: 'thorough',
      kind: 'serving',
      acceptedUsd: 0.5,
      format: 'llama-bench',
      output: 'a file',
      dataDir: '/d',
      sample: true,
    })
  })

  it.each([
    ['--preset', 'slow'],
    ['--kind', 'chat'],
    ['--format', 'xml'],
    ['--format', ''],
    ['--output', ''],
    ['--accept-usd', '-1'],
    ['--accept-usd', '1e2'],
    ['--accept-usd', '200000'],
    ['--accept-usd', 'NaN'],
    ['--port', '7000'],
    ['--lan'],
    ['--token', 'x'],
    ['--host', '127.0.0.1'],
    ['--benchmark', 'no-provider'],
    ['--benchmark', ''],
  ])('refuses %s %s with a pointer to --help', (...args) => {
    expect(() => benchmarkOf(...args)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', advice: expect.stringContaining('--help') }),
    )
  })

  it.each(['preset', 'kind', 'accept-usd', 'format', 'output'])('is what --%s needs', (flag) => {
    expect(() => parseCommandLine([`--${flag}`, 'quick'], {})).toThrow(
      expect.objectContaining({ message: expect.stringContaining('--benchmark') }),
    )
  })

  it('does not mind a token of the environment, which is for hosts', () => {
    expect(parseCommandLine(['--benchmark', 'embedded/m'], { BERTH_TOKEN: 'x', BERTH_DATA_DIR: '/e' })).toMatchObject({
      do: 'benchmark',
      options: { dataDir: '/e' },
    })
  })
})

describe('places', () => {
  it('keeps data where the window keeps it, and caches where the system clears them', () => {
    const linux = { platform: 'linux', home: '/home/a', env: {} } as const
    expect([defaultDataDir(linux), defaultCacheDir(linux)]).toEqual(['/home/a/.config/berth', '/home/a/.cache/berth'])
    const moved = { ...linux, env: { XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/k' } }
    expect([defaultDataDir(moved), defaultCacheDir(moved)]).toEqual(['/c/berth', '/k/berth'])
    const mac = { platform: 'darwin', home: '/Users/a', env: {} } as const
    expect(defaultDataDir(mac)).toBe('/Users/a/Library/Application Support/berth')
  })
})

describe('browserCommand', () => {
  it('opens an address without a shell, and not where there is no display', () => {
    const address = 'http://127.0.0.1:7100/open?token=a&b'
    expect(browserCommand(address, 'linux', {})).toBeNull()
    expect(browserCommand(address, 'linux', { DISPLAY: ':0' })).toEqual({ file: 'xdg-open', args: [address] })
    expect(browserCommand(address, 'linux', { WAYLAND_DISPLAY: 'wayland-0' })?.file).toBe('xdg-open')
    expect(browserCommand(address, 'darwin', {})).toEqual({ file: 'open', args: [address] })
    expect(browserCommand(address, 'win32', {})?.args.at(-1)).toBe(address)
  })
})
