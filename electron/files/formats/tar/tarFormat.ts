import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ModelFileFormat, ReadOptions } from '../format.ts'
import type { Inspection } from '../modelFile.ts'
import { shownText } from '../text.ts'
import { inspectTorch } from '../torch/inspectTorch.ts'
import { checkTargets } from './checkTargets.ts'
import { readTarEntries, startsLikeTar, type TarEntry, textOf } from './readTarEntries.ts'
import { scanTarMembers } from './scanTarMembers.ts'

/** tar archives: NeMo's models, PyTorch's before 2017, and whatever else. Pickles and archives in it are followed. */
export const tarFormat: ModelFileFormat = {
  name: 'tar',
  recognizes: startsLikeTar,
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

type Kind = 'torch' | 'nemo' | 'other'

const kinds: Readonly<Record<Kind, readonly [format: string, version: string | null, reason: string]>> = {
  torch: ['PyTorch checkpoint', 'tar', 'This is a checkpoint from before 2017, which only PyTorch reads.'],
  nemo: ['NeMo', null, 'NeMo models run with NVIDIA NeMo, in Python.'],
  other: ['tar', null, 'This is an archive. Unpack it and look at what is in it.'],
}

const mostConfigBytes = 1 << 20

const inspect = async (source: ByteSource, options: ReadOptions = {}): Promise<Inspection> => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  const entries = await readTarEntries(source, options, structure)
  for (const entry of entries) checkEntry(entry, safety)
  const config = entries.find(({ name }) => /(^|\/)model_config\.yaml$/.test(name))
  if (config !== undefined) checkTargets(await textOf(source, config, mostConfigBytes), safety)
  const members = await scanTarMembers(source, entries, options)
  const kind = kindOf(entries)
  if (kind === 'torch')
    safety.add(
      'unknown',
      'tar-not-listed',
      'This is a checkpoint from before 2017: its tensors are not listed, and PyTorch runs its pickles when it is loaded.',
    )
  else if (kind === 'other' && safety.list.length === 0 && members.level === null)
    safety.add('unknown', 'members-not-read', 'What lies in the archive was listed and not read.')
  if (structure.list.length === 0) structure.passed('tar', `${entries.length} entries, all inside the file.`)
  const [format, formatVersion, reason] = kinds[kind]
  const content = {
    ...members,
    ...{ format, formatVersion, reason, root: null },
    dataBytes: members.tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    checks: [...structure.list, ...safety.list, ...members.checks],
    metadata: entries
      .slice(0, 1000)
      .map(({ name, sizeBytes }) => ({ key: shownText(name), type: 'file', value: `${sizeBytes} bytes` })),
  }
  const inspection = inspectTorch(content, source.sizeBytes)
  const names = entries.slice(0, 30).map(({ name }) => shownText(name).slice(0, 100))
  const contents = factGroup('Contents', [
    ['Entries', entries.length, 'tar headers'],
    ['Names', names.join(', '), 'tar headers'],
  ])
  return { ...inspection, facts: [...inspection.facts, contents] }
}

/** PyTorch 0.1.9 and before wrote `sys_info`, `pickle`, `storages` and `tensors`; it looks for the last three. */
const kindOf = (entries: readonly TarEntry[]): Kind => {
  const has = (wanted: string) => entries.some(({ name }) => name.replace(/^\.\//, '') === wanted)
  if (has('pickle') && has('storages') && has('tensors')) return 'torch'
  return has('model_config.yaml') ? 'nemo' : 'other'
}

const checkEntry = ({ name, type }: TarEntry, safety: Findings): void => {
  const file = shownText(name)
  if (/^[/\\]|^[a-z]:/i.test(name) || name.split(/[/\\]/).includes('..'))
    safety.add(
      'dangerous',
      'archive-escapes',
      `The entry "${file}" would be written outside of the folder it is unpacked into.`,
      { file },
    )
  if (type === '1' || type === '2')
    safety.add(
      'dangerous',
      'archive-link',
      `The entry "${file}" is a link: what is unpacked after it can land anywhere.`,
      { file },
    )
  if (type === '3' || type === '4' || type === '6')
    safety.add('dangerous', 'archive-device', `The entry "${file}" is a device.`, { file })
  if (/\.(py|pyc|so|dll|exe|sh)$/i.test(name))
    safety.add('unknown', 'archive-holds-code', `The archive holds a program or script: "${file}".`, {
      file,
      advice: 'Run nothing from it that you do not trust.',
    })
}
