import { describe, expect, it } from 'vitest'
import { type Carrier, type GateRequest, isLoopback, placeAt, refuseCaller, refusePlace } from './gate.ts'

const place = placeAt(7100)
const own = '127.0.0.1:7100'

const request = (headers: readonly (readonly [string, string])[], method = 'GET', target = '/api/v1/models') =>
  ({ method, target, rawHeaders: headers.flat() }) satisfies GateRequest

/** Host headers and whether they name this host. */
const hosts: readonly (readonly [readonly string[], boolean])[] = [
  [['127.0.0.1:7100'], true],
  [['localhost:7100'], true],
  [['[::1]:7100'], true],
  [[], false],
  [[''], false],
  [['127.0.0.1:7100', '127.0.0.1:7100'], false],
  [['127.0.0.1:7100', 'evil.example'], false],
  [['127.0.0.1'], false],
  [['127.0.0.1:7101'], false],
  [['127.0.0.1:71000'], false],
  [['localhost'], false],
  [['localhost.:7100'], false],
  [['LOCALHOST:7100'], false],
  [['127.0.0.1.:7100'], false],
  [['127.1:7100'], false],
  [['2130706433:7100'], false],
  [['0x7f000001:7100'], false],
  [['0.0.0.0:7100'], false],
  [['[::ffff:127.0.0.1]:7100'], false],
  [['::1:7100'], false],
  [['[::1%lo]:7100'], false],
  [['localhost:7100.evil.example'], false],
  [['evil.example'], false],
  [['evil.example:7100'], false],
  [['user@127.0.0.1:7100'], false],
  [['127.0.0.1:7100, evil.example'], false],
  [[' 127.0.0.1:7100'], false],
  [['127.0.0.1:7100#'], false],
]

/** Origin headers and whether they name our own page. */
const origins: readonly (readonly [readonly string[], boolean])[] = [
  [[], true],
  [['http://127.0.0.1:7100'], true],
  [['http://localhost:7100'], true],
  [['http://[::1]:7100'], true],
  [['null'], false],
  [[''], false],
  [['*'], false],
  [['https://127.0.0.1:7100'], false],
  [['http://127.0.0.1'], false],
  [['http://127.0.0.1:7101'], false],
  [['http://127.0.0.1:7100/'], false],
  [['http://127.0.0.1:7100.evil.example'], false],
  [['http://127.0.0.1:71000'], false],
  [['http://evil.example'], false],
  [['http://localhost:7100@evil.example'], false],
  [['HTTP://LOCALHOST:7100'], false],
  [['file://'], false],
  [['app://berth'], false],
  [['http://127.0.0.1:7100', 'http://127.0.0.1:7100'], false],
]

type PlaceRule = typeof refusePlace
const placeDifferences = (rule: PlaceRule): string[] =>
  hosts.flatMap(([hostValues, hostOk]) =>
    origins.flatMap(([originValues, originOk]) =>
      ['GET', 'POST', 'DELETE'].flatMap((method) => {
        const headers = [
          ...hostValues.map((value) => ['Host', value] as const),
          ...originValues.map((value) => ['Origin', value] as const),
        ]
        const passed = rule(request(headers, method), place) === null
        return passed === (hostOk && originOk) ? [] : [`${method} ${JSON.stringify(headers)}`]
      }),
    ),
  )

const first = (seen: GateRequest, name: string) => {
  const index = seen.rawHeaders.findIndex((value, at) => at % 2 === 0 && value.toLowerCase() === name)
  return index < 0 ? undefined : seen.rawHeaders[index + 1]
}

/** Mistakes that gates are known to make. The table must notice each of them. */
const brokenPlaceRules: Readonly<Record<string, PlaceRule>> = {
  'looks at no Host': (seen, { origins: known }) =>
    first(seen, 'origin') === undefined || known.has(first(seen, 'origin') ?? '') ? null : 'FORBIDDEN',
  'takes the first of two Hosts': (seen, known) =>
    refusePlace({ ...seen, rawHeaders: ['Host', first(seen, 'host') ?? '', ...origin(seen)] }, known),
  'compares prefixes': (seen, known) =>
    [...known.hosts].some((host) => first(seen, 'host')?.startsWith(host)) &&
    (first(seen, 'origin') === undefined || [...known.origins].some((one) => first(seen, 'origin')?.startsWith(one)))
      ? null
      : 'FORBIDDEN',
  'trusts null': (seen, known) =>
    first(seen, 'origin') === 'null'
      ? refusePlace({ ...seen, rawHeaders: ['Host', own] }, known)
      : refusePlace(seen, known),
  'ignores the port': (seen, known) =>
    refusePlace({ ...seen, rawHeaders: seen.rawHeaders.map((value) => value.replace(/:\d+$/, ':7100')) }, known),
}
const origin = (seen: GateRequest): string[] => {
  const value = first(seen, 'origin')
  return value === undefined ? [] : ['Origin', value]
}

