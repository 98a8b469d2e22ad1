import { expect, type Locator, type Page } from '@playwright/test'

type AddItem = 'Pull a model…' | 'Create a model…'
type MenuItem = 'Load with…' | 'Try…' | 'Copy…' | 'Rename…' | 'Push…' | 'Remove…'

/** Models of all providers and what is done with them, by what a person sees. */
export const inventoryOf = (page: Page) => {
  const dialog = (): Locator => page.getByRole('dialog')
  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
  return {
    dialog,
    row,
    rows: (): Locator => page.locator('[role="row"][data-row]'),
    details: (): Locator => page.getByRole('complementary', { name: 'Model details' }),
    /** a section of the details, by its heading */
    section: (title: string): Locator =>
      page
        .locator('section, div')
        .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
        .last(),
    /** `unloaded` holds the word `loaded`: the whole word is meant */
    isInState: (name: string, state: string): Promise<void> =>
      expect(row(name).getByText(state, { exact: true })).toBeVisible(),
    search: (text: string): Promise<void> => page.getByRole('searchbox', { name: 'Search models' }).fill(text),
    freeOnly: (): Locator => page.getByRole('switch', { name: 'Free only' }),

    openAdd: async (item: AddItem): Promise<void> => {
      await expect(dialog()).toBeHidden() // the one before it may still be closing
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('menuitem', { name: item }).click()
      await expect(dialog()).toBeVisible()
    },
    /** one action of a row's menu */
    choose: async (name: string, item: MenuItem): Promise<void> => {
      await expect(dialog()).toBeHidden()
      await row(name).click({ button: 'right' })
      await page.getByRole('menuitem', { name: item, exact: true }).click()
      await expect(dialog()).toBeVisible()
    },
    /** a button of the open dialog */
    press: (name: string | RegExp): Promise<void> =>
      dialog()
        .getByRole('button', { name, exact: typeof name === 'string' })
        .last()
        .click(),
    field: (name: string | RegExp): Locator => dialog().getByRole('textbox', { name }),
    pick: async (label: string, option: string): Promise<void> => {
      await dialog().getByRole('combobox', { name: label }).click()
      await page.getByRole('option', { name: option, exact: true }).click()
    },
    close: async (): Promise<void> => {
      await page.keyboard.press('Escape')
      await expect(dialog()).toBeHidden()
    },
    /** how long a loaded model stays */
    keep: async (name: string, item: string): Promise<void> => {
      await page.getByRole('button', { name: `How long ${name} stays loaded` }).click()
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    },
  }
}
