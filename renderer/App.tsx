import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { lazy, Suspense } from 'react'
import { Redirect, Route, Router, Switch, useLocation } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { AddFolderDialog } from './features/drop/AddFolderDialog.tsx'
import { DropTarget } from './features/drop/DropTarget.tsx'
import { PathDialog } from './features/drop/PathDialog.tsx'
import { Frame } from './features/frame/Frame.tsx'
import { PageBoundary } from './features/frame/PageBoundary.tsx'
import { ModelDialogs } from './features/models/ModelDialogs.tsx'
import { ModelsPage } from './features/models/ModelsPage.tsx'
import { Palette } from './features/palette/Palette.tsx'
import { ConnectDialog } from './features/providers/ConnectDialog.tsx'
import { RunningPage } from './features/running/RunningPage.tsx'
import { WelcomePage } from './features/welcome/WelcomePage.tsx'
import { useBenchmarkDialog } from './lib/benchmarkDialogs.ts'
import { useFocusBack } from './lib/focusBack.ts'
import { useModelDialog } from './lib/modelDialogs.ts'
import { routes } from './lib/routes.ts'
import { useMirror, useSettings } from './lib/store.ts'
import { cssVariables, theme } from './theme.ts'

// Behind the first paint: the charts alone weigh more than the rest of the window.
const FilesPage = lazy(() => import('./features/files/FilesPage.tsx').then((m) => ({ default: m.FilesPage })))
const BenchmarksPage = lazy(() =>
  import('./features/benchmarks/BenchmarksPage.tsx').then((m) => ({ default: m.BenchmarksPage })),
)
const BenchmarkDialogs = lazy(() =>
  import('./features/benchmarks/BenchmarkDialogs.tsx').then((m) => ({ default: m.BenchmarkDialogs })),
)
const benchmarkCharts = {
  RunCharts: lazy(() =>
    import('./features/benchmarkCharts/runCharts/RunCharts.tsx').then((m) => ({ default: m.RunCharts })),
  ),
  CompareView: lazy(() =>
    import('./features/benchmarkCharts/compare/CompareView.tsx').then((m) => ({ default: m.CompareView })),
  ),
  HistoryView: lazy(() =>
    import('./features/benchmarkCharts/history/HistoryView.tsx').then((m) => ({ default: m.HistoryView })),
  ),
  FastestView: lazy(() =>
    import('./features/benchmarkCharts/fastest/FastestView.tsx').then((m) => ({ default: m.FastestView })),
  ),
}
const HardwarePage = lazy(() =>
  import('./features/hardware/HardwarePage.tsx').then((m) => ({ default: m.HardwarePage })),
)
const ProvidersPage = lazy(() =>
  import('./features/providers/ProvidersPage.tsx').then((m) => ({ default: m.ProvidersPage })),
)
const ActivityPage = lazy(() =>
  import('./features/activity/ActivityPage.tsx').then((m) => ({ default: m.ActivityPage })),
)
const SettingsPage = lazy(() =>
  import('./features/settings/SettingsPage.tsx').then((m) => ({ default: m.SettingsPage })),
)

export function App() {
  const wanted = useSettings()?.theme ?? 'system'
  const isAskingOfModels = useModelDialog(({ open }) => open !== null)
  const isAskingOfBenchmarks = useBenchmarkDialog(({ open }) => open !== null)
  useFocusBack(isAskingOfModels || isAskingOfBenchmarks)
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      {...(wanted === 'system' ? {} : { forceColorScheme: wanted })}
    >
      <Router hook={useHashLocation}>
        <Notifications position="bottom-right" limit={4} transitionDuration={120} />
        <DropTarget />
        <AddFolderDialog />
        <PathDialog />
        <ConnectDialog />
        <ModelDialogs />
        <Suspense fallback={null}>
          <BenchmarkDialogs />
        </Suspense>
        <Palette />
        <Frame>
          <Pages />
        </Frame>
      </Router>
    </MantineProvider>
  )
}

function Pages() {
  const page = useLocation()[0].split('/')[1]
  return (
    <PageBoundary key={page}>
      <Suspense fallback={null}>
        <Switch>
          {/* one route for the list and for each model in it: the page keeps its search and selection */}
          <Route path={`${routes.models}/*?`} component={FirstPage} />
          <Route path={routes.running} component={RunningPage} />
          {/* one route for the list and for each report, as above */}
          <Route path={`${routes.files}/*?`} component={FilesPage} />
          <Route path={routes.hardware} component={HardwarePage} />
          {/* one route for the list, each run and what is made of several, as above */}
          <Route path={`${routes.benchmarks}/*?`} component={Benchmarks} />
          {/* one route for the list and for each provider in it, as above */}
          <Route path={`${routes.providers}/*?`} component={ProvidersPage} />
          <Route path={routes.activity} component={ActivityPage} />
          <Route path={routes.settings} component={SettingsPage} />
          <Route>
            <Redirect to={routes.models} replace />
          </Route>
        </Switch>
      </Suspense>
    </PageBoundary>
  )
}

function Benchmarks() {
  return <BenchmarksPage charts={benchmarkCharts} />
}

function FirstPage() {
  const isNew = useMirror(({ models, folders }) => models.size === 0 && folders.length === 0)
  return isNew ? <WelcomePage /> : <ModelsPage />
}
