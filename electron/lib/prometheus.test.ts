import { expect, test } from 'vitest'
import { cpuMs } from '../../test/support/cpuTime.ts'
import { parseMetrics, sumOf } from './prometheus.ts'

const plain = (text: string) =>
  Object.fromEntries(
    [...parseMetrics(text)].map(([name, samples]) => [
      name,
      samples.map(({ labels, value }) => [Object.fromEntries(labels), value]),
    ]),
  )

test('names, labels and values are read; comments, types and time stamps are not', () => {
  const text = `# HELP vllm:num_requests_running Number of requests.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-8B"} 2.0
vllm:num_requests_running{engine="1",model_name="Qwen/Qwen3-8B",} 1
process_cpu_seconds_total 1.5e+02 1755600000000
empty{} -.5\r
`
  expect(plain(text)).toEqual({
    'vllm:num_requests_running': [
      [{ engine: '0', model_name: 'Qwen/Qwen3-8B' }, 2],
      [{ engine: '1', model_name: 'Qwen/Qwen3-8B' }, 1],
    ],
    process_cpu_seconds_total: [[{}, 150]],
    empty: [[{}, -0.5]],
  })
})

test('infinite values and values that are no number are read as what they are', () => {
  expect(plain('a_bucket{le="+Inf"} 3\nb +Inf\nc -Inf\nd NaN')).toEqual({
    a_bucket: [[{ le: '+Inf' }, 3]],
    b: [[{}, Number.POSITIVE_INFINITY]],
    c: [[{}, Number.NEGATIVE_INFINITY]],
    d: [[{}, Number.NaN]],
  })
})

test('a label may hold every character, braces and escapes too', () => {
  expect(plain(String.raw`m{a="x\"y\\z\n}",b="{1, 2}"} 1`)).toEqual({ m: [[{ a: 'x"y\\z\n}', b: '{1, 2}' }, 1]] })
})

test.each(['m{a="x} 1', 'm{a=x} 1', 'm{a="x"', 'm{a="x"}', 'm', 'm one', 'm 0x10', '7 1', '<html>', '{"error":"x"}'])(
  'a line that is not a sample is skipped, and hides no other: %s',
  (line) => {
    expect(plain(`before 1\n${line}\nafter 2`)).toEqual({ before: [[{}, 1]], after: [[{}, 2]] })
  },
)

test('names of the language are names like others', () => {
  const metrics = parseMetrics('__proto__{constructor="x"} 1\nconstructor 2')
  expect([...metrics.keys()]).toEqual(['__proto__', 'constructor'])
  expect({}).not.toHaveProperty('polluted')
})

test('what a server sends too much is left out: lines, labels and the length of a text', () => {
  expect(parseMetrics('m 1\n'.repeat(50_000)).get('m')).toHaveLength(20_000)
  const labels = Array.from({ length: 100 }, (_, index) => `l${index}="x"`).join()
  expect(parseMetrics(`m{${labels}} 1`).size).toBe(0)
  expect(
    parseMetrics(`m{a="${'x'.repeat(50_000)}"} 1`)
      .get('m')?.[0]
      ?.labels.get('a'),
  ).toHaveLength(1_000)
  expect(parseMetrics(`${'m'.repeat(2_000)} 1`).size).toBe(0)
})

test('a hostile line costs no more time than an honest one', () => {
  const startedAt = cpuMs()
  parseMetrics(`m{a="${'\\'.repeat(500_000)}\nm{${' '.repeat(500_000)}x\nm ${'1'.repeat(500_000)}x`)
  expect(cpuMs() - startedAt).toBeLessThan(1_000)
})

test('a sum takes the first name that has finite samples, and is null without any', () => {
  const metrics = parseMetrics('new{e="0"} 1\nnew{e="1"} 2\nold 7\nbad NaN')
  expect(sumOf(metrics, ['new', 'old'])).toBe(3)
  expect(sumOf(metrics, ['gone', 'old'])).toBe(7)
  expect(sumOf(metrics, ['bad', 'gone'])).toBeNull()
  expect(sumOf(metrics, ['new'], (labels) => labels.get('e') === '1')).toBe(2)
})
