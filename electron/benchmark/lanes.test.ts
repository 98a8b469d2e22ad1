import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { mutationSeed } from '../../test/support/mutation.ts'
import { createLanes, devicesOf, hostOf, type Place, whoBegins } from './lanes.ts'

const never = new AbortController().signal
const place = (id: string, ...devices: string[]): Place => ({ id, devices })
const settled = () => new Promise(setImmediate)

describe('who begins', () => {
  it('is everybody whose devices are free, beside each other', () => {
    expect(whoBegins([place('a', 'cpu'), place('b', 'host:x')], [])).toEqual(['a', 'b'])
    expect(whoBegins([place('a', 'cpu'), place('b', 'cpu', 'gpu0')], [])).toEqual(['a'])
  })

  it('is nobody who would overtake one that waits for the same device', () => {
    const waiting = [place('all', 'cpu', 'gpu0'), place('small', 'gpu0'), place('far', 'host:x')]
    expect(whoBegins(waiting, [place('now', 'cpu')])).toEqual(['far'])
  })
})

type Step =
  | { readonly do: 'come'; readonly devices: string[] }
  | { readonly do: 'end' | 'giveUp'; readonly which: number }
const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('come' as const),
      devices: fc.uniqueArray(fc.constantFrom('cpu', 'gpu0', 'gpu1', 'host:x'), { minLength: 1 }),
    }),
    fc.record({ do: fc.constantFrom('end' as const, 'giveUp' as const), which: fc.nat(9) }),
  ),
  { maxLength: 40 },
)

interface Runner {
  readonly devices: readonly string[]
  readonly cancel: AbortController
  state: 'waits' | 'runs' | 'over'
  leave: () => void
}

/** Begins each as it comes, and says what was against the rules, or null. */
const follow = async (list: readonly Step[]): Promise<string | null> => {
  const lanes = createLanes()
  const all: Runner[] = []
  const of = (state: Runner['state']) => all.filter((each) => each.state === state)
  const shares = (a: Runner, b: Runner) => a.devices.some((device) => b.devices.includes(device))
  const check = (): string | null => {
    const running = of('runs')
    if (running.some((one, at) => running.slice(at + 1).some((other) => shares(one, other))))
      return 'one device, two runs'
    const held = of('waits').find(
      (one) => !all.slice(0, all.indexOf(one)).some((b) => b.state !== 'over' && shares(one, b)),
    )
    const overtaken = running.find((one) =>
      of('waits').some((w) => all.indexOf(w) < all.indexOf(one) && shares(w, one)),
    )
    return held ? 'one waits for nobody' : overtaken ? 'one overtook another' : null
  }
  const apply = (step: Step): void => {
    if (step.do === 'come') {
      const runner: Runner = { devices: step.devices, cancel: new AbortController(), state: 'waits', leave: () => {} }
      all.push(runner)
      lanes.turn(step.devices, runner.cancel.signal).then(
        (leave) => Object.assign(runner, { state: 'runs', leave }),
        () => Object.assign(runner, { state: 'over' }),
      )
      return
    }
    const some = of(step.do === 'end' ? 'runs' : 'waits')
    const one = some[step.which % Math.max(1, some.length)]
    if (step.do === 'giveUp') one?.cancel.abort()
    else if (one) {
      one.state = 'over'
      one.leave()
    }
  }
  for (const step of list) {
    apply(step)
    await settled()
    const wrong = check()
    if (wrong) return wrong
  }
  while (of('runs').length > 0) {
    for (const one of of('runs')) {
      one.state = 'over'
      one.leave()
    }
    await settled()
  }
  const { waiting, running } = lanes.counts()
  return of('waits').length + waiting + running > 0 ? 'one never came to its turn' : null
}

test('in 300 random sequences no device has two, nobody overtakes, nobody waits in vain', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      expect(await follow(list)).toBeNull()
    }),
    { numRuns: 300, seed: mutationSeed },
  )
})

test('who gave up before asking is not let in', async () => {
  const lanes = createLanes()
  await expect(lanes.turn(['cpu'], AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  const leave = await lanes.turn(['cpu'], never)
  leave()
  expect(lanes.counts()).toEqual({ waiting: 0, running: 0 })
})

test.each([
  [null, null],
  ['http://127.0.0.1:11434', null],
  ['http://localhost:8080/v1', null],
  ['http://[::1]:8080', null],
  ['http://127.8.0.1', null],
  ['http://0.0.0.0:11434', null],
  ['http://[::]:8080', null],
  ['http://192.168.1.4:11434', '192.168.1.4:11434'],
  ['https://openrouter.ai/api/v1', 'openrouter.ai'],
  ['http://localhost.example.com', 'localhost.example.com'],
])('%s is on host %s', (address, host) => expect(hostOf(address)).toBe(host))

test('a run takes the devices that it may use', () => {
  const local = ['cpu', 'gpu0']
  expect(devicesOf({ isEmbedded: true, host: null }, [0], local)).toEqual(['cpu'])
  expect(devicesOf({ isEmbedded: true, host: null }, [0, 12], local)).toEqual(['cpu', 'gpu0'])
  expect(devicesOf({ isEmbedded: true, host: null }, [undefined], ['cpu'])).toEqual(['cpu'])
  expect(devicesOf({ isEmbedded: false, host: null }, [0], local)).toEqual(['cpu', 'gpu0'])
  expect(devicesOf({ isEmbedded: false, host: 'openrouter.ai' }, [0], local)).toEqual(['host:openrouter.ai'])
})
