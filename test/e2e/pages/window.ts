import type { Locator, Page } from '@playwright/test'

type PageName = 'Models' | 'Running' | 'Files' | 'Hardware' | 'Benchmarks' | 'Providers' | 'Activity' | 'Settings'

/** The window by what a person sees in it. */
export const windowOf = (page: Page) => {
  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
  return {
    goTo: (name: PageName): Promise<void> =>
      page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click(),

    /** what the bar of the first device says of itself */
    memoryBar: (): Locator => page.getByRole('img', { name: / of [\d.]+ GiB/ }).first(),

    /** one model of the list, or one instance of Running */
    row,

    welcome: (): Locator => page.getByRole('heading', { name: /Berth finds the AI models/ }),

    details: (): Locator => page.getByRole('complementary', { name: 'Model details' }),

    /** opens the details of a model and presses its one primary button */
    press: async (name: string, verb: 'Load' | 'Unload' | 'Cancel'): Promise<void> => {
      await row(name).hover()
      await row(name).getByRole('button', { name: verb, exact: true }).click()
    },

    /** Resolves when the row has said this word, however short the time: it is looked at with every frame. */
    says: async (name: string, word: string): Promise<void> => {
      await page.waitForFunction(
        (both) =>
          [...document.querySelectorAll('[role="row"]')].some(({ textContent: text }) =>
            both.every((part) => text?.includes(part)),
          ),
        [name, word],
      )
    },

    openTryBox: (name: string): Promise<void> => row(name).first().click(),
    tryBox: (): Locator => page.getByRole('region', { name: /^Try / }),
    message: (): Locator => page.getByRole('textbox', { name: 'Message' }),
    answer: (): Locator => page.getByRole('log', { name: 'Answer' }),
  }
}
