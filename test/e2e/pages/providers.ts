import type { Locator, Page } from '@playwright/test'

/** The Providers page, its details and its dialog, by what a person sees of them. */
export const providersOf = (page: Page) => {
  const dialog = (): Locator => page.getByRole('dialog')
  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
  const field = (name: 'Name' | 'Address'): Locator => dialog().getByRole('textbox', { name })
  return {
    dialog,
    row,
    details: (): Locator => page.getByRole('complementary', { name: 'Provider details' }),
    found: (): Locator => page.getByRole('region', { name: 'Found' }),
    /** the offer itself: on the first page it stands within another list */
    foundAt: (address: string): Locator => page.getByRole('listitem').filter({ hasText: address }).last(),
    field,
    key: (): Locator => dialog().getByLabel(/^Key/),
    result: (): Locator => dialog().getByRole('status', { name: 'Result of the test' }),

    openConnect: (): Promise<void> => page.getByRole('button', { name: 'Connect a provider…' }).click(),
    chooseKind: async (label: string): Promise<void> => {
      await dialog().getByRole('combobox', { name: 'Kind' }).click()
      await page.getByRole('option', { name: label, exact: true }).click()
    },
    press: (name: 'Test' | 'Connect' | 'Save' | 'Cancel' | 'Save key' | 'Remove provider'): Promise<void> =>
      dialog().getByRole('button', { name, exact: true }).click(),
  }
}
