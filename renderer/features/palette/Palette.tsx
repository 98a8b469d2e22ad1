import { useLocalStorage } from '@mantine/hooks'
import { Spotlight, useSpotlight } from '@mantine/spotlight'
import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useMirror } from '../../lib/store.ts'
import { paletteStore } from '../../lib/view.ts'
import { allCommands } from './commands.ts'
import { rankCommands, withRecent } from './rankCommands.ts'

const shown = 40
/** Handed on to the scroll area inside, which must be reachable by keyboard. */
const scrollable = { viewportProps: { tabIndex: 0, 'aria-label': 'Found' } }

/** Ctrl/Cmd-K: every action and every model, the recent ones first. */
export function Palette() {
  const [query, setQuery] = useState('')
  return (
    <Spotlight.Root
      store={paletteStore}
      attributes={{ content: { 'aria-label': 'Actions and models' } }}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      scrollable
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      maxHeight={440}
      transitionProps={{ duration: 100 }}
    >
      <Spotlight.Search
        placeholder="What do you want to do, or which model?"
        aria-label="Find an action or a model"
        leftSection={<Search size={16} />}
      />
      <Spotlight.ActionsList {...scrollable}>
        <Found query={query} />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

/** Built only while the palette is open: with 10,000 models it is a long list. */
function Found({ query }: { readonly query: string }) {
  const { opened } = useSpotlight(paletteStore)
  const [recent, setRecent] = useLocalStorage<readonly string[]>({ key: 'berth-recent-commands', defaultValue: [] })
  const commands = useMemo(() => (opened ? allCommands(useMirror.getState()) : []), [opened])
  const found = useMemo(() => rankCommands(commands, query, recent, shown), [commands, query, recent])
  if (found.length === 0) return <Spotlight.Empty>Nothing is called that.</Spotlight.Empty>
  return found.map(({ id, title, detail, run }) => (
    <Spotlight.Action
      key={id}
      label={title}
      {...(detail === undefined ? {} : { description: detail })}
      onClick={() => {
        setRecent((before) => withRecent(before, id))
        run()
      }}
    />
  ))
}
