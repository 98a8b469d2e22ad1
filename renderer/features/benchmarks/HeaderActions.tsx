import { Button, Group } from '@mantine/core'
import { useHashLocation } from 'wouter/use-hash-location'
import { openBenchmarkDialog, openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { routes } from '../../lib/routes.ts'

/** Of the page; where nothing was measured yet the page itself offers the first run. */
export function HeaderActions({ isEmpty = false }: { readonly isEmpty?: boolean }) {
  const [, navigate] = useHashLocation()
  return (
    <Group gap={8} wrap="nowrap">
      {!isEmpty && (
        <Button
          variant="default"
          title="Which of my models is fastest within some memory and context?"
          onClick={() => navigate(routes.fastest)}
        >
          Fastest
        </Button>
      )}
      <Button
        variant="default"
        title="What llama-bench wrote, or an export of Berth."
        onClick={() => openBenchmarkDialog({ dialog: 'import' })}
      >
        Import…
      </Button>
      {!isEmpty && <Button onClick={() => openNewBenchmark()}>New benchmark…</Button>}
    </Group>
  )
}
