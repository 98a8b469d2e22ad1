import {
  Activity,
  Boxes,
  Cpu,
  Files,
  Gauge,
  type LucideIcon,
  Anchor as Mark,
  Play,
  PlugZap,
  Settings,
} from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { isUnderWay } from '../../lib/benchmarks.ts'
import { formatCount } from '../../lib/format.ts'
import { isRunning } from '../../lib/instances.ts'
import { isActive } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useInstances, useJobs, useMirror, useProviders } from '../../lib/store.ts'
import classes from './Frame.module.css'
import { ProviderStatus } from './ProviderStatus.tsx'

export function Navigation() {
  const models = useMirror((mirror) => mirror.models.size)
  const files = useMirror((mirror) => mirror.files.size)
  const benchmarks = useMirror((mirror) => [...mirror.benchmarks.values()].filter(isUnderWay).length)
  const running = useInstances().filter(isRunning).length
  const providers = useProviders().length
  const jobs = useJobs().filter(isActive).length
  return (
    <nav className={classes.navigation} aria-label="Pages">
      <div className={classes.brand}>
        <Mark size={18} color="var(--mantine-color-teal-text)" aria-hidden />
        Berth
      </div>
      <Page to={routes.models} Icon={Boxes} name="Models" count={models} />
      <Page to={routes.running} Icon={Play} name="Running" count={running} />
      <Page to={routes.files} Icon={Files} name="Files" count={files} />
      <Page to={routes.hardware} Icon={Cpu} name="Hardware" />
      <Page to={routes.benchmarks} Icon={Gauge} name="Benchmarks" count={benchmarks} />
      <Page to={routes.providers} Icon={PlugZap} name="Providers" count={providers} />
      <Page to={routes.activity} Icon={Activity} name="Activity" count={jobs} />
      <span className={classes.space} />
      <Page to={routes.settings} Icon={Settings} name="Settings" />
      <ProviderStatus />
    </nav>
  )
}

type PageProps = { readonly to: string; readonly Icon: LucideIcon; readonly name: string; readonly count?: number }

function Page({ to, Icon, name, count = 0 }: PageProps) {
  const [location] = useLocation()
  const current = location === to || location.startsWith(`${to}/`)
  return (
    <Link to={to} className={classes.link ?? ''} aria-current={current ? 'page' : undefined}>
      <Icon size={16} aria-hidden />
      {name}
      {count > 0 && <span className={classes.count}>{formatCount(count)}</span>}
    </Link>
  )
}
