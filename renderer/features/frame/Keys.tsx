import { Group, Kbd, Modal, Table } from '@mantine/core'
import { useEffect } from 'react'
import { navigate } from 'wouter/use-hash-location'
import { focusSearch } from '../../components/PageHeader.tsx'
import { routes } from '../../lib/routes.ts'
import { closeKeys, openKeys, useView } from '../../lib/view.ts'
import { modKey } from './TopBar.tsx'

const list: readonly (readonly [keys: readonly string[], does: string])[] = [
  [[modKey, 'K'], 'Every action and every model'],
  [['/'], 'Search on this page'],
  [['↑', '↓', 'Enter'], 'Move in a table, open the row'],
  [['Space'], 'Select the row; with Shift and arrows, several'],
  [['L'], 'Load the row’s model'],
  [['U'], 'Unload the row’s model'],
  [['B'], 'Benchmark the row’s model, or all selected models'],
  [['V'], 'Validate the row’s file, or all selected files'],
  [['Esc'], 'Close details or a dialog'],
  [['G', 'M'], 'Go to Models; R Running, F Files, H Hardware, B Benchmarks, P Providers, A Activity, S Settings'],
  [['?'], 'This list'],
]

const pages: Readonly<Record<string, string>> = {
  m: routes.models,
  r: routes.running,
  f: routes.files,
  h: routes.hardware,
  b: routes.benchmarks,
  p: routes.providers,
  a: routes.activity,
  s: routes.settings,
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null

/** How long a `g` waits for its page. */
const chordMs = 1200

/** The keys that work anywhere, and the list of all keys. */
export function Keys() {
  const opened = useView((view) => view.keysOpen)
  useEffect(() => {
    let chordUntil = 0
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const page = event.timeStamp < chordUntil ? pages[event.key] : undefined
      chordUntil = event.key === 'g' ? event.timeStamp + chordMs : 0
      if (page !== undefined) navigate(page)
      else if (event.key === '/') focusSearch()
      else if (event.key === '?') openKeys()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
  return (
    <Modal opened={opened} onClose={closeKeys} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          {list.map(([keys, does]) => (
            <Table.Tr key={does}>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