describe('where a request comes from', () => {
  it('passes exactly the listed names and our own origins, for every combination', () => {
    expect(placeDifferences(refusePlace)).toEqual([])
  })

  it.each(Object.entries(brokenPlaceRules))('would show a gate that %s', (_, rule) => {
    expect(placeDifferences(rule).length).toBeGreaterThan(0)
  })

  it.each(['http://127.0.0.1:7100/api/v1/models', '*', 'evil.example:443', ''])('refuses the target %j', (target) => {
    expect(refusePlace(request([['Host', own]], 'GET', target), place)).toBe('FORBIDDEN')
  })

  it('lets a link from elsewhere open a page, and nothing else', () => {
    const from = (site: string, mode: string, dest: string, method = 'GET') =>
      refusePlace(
        request(
          [
            ['Host', own],
            ['Sec-Fetch-Site', site],
            ['Sec-Fetch-Mode', mode],
            ['Sec-Fetch-Dest', dest],
          ],
          method,
        ),
        place,
      )
    for (const site of ['cross-site', 'same-site']) {
      expect(from(site, 'navigate', 'document')).toBeNull()
      expect(from(site, 'navigate', 'iframe')).toBe('FORBIDDEN')
      expect(from(site, 'navigate', 'document', 'POST')).toBe('FORBIDDEN')
      expect(from(site, 'no-cors', 'image')).toBe('FORBIDDEN')
      expect(from(site, 'no-cors', 'empty')).toBe('FORBIDDEN')
      expect(from(site, 'websocket', 'empty')).toBe('FORBIDDEN')
    }
    expect(from('same-origin', 'cors', 'empty')).toBeNull()
    expect(from('none', 'navigate', 'document')).toBeNull()
  })

  it('takes the names of this machine only when it listens beyond loopback', () => {
    const lan = placeAt(7100, ['192.168.1.5', 'box', 'fe80::1'])
    for (const host of ['192.168.1.5:7100', 'box:7100', '[fe80::1]:7100']) {
      expect(refusePlace(request([['Host', host]]), lan)).toBeNull()
      expect(refusePlace(request([['Host', host]]), place)).toBe('FORBIDDEN')
    }
  })

  it('drops the port from its name only where a browser does', () => {
    expect(refusePlace(request([['Host', '127.0.0.1']]), placeAt(80))).toBeNull()
    expect(refusePlace(request([['Host', '127.0.0.1:80']]), placeAt(80))).toBeNull()
  })

  it('knows loopback by its names', () => {
    expect(['127.0.0.1', '127.9.8.7', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true])
    expect(['0.0.0.0', '::', '192.168.1.5', 'localhost.evil.example', '127.evil.example'].map(isLoopback)).toEqual(
      Array(5).fill(false),
    )
  })
})

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']
const carriers: readonly (Carrier | null)[] = [null, 'token', 'cookie', 'ticket']
const ownPage: readonly (readonly [string, string])[] = [['Origin', 'http://127.0.0.1:7100']]
const proofs: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  none: [],
  origin: ownPage,
  header: [['X-Berth', '1']],
  both: [...ownPage, ['X-Berth', '1']],
  'wrong header': [...ownPage, ['X-Berth', 'true']],
  'same-origin read': [['Sec-Fetch-Site', 'same-origin']],
  typed: [['Sec-Fetch-Site', 'none']],
  'same-site read': [['Sec-Fetch-Site', 'same-site']],
}

/** The policy in words: rows of who × method × proof that may pass on an address for users. */
const mayPass = (carrier: Carrier | null, method: string, proof: string): boolean => {
  const read = method === 'GET' || method === 'HEAD'
  if (carrier === 'token') return true
  if (carrier === 'ticket') return ['origin', 'both', 'wrong header'].includes(proof)
  if (carrier === 'cookie') return read ? !['none', 'same-site read'].includes(proof) : proof === 'both'
  return false
}

type CallerRule = typeof refuseCaller
const callerDifferences = (rule: CallerRule): string[] =>
  carriers.flatMap((carrier) =>
    methods.flatMap((method) =>
      Object.entries(proofs).flatMap(([proof, headers]) => {
        const passed = rule(request([['Host', own], ...headers], method), 'user', carrier) === null
        return passed === mayPass(carrier, method, proof) ? [] : [`${carrier} ${method} ${proof}`]
      }),
    ),
  )

const brokenCallerRules: Readonly<Record<string, CallerRule>> = {
  'lets a cookie alone change things': (seen, access, carrier) =>
    carrier === 'cookie' ? null : refuseCaller(seen, access, carrier),
  'asks no Origin of a ticket': (seen, access, carrier) =>
    carrier === 'ticket' ? null : refuseCaller(seen, access, carrier),
  'lets nobody read': (seen, access, carrier) =>
    carrier === null && seen.method === 'GET' ? null : refuseCaller(seen, access, carrier),
  'asks the token for an Origin': (seen, access, carrier) =>
    refuseCaller(seen, access, carrier === 'token' ? 'ticket' : carrier),
}

describe('who may call', () => {
  it('is the same for every carrier × method × proof as the policy says', () => {
    expect(callerDifferences(refuseCaller)).toEqual([])
  })

  it.each(Object.entries(brokenCallerRules))('would show a policy that %s', (_, rule) => {
    expect(callerDifferences(rule).length).toBeGreaterThan(0)
  })

  it('says UNAUTHENTICATED to nobody and FORBIDDEN to a browser without proof', () => {
    expect(refuseCaller(request([]), 'user', null)).toBe('UNAUTHENTICATED')
    expect(refuseCaller(request([], 'POST'), 'user', 'cookie')).toBe('FORBIDDEN')
  })

  it('lets everybody read what is public, and nobody unknown change it', () => {
    expect(refuseCaller(request([]), 'public', null)).toBeNull()
    expect(refuseCaller(request([], 'POST'), 'public', null)).toBe('UNAUTHENTICATED')
  })
})
