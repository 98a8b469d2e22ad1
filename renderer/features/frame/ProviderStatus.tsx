import { Button, Group, Popover, Stack, Text } from '@mantine/core'
import { type CSSProperties, useState } from 'react'
import { Link } from 'wouter'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import { checkProvider } from '../../lib/actions.ts'
import { useNow } from '../../lib/now.ts'
import { answering, providerWords } from '../../lib/providers.ts'
import { routes } from '../../lib/routes.ts'
import { useProviders } from '../../lib/store.ts'
import classes from './Frame.module.css'

/** How many providers answer; a click says which and, for the others, why not. */
export function ProviderStatus() {
  const [opened, setOpened] = useState(false)
  const { reachable, asked } = answering(useProviders())
  const tone = reachable === asked ? 'var(--berth-loaded)' : 'var(--berth-stale)'
  const text = `${reachable} of ${asked}`
  return (
    <Popover opened={opened} onChange={setOpened} position="right-end" width={360} shadow="md" trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.link}
          aria-label={`${text} providers answer`}
          onClick={() => setOpened((before) => !before)}
        >
          <span className={classes.providerDot} style={{ '--tone': tone } as CSSProperties} aria-hidden />
          {text} <span className={classes.count}>providers</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Providers" className={classes.providerList ?? ''}>
        <ProviderList onLeave={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function ProviderList({ onLeave }: { readonly onLeave: () => void }) {
  const providers = useProviders()
  const now = useNow()
  return (
    <Stack gap={12}>
      {providers.map((provider) => {
        const { tone, word, text, failure } = providerWords(provider, now)
        return (
          <div key={provider.provider}>
            <Group justify="space-between" wrap="nowrap">
              <Link
                to={routes.provider(provider.provider)}
                className={classes.providerName ?? ''}
                title={provider.name}
                onClick={onLeave}
              >
                {provider.name}
              </Link>
              <Badge tone={tone} word={word} />
            </Group>
            {provider.address !== null && (
              <Text c="dimmed" className={classes.providerAddress ?? ''}>
                {provider.address}
              </Text>
            )}
            {failure === null ? (
              <Text c="dimmed">{text}</Text>
            ) : (
              <ErrorView
                failure={failure}
                action={
                  <Button size="compact-xs" variant="default" onClick={() => void checkProvider(provider.provider)}>
                    Check again
                  </Button>
                }
              />
            )}
          </div>
        )
      })}
      <Button component={Link} to={routes.providers} variant="default" onClick={onLeave}>
        Show all providers
      </Button>
    </Stack>
  )
}
