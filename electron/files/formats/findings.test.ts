import { expect, it } from 'vitest'
import { checkOf, createFindings, limitChecks } from './findings.ts'

it('of many findings of one kind the first are kept, and the last says how many there were', () => {
  const findings = createFindings('structure')
  const { list } = findings
  for (let index = 1; index <= 5; index++) findings.add('note', 'long-name', `Name ${index} is long.`, index)
  expect(list.map(({ message }) => message).at(-1)).toBe('Name 5 is long.')
  expect(findings.isFull('note', 'long-name')).toBe(true)
  for (let index = 6; index <= 1005; index++) findings.add('note', 'long-name', `Name ${index} is long.`, index)
  expect(list).toHaveLength(5)
  expect(list[4]).toMatchObject({ message: 'Name 5 is long. … and 1000 more like it.', evidence: { offset: 5 } })
  expect(structuredClone(list)).toEqual(list)
})

it('a worse outcome of the same code is not lost behind many of a lesser one', () => {
  const findings = createFindings('safety')
  for (let index = 0; index < 10; index++) findings.add('note', 'import', 'A name.')
  findings.add('dangerous', 'import', 'os.system')
  expect(findings.list.at(-1)).toMatchObject({ outcome: 'dangerous', message: 'os.system' })
})

it('the same for what several readers found', () => {
  const checks = Array.from({ length: 7 }, (_, index) => checkOf('safety', 'warning', 'same', `Member ${index}.`))
  const limited = limitChecks([...checks, checkOf('safety', 'note', 'other', 'Once.')])
  expect(limited.map(({ message }) => message)).toEqual([
    ...['Member 0.', 'Member 1.', 'Member 2.', 'Member 3.', 'Member 4. … and 2 more like it.'],
    'Once.',
  ])
})
