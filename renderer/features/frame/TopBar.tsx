import { Button, Loader } from '@mantine/core'
import { Link } from 'wouter'
import { MemoryBars } from '../../components/MemoryBars.tsx'
import { isActive } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useJobs } from '../../lib/store.ts'
import { palette, useView } from '../../lib/view.ts'
import classes from './Frame.module.css'

const isMac = navigator.userAgent.includes('Mac')
export const modKey = isMac ? '⌘' : 'Ctrl'

/** Always in sight: whose memory is used, what is under way, and the way to every action. */
export function TopBar() {
  const jobs = useJobs().filter(isActive).length
  const planned = useView((view) => view.plannedLoad)
  return (
    <section className={classes.top} aria-label="Memory and jobs">
      <MemoryBars planned={planned} />
      <div className={classes.tools}>
        {jobs > 0 && (
          <Button
            component={Link}
            to={routes.activity}
            size="compact-sm"
            variant="subtle"
            leftSection={<Loader size={12} aria-hidden />}
          >
            {jobs} {jobs === 1 ? 'job' : 'jobs'}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          aria-label="All actions and models"
          onClick={palette.open}
          rightSection={<span className={classes.hint}>{modKey} K</span>}
        >
          Find
        </Button>
      </div>
    </section>
  )
}
