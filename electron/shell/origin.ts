/** Our pages come from here and from nowhere else. */
export const pageScheme = 'app'
export const pageHost = 'berth'
export const pageUrl = `${pageScheme}://${pageHost}/`

/** Compared by parsed parts, never by prefix. */
export const isOwnPage = (text: string): boolean => {
  const url = URL.parse(text)
  return (
    url !== null &&
    url.protocol === `${pageScheme}:` &&
    url.host === pageHost &&
    url.username === '' &&
    url.password === ''
  )
}

/** What may be opened in the person's browser: https, a real host, no credentials and no control characters. */
export const isSafeLink = (text: string): boolean => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return false
  const url = URL.parse(text)
  return url !== null && url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === ''
}
