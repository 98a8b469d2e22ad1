import { Button, Menu } from '@mantine/core'
import { ChevronDown, FileSearch, FolderSearch, SearchX } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { FileRow } from '../../../shared/contract/files.ts'
import { EmptyView } from '../../components/EmptyView.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { fileWord } from '../../lib/fileActions.ts'
import { formatCount, formatDisk } from '../../lib/format.ts'
import { routes, useFileInRoute } from '../../lib/routes.ts'
import { useFiles, useFolders, useJobs } from '../../lib/store.ts'
import { askForPath, useView } from '../../lib/view.ts'
import { BatchLines } from './BatchLines.tsx'
import { FileFilters } from './FileFilters.tsx'
import { FileTable } from './FileTable.tsx'
import { countVerdicts, filterFiles, noFilter } from './fileList.ts'
import classes from './files.module.css'
import { NoFiles } from './NoFiles.tsx'
import { PlaceList } from './PlaceList.tsx'
import { belowFolder } from './paths.ts'
import { placesOf } from './places.ts'
import { ReportPanel } from './ReportPanel.tsx'

const summaryOf = (rows: readonly FileRow[]) => {
  const { broken, dangerous } = countVerdicts(rows)
  return { files: rows.length, sizeBytes: rows.reduce((sum, row) => sum + row.sizeBytes, 0), broken, dangerous }
}

const filesBelow = (folder: string, files: readonly FileRow[]): readonly FileRow[] => {
  const isHere = belowFolder(folder)
  return files.filter(({ path }) => isHere(path))
}

/** The folders, which of them is shown, and what lies below it. */
const usePlaces = (files: readonly FileRow[]) => {
  const folders = useFolders()
  const jobs = useJobs()
  const wanted = useView((view) => view.filesFolder)
  const places = useMemo(() => placesOf(folders, jobs, files, wanted), [folders, jobs, files, wanted])
  const shown = places.some(({ path }) => path === wanted) ? wanted : null // a folder can leave
  const below = useMemo(() => (shown === null ? files : filesBelow(shown, files)), [files, shown])
  return { places, shown, below }
}

/** Left the folders, in the middle what lies below the chosen one, right the report of one of them. */
export function FilesPage() {
  // ten thousand rows that come in while a folder is looked into give way to whoever types or scrolls
  const files = useDeferredValue(useFiles())
  const { places, shown, below } = usePlaces(files)
  const [, navigate] = useHashLocation()
  const opened = useFileInRoute()
  const [filter, setFilter] = useState(noFilter)
  const all = useMemo(() => summaryOf(files), [files])
  const found = useMemo(() => filterFiles(below, filter), [below, filter])
  const counts = useMemo(() => countVerdicts(found), [found])
  const judged = useMemo(
    () => (filter.verdict === null ? found : found.filter(({ verdict }) => verdict === filter.verdict)),
    [found, filter.verdict],
  )
  return (
    <div className={classes.page}>
      {files.length === 0 ? (
        <PageHeader title="Files" />
      ) : (
        <PageHeader
          title="Files"
          fact={countText(below, judged.length)}
          search={{
            label: 'Search files',
            value: filter.search,
            onChange: (search) => setFilter({ ...filter, search }),
          }}
          filters={<FileFilters rows={below} counts={counts} filter={filter} onFilter={setFilter} />}
          action={<ValidateButton />}
        />
      )}
      <BatchLines shown={shown} />
      <div className={classes.split}>
        <PlaceList places={places} all={all} shown={shown} />
        <FileTable
          rows={judged}
          opened={opened}
          empty={
            below.length === 0 ? (
              <NoFiles folder={shown} />
            ) : (
              <EmptyView
                icon={<SearchX />}
                title="No file matches"
                text="None of these files fits this search and these filters together."
                actions={<Button onClick={() => setFilter(noFilter)}>Clear search and filters</Button>}
              />
            )
          }
        />
        {opened !== null && <ReportPanel key={opened} path={opened} onClose={() => navigate(routes.files)} />}
      </div>
    </div>
  )
}

const countText = (rows: readonly FileRow[], shown: number): string =>
  rows.length === shown
    ? `${fileWord(rows.length)}, ${formatDisk(summaryOf(rows).sizeBytes)}`
    : `${formatCount(shown)} of ${fileWord(rows.length)}`

function ValidateButton() {
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button leftSection={<FileSearch size={14} />} rightSection={<ChevronDown size={14} />}>
          Validate
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label="Validate">
        <Menu.Item data-autofocus leftSection={<FileSearch size={14} />} onClick={() => askForPath('file')}>
          A file…
        </Menu.Item>
        <Menu.Item leftSection={<FolderSearch size={14} />} onClick={() => askForPath('folder')}>
          A folder…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
