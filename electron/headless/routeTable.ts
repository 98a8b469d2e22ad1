import { type AnyRouter, traverseContractProcedures } from '@orpc/server'
import type { Access } from '../../shared/contract/base.ts'
import { AppError } from '../lib/appError.ts'

export interface Route<Serve> {
  readonly method: string
  readonly path: string
  readonly access: Access
  readonly serve: Serve
}

export interface PublishedProcedure {
  readonly name: string
  readonly method: string
  /** below `/api/v1` */
  readonly path: string
  /** undefined: nobody said, and such a procedure may not be published */
  readonly access: Access | undefined
}

const accessOf = (meta: Record<string, unknown>): Access | undefined =>
  meta.access === 'public' || meta.access === 'user' ? meta.access : undefined

/** Every procedure of the router with its REST address and its policy. */
export function listProcedures(router: AnyRouter): PublishedProcedure[] {
  const found: PublishedProcedure[] = []
  traverseContractProcedures({ router, path: [] }, ({ contract, path }) => {
    const { route, meta } = contract['~orpc']
    found.push({
      name: path.join('.'),
      method: route.method ?? 'POST',
      path: route.path ?? `/${path.join('/')}`,
      access: accessOf(meta),
    })
  })
  return found
}

/** Finds routes by exact path: what is not listed does not exist. HEAD asks for what GET answers. */
export function createRouteTable<Serve>(routes: readonly Route<Serve>[]) {
  const byPath = new Map<string, Map<string, Route<Serve>>>()
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? new Map<string, Route<Serve>>()
    byPath.set(route.path, methods.set(route.method, route))
  }
  return {
    allowedAt(path: string): string[] {
      const methods = [...(byPath.get(path)?.keys() ?? [])]
      return methods.length === 0 ? [] : [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    },
    find(method: string, path: string): Route<Serve> {
      const methods = byPath.get(path)
      if (methods === undefined) throw new AppError('NOT_FOUND')
      const route = methods.get(method === 'HEAD' ? 'GET' : method)
      if (route === undefined) throw new AppError('METHOD_NOT_ALLOWED')
      return route
    },
  }
}
