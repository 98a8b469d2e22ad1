import type { Check, Outcome, Verdict } from '../../../shared/contract/checks.ts'
import type { Report } from '../../../shared/contract/files.ts'

/** Every text of a report may come from a stranger's file. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

const verdictWords: Readonly<Record<Verdict, string>> = {
  ok: 'Passed these checks',
  warnings: 'Usable, with warnings',
  broken: 'Broken',
  dangerous: 'Dangerous',
  unknown: 'Not fully known',
}

const marks: Readonly<Record<Outcome, string>> = {
  passed: '✓',
  note: '·',
  warning: '⚠',
  broken: '✗',
  dangerous: '☠',
  unknown: '?',
}

const evidenceText = ({ evidence }: Check): string => {
  if (evidence === null) return ''
  const parts = [
    evidence.file,
    evidence.tensor,
    evidence.offset === null ? null : `byte ${evidence.offset.toLocaleString('en-US')}`,
    evidence.text,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

const checkLine = (check: Check): string =>
  `<li class="${check.outcome}"><b>${marks[check.outcome]} ${check.outcome}</b> ${escaped(check.message)}` +
  `${check.advice === null ? '' : ` <i>${escaped(check.advice)}</i>`}` +
  `${check.evidence === null ? '' : ` <small>${escaped(evidenceText(check))}</small>`}</li>`

const section = (title: string, body: string): string => (body === '' ? '' : `<h2>${escaped(title)}</h2>\n${body}\n`)

const table = (rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `<table>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')}</table>`

const style = `body{font:14px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1b1f24;background:#fff}
h1{font-size:20px;overflow-wrap:anywhere}h2{font-size:16px;margin-top:2em}table{border-collapse:collapse;width:100%}
td{border-top:1px solid #ddd;padding:4px 12px 4px 0;vertical-align:top;overflow-wrap:anywhere}ul{list-style:none;padding:0}
li{padding:3px 0;overflow-wrap:anywhere}small,i{color:#57606a}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f6f8;padding:1em}
.dangerous b,.broken b{color:#a40e26}.warning b,.unknown b{color:#7a4d00}.passed b{color:#0a5f38}`

/** A page that a person can read and send on: no script, nothing from elsewhere, every text escaped. */
export const reportPage = (report: Report): string => {
  const { path, label, verdict, checks, facts, tensorTypes, templates, keyValues, content } = report
  const hash = [
    ['Fingerprint', content?.fingerprint ?? '–'],
    ['SHA-256', content?.sha256 ?? 'not computed'],
    ...(content?.known ? [['Known as', `${content.known.sha256} (${content.known.source})`]] : []),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(path)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}</style></head><body>
<h1>${escaped(path)}</h1>
<p><b class="${verdict}">${verdictWords[verdict]}</b>. This is ${escaped(label)}, checked by Berth at ${new Date(report.checkedAt).toISOString()}.
Passing checks does not prove that a file does no harm.</p>
${section('Checks', `<ul>${checks.map(checkLine).join('\n')}</ul>`)}
${facts.map(({ title, facts }) => section(title, table(facts.map(({ label, value, source }) => [label, value, source])))).join('')}
${section('Types of tensors', table(tensorTypes.map(({ type, tensors, bytes }) => [type, `${tensors} tensors`, `${bytes.toLocaleString('en-US')} bytes`])))}
${section('Content', table(hash))}
${templates.map(({ name, text }) => section(`Chat template: ${name}`, `<pre>${escaped(text)}</pre>`)).join('')}
${section('Metadata', table(keyValues.map(({ key, type, value }) => [key, type, value])))}
</body></html>
`
}
