import { eventIterator } from '@orpc/contract'
import { implement } from '@orpc/server'
import { z } from 'zod'
import { AppError } from '../../electron/lib/appError.ts'
import { errorEdge, type ReportBug, type RequestContext } from '../../electron/router/errorEdge.ts'
import { procedure } from '../../shared/contract/base.ts'

const Name = z.strictObject({ name: z.string().min(1).max(100) })

export const testContract = {
  system: {
    health: procedure({ method: 'GET', path: '/health', summary: 'Is it there', access: 'public' }).output(
      z.object({ status: z.literal('ok') }),
    ),
  },
  things: {
    list: procedure({ method: 'GET', path: '/things', summary: 'All things', access: 'user' })
      .input(z.strictObject({ search: z.string().optional() }))
      .output(z.object({ things: z.array(z.string()) })),
    add: procedure({ method: 'POST', path: '/things', summary: 'Add one', access: 'user' })
      .input(Name)
      .output(z.object({ things: z.array(z.string()) })),
    rename: procedure({ method: 'PUT', path: '/things', summary: 'Rename one', access: 'user' })
      .input(Name)
      .output(z.object({ things: z.array(z.string()) })),
    remove: procedure({ method: 'DELETE', path: '/things', summary: 'Remove one', access: 'user' })
      .input(Name)
      .output(z.object({ things: z.array(z.string()) })),
    wait: procedure({ method: 'POST', path: '/things/wait', summary: 'Until it is released', access: 'user' }, [
      'CANCELLED',
    ]).output(z.object({ waited: z.literal(true) })),
    watch: procedure({ method: 'GET', path: '/things/watch', summary: 'A stream', access: 'user' }).output(
      eventIterator(z.object({ count: z.number() })),
    ),
    fail: procedure({ method: 'POST', path: '/things/fail', summary: 'Fails as asked', access: 'user' }, [
      'OUT_OF_MEMORY',
    ])
      .input(z.strictObject({ how: z.enum(['known', 'bug', 'bad answer']) }))
      .output(z.object({ short: z.string().max(3) })),
    crash: procedure({ method: 'POST', path: '/things/crash', summary: 'A stream that breaks', access: 'user' }, [
      'ENGINE_CRASHED',
    ]).output(eventIterator(z.object({ count: z.number() }))),
  },
}

/** A small application that records what reached it: what a refused request must never do. */
export function createTestRouter() {
  const changes: string[] = []
  const bugs: { error: unknown; requestId: string }[] = []
  const releases: (() => void)[] = []
  const watchers = { open: 0 }
  const reportBug: ReportBug = (error, requestId) => void bugs.push({ error, requestId })
  const os = implement(testContract).$context<RequestContext>().use(errorEdge(reportBug))
  const change = (what: string) => {
    changes.push(what)
    return { things: [...changes] }
  }
  const router = os.router({
    system: { health: os.system.health.handler(() => ({ status: 'ok' as const })) },
    things: {
      list: os.things.list.handler(() => ({ things: [...changes] })),
      add: os.things.add.handler(({ input }) => change(`add ${input.name}`)),
      rename: os.things.rename.handler(({ input }) => change(`rename ${input.name}`)),
      remove: os.things.remove.handler(({ input }) => change(`remove ${input.name}`)),
      wait: os.things.wait.handler(async () => {
        await new Promise<void>((resolve) => releases.push(resolve))
        return { waited: true as const }
      }),
      watch: os.things.watch.handler(async function* ({ signal }) {
        watchers.open += 1
        try {
          yield { count: 0 }
          await new Promise((resolve) => signal?.addEventListener('abort', resolve))
        } finally {
          watchers.open -= 1
        }
      }),
      fail: os.things.fail.handler(({ input }) => {
        if (input.how === 'known') throw new AppError('OUT_OF_MEMORY', undefined, { details: { missingBytes: 12 } })
        if (input.how === 'bug') throw new TypeError('secret detail')
        return { short: 'too long' }
      }),
      crash: os.things.crash.handler(async function* () {
        yield { count: 0 }
        throw new AppError('ENGINE_CRASHED')
      }),
    },
  })
  return { router, changes, bugs, releases, watchers, reportBug }
}
