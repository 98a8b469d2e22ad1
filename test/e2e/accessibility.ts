import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './host.ts'

const schemes = [
  { colorScheme: 'dark', rules: null },
  // the scheme changes colours and nothing else
  { colorScheme: 'light', rules: ['color-contrast'] },
] as const

/** Half a megabyte of script: a page that has it already is not given it again. */
const axeFor = async (page: Page): Promise<AxeBuilder> =>
  (await page.evaluate(() => 'axe' in window)) ? new AxeBuilder({ page, axeSource: ';' }) : new AxeBuilder({ page })

/** What axe finds serious or worse on the page as it stands, in both colour schemes. */
export const seriousFaults = async (page: Page): Promise<string[]> => {
  const faults: string[] = []
  for (const { colorScheme, rules } of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    const axe = (await axeFor(page)).options({ resultTypes: ['violations'] })
    if (rules) axe.withRules([...rules])
    // the window has no frames, and needs no second page for what axe found in them
    const { violations } = await axe.setLegacyMode().analyze()
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        faults.push(...nodes.map(({ html }) => `${colorScheme}, ${id}: ${html}`))
  }
  return faults
}
