import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Check } from '../../../../shared/contract/checks.ts'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { createRandom, mutationRounds, mutationSeed } from '../../../../test/support/mutation.ts'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { dict, global, pickle, reduce, text } from '../pickle/testPickle.ts'
import { torchFormat } from '../torch/torchFormat.ts'
import { tarFormat } from './tarFormat.ts'

const inspect = (bytes: Buffer) => tarFormat.inspect(bytesSource(bytes))
const isNoted = ({ outcome }: Check) => outcome !== 'passed'
const bad = async (bytes: Buffer) =>
  (await inspect(bytes)).summary.checks.filter(isNoted).map(({ outcome, code }) => `${outcome}: ${code}`)
const system = pickle(reduce(global('os', 'system'), text('id')))

/** The sum of a header, so that damage is not found by it alone. */
const fixChecksum = (header: Buffer): void => {
  if (header.length < 512) return
  header.write('        ', 148)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
}

/** [name, content, type] */
const tar = (...entries: readonly (readonly [string, string | Buffer, string?])[]) =>
  Buffer.concat([
    ...entries.map(([name, content, type = '0']) => {
      const data = Buffer.from(content)
      const header = Buffer.alloc(512)
      header.write(name)
      header.write('0000644\0', 100)
      header.write(data.length.toString(8).padStart(11, '0'), 124)
      header.write(type, 156)
      header.write('ustar\x0000', 257)
      fixChecksum(header)
      return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
    }),
    Buffer.alloc(1024),
  ])

