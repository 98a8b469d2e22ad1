import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** Says when each piece that it reads came, in milliseconds of its own clock, and when there was no more. */
const stamper = `
const stamps = []
let rest = ''
let tokens = null
process.stdin.on('data', (chunk) => {
  const at = performance.now()
  const lines = (rest + chunk).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    if (/"(content|reasoning_content|thinking)":"[^"]/.test(line)) stamps.push(at)
    const count = /"(completion_tokens|eval_count)":(\\d+)/.exec(line)
    if (count) tokens = Number(count[2])
  }
})
process.stdin.on('end', () => process.stdout.write(JSON.stringify({ stamps, tokens, end: performance.now() })))
process.stderr.write('ready')
`

/**
 * One streamed answer as `curl -N` gets it. The times of its pieces are those of another process that reads them; all are brought
 * to curl's own beginning by its `time_total`. Milliseconds.
 */
export const curlStream = async ({
  url,
  headers,
  body,
}: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}) => {
  const reader = spawn(process.execPath, ['-e', stamper], { stdio: ['pipe', 'pipe', 'pipe'] })
  const read = text(reader.stdout)
  await once(reader.stderr, 'data')
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const timing = ['-w', '%{stderr}%{time_total}']
  const args = ['-sN', ...timing, ...named, '-H', 'Expect:', '--data-binary', '@-', url]
  const curl = spawn('curl', args, { stdio: ['pipe', reader.stdin, 'pipe'] })
  const told = text(curl.stderr)
  const exited = once(curl, 'close')
  curl.stdin.end(body)
  reader.stdin.destroy() // its other end is curl's now
  await exited
  const totalMs = Number(await told) * 1000
  const { stamps, tokens, end }: { stamps: number[]; tokens: number | null; end: number } = JSON.parse(await read)
  const first = stamps[0] ?? Number.NaN
  const last = stamps.at(-1) ?? Number.NaN
  return {
    tokens,
    ttftMs: totalMs - (end - first),
    /** mean, from the first token to the last */
    itlMs: (last - first) / ((tokens ?? Number.NaN) - 1),
    totalMs,
  }
}
