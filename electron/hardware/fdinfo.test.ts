import { expect, test } from 'vitest'
import { fixture } from './fakeMachine.ts'
import { clientBytes, engineBusy, parseFdinfo } from './fdinfo.ts'

const client = async (name: string) => {
  const parsed = parseFdinfo(await fixture(name))
  if (parsed === null) throw new Error(`${name} was not understood`)
  return parsed
}
const changed = (text: string, from: string, to: string) => {
  const parsed = parseFdinfo(text.replace(from, to))
  if (parsed === null) throw new Error('not understood')
  return parsed
}

test('an AMD client holds its video memory, and on an APU also what it took from RAM', async () => {
  const amd = await client('fdinfo-amdgpu.txt')
  expect(amd).toMatchObject({ driver: 'amdgpu', pciAddress: '0000:08:00.0', clientId: '217' })
  expect(clientBytes(amd, false)).toBe(2068 * 1024)
  expect(clientBytes(amd, true)).toBe((2068 + 8192) * 1024)
})

test('an Intel client counts what is resident, not what it reserved', async () => {
  expect(clientBytes(await client('fdinfo-i915.txt'), false)).toBe(2698140 * 1024)
})

test('units differ within one file, no unit is bytes, and cycles are not memory', async () => {
  const xe = await client('fdinfo-xe.txt')
  expect(xe.memory).toEqual(
    new Map([
      ['gtt', 0],
      ['vram0', 23992 * 1024],
    ]),
  )
  expect(clientBytes(xe, false)).toBe(23992 * 1024)
})

test('a client of an integrated card has no memory of its own, which is not zero', () => {
  const text = 'drm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t3\ndrm-resident-system0:\t100 KiB\n'
  const parsed = parseFdinfo(text)
  expect(parsed && clientBytes(parsed, false)).toBeNull()
  expect(parsed && clientBytes(parsed, true)).toBe(100 * 1024)
})

test('a descriptor of something else is nothing', () => {
  expect(parseFdinfo('pos:\t0\nflags:\t02\nmnt_id:\t9\n')).toBeNull()
  expect(parseFdinfo('')).toBeNull()
})

test('busy is the time an engine worked, shared over engines of its kind', async () => {
  const text = await fixture('fdinfo-i915.txt')
  const before = await client('fdinfo-i915.txt')
  const after = changed(text, '52044119560', String(52044119560 + 500_000_000))
  expect(engineBusy(before, after, 1_000)).toEqual(new Map([['render', 0.5]]))
  const two = changed(`${text}drm-engine-capacity-render:\t2\n`, '52044119560', String(52044119560 + 500_000_000))
  expect(engineBusy(before, two, 1_000)).toEqual(new Map([['render', 0.25]]))
})

test('xe tells cycles out of all cycles', async () => {
  const text = await fixture('fdinfo-xe.txt')
  const after = changed(text.replace('28257900', '28257925'), '7655183225', '7655183325')
  expect(engineBusy(await client('fdinfo-xe.txt'), after, 1_000)).toEqual(new Map([['rcs', 0.25]]))
})

test('a counter that stepped back gives no figure', async () => {
  const text = await fixture('fdinfo-amdgpu.txt')
  expect(engineBusy(await client('fdinfo-amdgpu.txt'), changed(text, '107322799', '1'), 1_000)).toEqual(new Map())
})