describe('tar archives', () => {
  it('a NeMo model: its checkpoint and the names it calls', async () => {
    const yaml =
      'model:\n  _target_: nemo.collections.asr.models.EncDecCTCModel\n  optim:\n    _target_: torch.optim.AdamW\n'
    const checkpoint = readFileSync(new URL('../../../../test/fixtures/torch/state-dict.pt', import.meta.url))
    const whole = tar(['./model_config.yaml', yaml], ['./model_weights.ckpt', checkpoint])
    const { summary, tensors } = await inspect(whole)
    const alone = await torchFormat.inspect(bytesSource(checkpoint))
    expect(summary).toMatchObject({ format: 'NeMo', parameterCount: alone.summary.parameterCount })
    expect(tensors.map(({ name, offset }) => [name, offset])).toEqual(
      alone.tensors.map(({ name, offset }) => [name, (offset ?? 0) + whole.indexOf(checkpoint)]),
    )
    expect(await bad(whole)).toEqual(
      alone.summary.checks.filter(isNoted).map(({ outcome, code }) => `${outcome}: ${code}`),
    )
    expect(await bad(tar(['model_config.yaml', yaml], ['model_weights.ckpt', system]))).toContain(
      'dangerous: pickle-dangerous-import',
    )
    for (const target of ['os.system', 'builtins.eval', 'subprocess.Popen', 'nemo.os.system'])
      expect(await bad(tar(['model_config.yaml', `a: {_target_: "${target}"}`]))).toEqual(['dangerous: hydra-target'])
    expect(await bad(tar(['model_config.yaml', '_target_: someone.Else']))).toEqual(['unknown: hydra-unknown-target'])
    for (const hidden of ['"_target\\x5f": os.system', '_target_: >\n  os.system', '? _target_\n: os.system'])
      expect(await bad(tar(['model_config.yaml', hidden]))).toContain('unknown: hydra-not-read')
  })

  it('entries that leave the folder, links and devices', async () => {
    expect(await bad(tar(['../x', 'a']))).toEqual(['dangerous: archive-escapes'])
    expect(await bad(tar(['/x', 'a']))).toEqual(['dangerous: archive-escapes'])
    expect(await bad(tar(['x', '', '2']))).toEqual(['dangerous: archive-link'])
    expect(await bad(tar(['x', '', '3']))).toEqual(['dangerous: archive-device'])
    expect(await bad(tar(['x.py', 'a']))).toEqual(['unknown: archive-holds-code'])
    expect(await bad(tar(['x.txt', 'a']))).toEqual(['unknown: members-not-read'])
  })

  it('a damaged one', async () => {
    const whole = tar(['a', 'b'], ['c', 'd'])
    expect(await bad(whole.subarray(0, 512))).toContain('broken: tar-entry-outside')
    whole[1024 + 3] = 0x41
    expect(await bad(whole)).toContain('broken: bad-tar-header')
  })

  it('PyTorch before 0.1.10: pickles are found, tensors are not listed, and both is said', async () => {
    const members = ['sys_info', 'pickle', 'storages', 'tensors'] as const
    const data = tar(...members.map((name) => [name, pickle(dict({}))] as const))
    expect((await inspect(data)).summary).toMatchObject({ format: 'PyTorch checkpoint', formatVersion: 'tar' })
    expect(await bad(data)).toContain('unknown: tar-not-listed')
    const evil = tar(...members.map((name) => [name, name === 'storages' ? system : pickle(dict({}))] as const))
    expect(await bad(evil)).toContain('dangerous: pickle-dangerous-import')
  })

  it('names of more than 100 bytes, as GNU and PAX write them', async () => {
    const long = `../${'x'.repeat(150)}`
    const record = ` path=${long}\n`
    expect(await bad(tar(['././@LongLink', `${long}\0`, 'L'], ['short', 'a']))).toContain('dangerous: archive-escapes')
    expect(await bad(tar(['PaxHeader', `${record.length + 3}${record}`, 'x'], ['short', 'a']))).toContain(
      'dangerous: archive-escapes',
    )
    expect(await bad(tar(['PaxHeader', '9'.repeat(600), 'x'], ['short', 'a']))).toEqual(['unknown: members-not-read'])
  })

  it('what is packed again, or is no archive though it begins like one, is said to be unknown', async () => {
    expect(await bad(tar(['a.gz', Buffer.from('1f8b0800', 'hex')]))).toContain('unknown: packed-member')
    expect(await bad(tar(['a.zip', 'PK\x03\x04 and no more']))).toContain('unknown: member-not-read')
  })

  it(`${mutationRounds} mutations (BERTH_SEED=${mutationSeed}) are refused by name or stay inside the file`, async () => {
    const random = createRandom(mutationSeed)
    const checkpoint = readFileSync(new URL('../../../../test/fixtures/torch/state-dict.pt', import.meta.url))
    const valid = [
      tar(['model_config.yaml', 'a: 1'], ['pickle', pickle(dict({}))], ['x', system]),
      tar(['model_config.yaml', '_target_: torch.nn.Linear'], ['weights.ckpt', checkpoint]),
      tar(['././@LongLink', 'x'.repeat(150), 'L'], ['short', 'a'], ['PaxHeader', '12 path=a/b\n', 'x'], ['short', 'b']),
    ]
    const seen = new Set<string>()
    for (let round = 0; round < mutationRounds; round++) {
      let bytes: Buffer = Buffer.from(random.pick(valid))
      for (let times = random.below(4); times >= 0; times--) {
        const header = 512 * random.below(bytes.length / 512)
        if (random.below(3) === 0) bytes[random.below(bytes.length)] = random.below(256)
        else
          bytes[header + random.pick([0, 124, 134, 148, 156, 257])] = random.pick([
            0, 0x30, 0x37, 0x4c, 0x78, 0x80, 0xff,
          ])
        fixChecksum(bytes.subarray(header, header + 512))
      }
      if (random.below(8) === 0) bytes = bytes.subarray(0, random.below(bytes.length))
      const before = cpuMs()
      const found = await inspect(bytes).catch((error: unknown) => {
        if (error instanceof FormatError) return error.code
        throw error
      })
      expect(cpuMs() - before, `round ${round}`).toBeLessThan(1000)
      if (typeof found === 'string') seen.add(found)
      else {
        for (const { code } of found.summary.checks) seen.add(code)
        if (!found.summary.checks.some(({ outcome }) => outcome === 'broken'))
          for (const row of found.tensors) expect((row.offset ?? 0) + row.bytes).toBeLessThanOrEqual(bytes.length)
        structuredClone(found)
      }
    }
    expect(seen.size).toBeGreaterThan(10)
  }, 240_000)
})
