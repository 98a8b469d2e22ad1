import { jsonObject } from './metadataJson.ts'

const mostTags = 100_000
const shown = 12

/** kohya's data set → tag → count: the tags most pictures had are the words that call the adapter up. */
export const triggerWords = (metadata: ReadonlyMap<string, string>): string | null => {
  const counts = new Map<string, number>()
  for (const tags of Object.values(jsonObject(metadata.get('ss_tag_frequency')) ?? {})) {
    if (typeof tags !== 'object' || tags === null) continue
    for (const [tag, count] of Object.entries(tags))
      if (typeof count === 'number' && count > 0 && counts.size < mostTags)
        counts.set(tag.trim(), (counts.get(tag.trim()) ?? 0) + count)
  }
  const most = [...counts].sort((one, other) => other[1] - one[1]).slice(0, shown)
  return most.length === 0 ? null : most.map(([tag, count]) => `${tag.slice(0, 60)} (${count})`).join(', ')
}
