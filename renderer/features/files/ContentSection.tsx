import { Anchor, Button, Progress } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ContentHash } from '../../../shared/contract/files.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Section } from '../../components/Section.tsx'
import sheet from '../../components/sheet.module.css'
import { hashFiles } from '../../lib/fileActions.ts'
import { formatMoment, formatPercent } from '../../lib/format.ts'
import { isActive } from '../../lib/jobs.ts'
import { useNow } from '../../lib/now.ts'
import classes from './files.module.css'
import { useHashJob } from './useHashJob.ts'

type ContentSectionProps = { readonly content: ContentHash; readonly path: string }

/** Who the bytes are: a quick fingerprint, the full hash, and the hash they should have. */
export function ContentSection({ content, path }: ContentSectionProps) {
  const { fingerprint, sha256, hashedAt, known, matches } = content
  const now = useNow(10_000)
  const job = useHashJob(path)
  return (
    <Section title="Content">
      <dl className={sheet.facts}>
        <Row label="Fingerprint" value={fingerprint} note="quick identity, not proof" />
        <dt>SHA-256</dt>
        <dd>
          {sha256 === null ? <span className={classes.dim}>not computed yet</span> : <Hash text={sha256} />}
          {hashedAt !== null && <div className={sheet.source}>computed {formatMoment(hashedAt, now)}</div>}
          {matches === true && <div className={classes.good}>It matches the known value.</div>}
          {matches === false && (
            <div className={classes.bad}>
              It differs from the known value: the file was changed, damaged or cut off. Download it again.
            </div>
          )}
        </dd>
        {known !== null && (
          <>
            <Row label="Known SHA-256" value={known.sha256} note={known.source} />
            {known.repository !== null && <Row label="Repository" value={known.repository} note={known.revision} />}
            {known.url !== null && (
              <>
                <dt>Address</dt>
                <dd>
                  <WebLink address={known.url} />
                </dd>
              </>
            )}
          </>
        )}
      </dl>
      <div className={classes.buttons}>
        {job === null || !isActive(job) ? (
          <Button variant="default" onClick={() => void hashFiles([path])}>
            {sha256 === null ? 'Compute the full hash' : 'Verify on disk'}
          </Button>
        ) : (
          <>
            <Progress
              flex={1}
              size={6}
              value={(job.progress?.fraction ?? 0) * 100}
              aria-label="Computing the full hash"
            />
            <span className={classes.dim}>reading the whole file, {formatPercent(job.progress?.fraction ?? 0)}</span>
          </>
        )}
      </div>
      {job?.state === 'done' && job.result !== null && (
        <p className={classes.hashResult}>
          {formatMoment(job.endedAt, now)}: {job.result}
        </p>
      )}
      {job?.error != null && (
        <div className={classes.hashResult}>
          <ErrorView title="It could not be hashed" failure={{ ...job.error, requestId: null }} />
        </div>
      )}
    </Section>
  )
}

function Hash({ text }: { readonly text: string }) {
  return (
    <Copyable text={text} what="SHA-256">
      <span className={classes.code}>{text}</span>
    </Copyable>
  )
}

type RowProps = { readonly label: string; readonly value: string; readonly note: string | null }

function Row({ label, value, note }: RowProps) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label}>
          <span className={classes.code}>{value}</span>
        </Copyable>
        {note !== null && <div className={sheet.source}>{note}</div>}
      </dd>
    </>
  )
}

/** An address that came from outside: a link only when it is https, opened by the system’s browser. */
export function WebLink({ address }: { readonly address: string }): ReactNode {
  const isSafe = URL.canParse(address) && new URL(address).protocol === 'https:'
  return (
    <Copyable text={address} what="address">
      {isSafe ? (
        <Anchor size="sm" href={address} target="_blank" rel="noreferrer noopener">
          {address}
        </Anchor>
      ) : (
        address
      )}
    </Copyable>
  )
}
