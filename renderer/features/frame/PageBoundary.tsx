import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { ErrorView } from '../../components/ErrorView.tsx'
import { type Failure, failureOf } from '../../lib/failure.ts'
import classes from './Frame.module.css'

/** A page that fails, or that could not be fetched because Berth is gone, says so; the frame around it stays. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, { readonly failure: Failure | null }> {
  override state = { failure: null as Failure | null }

  static getDerivedStateFromError(error: unknown) {
    return { failure: failureOf(error) }
  }

  override render() {
    if (this.state.failure === null) return this.props.children
    return (
      <div className={classes.screen}>
        <ErrorView
          title="This page cannot be shown"
          failure={this.state.failure}
          action={
            <Button size="compact-xs" onClick={() => window.location.reload()}>
              Reload the window
            </Button>
          }
        />
      </div>
    )
  }
}
