import { Button, Menu } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { navigate } from 'wouter/use-hash-location'
import type { FileRow, Report } from '../../../shared/contract/files.ts'
import { bridge } from '../../lib/bridge.ts'
import { exportReport, forgetFiles, hashFiles } from '../../lib/fileActions.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import { WriteCopyDialog } from './WriteCopyDialog.tsx'
import { canWriteCopy } from './writeCopy.ts'

type ReportActionsProps = {
  readonly path: string
  readonly row: FileRow | null
  readonly report: Report | null
  readonly isRunning: boolean
  readonly onValidate: () => void
}

/** The first item has the focus: the placeholder that would have it otherwise is no item of a menu. */
const menu = { position: 'bottom-start', withInitialFocusPlaceholder: false } as const

export function ReportActions({ path, row, report, isRunning, onValidate }: ReportActionsProps) {
  const [writing, setWriting] = useState(false)
  return (
    <>
      <Button variant="default" loading={isRunning} onClick={onValidate}>
        {report === null ? 'Validate' : 'Validate again'}
      </Button>
      {report !== null && row !== null && (
        <Menu {...menu}>
          <Menu.Target>
            <Button variant="default" rightSection={<ChevronDown size={14} />}>
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown aria-label="Export">
            <Menu.Item data-autofocus onClick={() => void exportReport(path, 'html')}>
              A page to read and send on (HTML)
            </Menu.Item>
            <Menu.Item onClick={() => void exportReport(path, 'json')}>Everything, for a program (JSON)</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {row !== null && <MoreActions row={row} report={report} onWriteCopy={() => setWriting(true)} />}
      {writing && report !== null && <WriteCopyDialog report={report} onClose={() => setWriting(false)} />}
    </>
  )
}

type MoreActionsProps = {
  readonly row: FileRow
  readonly report: Report | null
  readonly onWriteCopy: () => void
}

function MoreActions({ row: { path, sha256 }, report, onWriteCopy }: MoreActionsProps) {
  const model = useMirror(({ models }) => [...models.values()].find((each) => each.path === path)?.model ?? null)
  const forget = () => {
    navigate(routes.files)
    void forgetFiles([path])
  }
  return (
    <Menu {...menu}>
      <Menu.Target>
        <Button variant="default" rightSection={<ChevronDown size={14} />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label="More">
        <Menu.Item data-autofocus onClick={() => void hashFiles([path])}>
          {sha256 === null ? 'Compute the full hash' : 'Verify on disk'}
        </Menu.Item>
        <Menu.Item disabled={report === null || !canWriteCopy(report)} onClick={onWriteCopy}>
          Write a copy with other metadata…
        </Menu.Item>
        {model !== null && <Menu.Item onClick={() => navigate(routes.model(model))}>Show the model</Menu.Item>}
        {bridge !== null && <Menu.Item onClick={() => void bridge?.reveal(path)}>Reveal</Menu.Item>}
        <Menu.Divider />
        <Menu.Item onClick={forget}>Forget (the file stays)</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
