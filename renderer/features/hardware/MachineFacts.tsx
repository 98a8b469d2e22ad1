import { Text } from '@mantine/core'
import type { Device, Hardware, ProbeSource } from '../../../shared/contract/hardware.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { Badge, type Tone } from '../../components/StateBadge.tsx'
import { formatMemory, nextAttempt } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import classes from './HardwarePage.module.css'

type Fact = readonly [label: string, value: string | null]

const machineFacts = ({ os, cpu, memory }: Hardware): readonly Fact[] => [
  ['System', [os.name, os.version].filter(Boolean).join(' ')],
  ['Processor', cpu.name],
  ['Cores', coresOf(cpu)],
  ['Memory', formatMemory(memory.totalBytes)],
  ['Limit of the container', memory.limitBytes === null ? null : formatMemory(memory.limitBytes)],
]

const coresOf = (cpu: Hardware['cpu']): string => {
  const { physicalCores, logicalCores, performanceCores, efficiencyCores } = cpu
  const kinds =
    performanceCores !== null && efficiencyCores !== null
      ? ` (${performanceCores} performance, ${efficiencyCores} efficiency)`
      : ''
  return physicalCores === null
    ? `${logicalCores} logical`
    : `${physicalCores} physical${kinds}, ${logicalCores} logical`
}

const vendors: Record<Device['vendor'], string | null> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel',
  apple: 'Apple',
  unknown: null,
}

const deviceFacts = (device: Device): readonly Fact[] => [
  ['Made by', vendors[device.vendor]],
  ['Driver', device.driver],
  ['PCI address', device.pciAddress],
  ['UUID', device.uuid],
  ['Read by', device.source],
]

export function MachineFacts({ hardware }: { readonly hardware: Hardware }) {
  return (
    <div className={classes.facts}>
      <FactTable title="This machine" facts={machineFacts(hardware)} />
      {hardware.devices
        .filter(({ kind }) => kind === 'gpu')
        .map((device) => (
          <FactTable key={device.device} title={device.name} facts={deviceFacts(device)} />
        ))}
      <Sources sources={hardware.sources} />
    </div>
  )
}

function FactTable({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  return (
    <div>
      <h2>{title}</h2>
      <dl className={classes.factList}>
        {facts.map(([label, value]) =>
          value === null ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Copyable text={value} what={label} />
              </dd>
            </div>
          ),
        )}
      </dl>
    </div>
  )
}

const sourceStates: Record<ProbeSource['state'], { tone: Tone; word: string }> = {
  ok: { tone: 'loaded', word: 'answers' },
  absent: { tone: 'unloaded', word: 'not on this machine' },
  failing: { tone: 'failed', word: 'failing' },
}

function Sources({ sources }: { readonly sources: readonly ProbeSource[] }) {
  const now = useNow()
  return (
    <div>
      <h2>Where the figures come from</h2>
      <dl className={classes.factList}>
        {sources.map(({ name, state, reason, nextAttemptAt }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Badge {...sourceStates[state]} />
              {state === 'failing' && (
                <Text c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {reason ?? 'It gave no reason.'} {nextAttempt(nextAttemptAt, now)}
                </Text>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
