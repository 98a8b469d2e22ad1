import type { Notice, System } from '../../shared/contract/system.ts'
import type { NoticeRepository } from '../catalog/noticeRepository.ts'

export interface SystemServiceDeps {
  readonly version: string
  readonly host: System['host']
  readonly dataDir: string
  readonly notices: NoticeRepository
  readonly now: () => number
  readonly publish: (notice: Notice) => void
}

/** This Berth itself, and what a person should know that no page asked for. */
export const createSystemService = ({ version, host, dataDir, notices, now, publish }: SystemServiceDeps) => {
  const startedAt = now()
  const get = (): System => ({ version, host, dataDir, startedAt, notices: notices.list() })
  return {
    get,
    /** One notice per id: a later one takes its place. */
    notify: (id: string, level: Notice['level'], title: string, text: string): void => {
      const notice: Notice = { id, level, title, text, at: now() }
      notices.save(notice)
      publish(notice)
    },
    dismiss: (id: string): System => {
      notices.remove(id)
      return get()
    },
  }
}

export type SystemService = ReturnType<typeof createSystemService>
