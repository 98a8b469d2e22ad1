import { expect, type Locator, type Page } from '@playwright/test'

/** The Files page and a report by what a person sees of them. */
export const filesOf = (page: Page) => {
  const report = (): Locator => page.getByRole('complementary', { name: 'Report' })
  const dialog = (): Locator => page.getByRole('dialog')
  const openForm = async (which: 'A file…' | 'A folder…'): Promise<void> => {
    // the empty page offers both at once, the others in a menu
    const offered = page.getByRole('button', { name: `Validate ${which.toLowerCase()}` })
    const menu = page.getByRole('button', { name: 'Validate', exact: true }).first()
    await expect(dialog()).toBeHidden() // the one before it may still be closing
    // the offer of an empty page goes away by itself when the first row comes in
    await expect(async () => {
      if (await dialog().isVisible()) return
      if (await offered.isVisible()) await offered.click({ timeout: 1000 })
      else {
        await menu.click({ timeout: 1000 })
        await page.getByRole('menuitem', { name: which }).click({ timeout: 1000 })
      }
      await expect(dialog()).toBeVisible({ timeout: 1000 })
    }).toPass()
  }
  return {
    report,
    dialog,
    row: (name: string): Locator => page.getByRole('row').filter({ hasText: name }),

    validateFile: async (path: string): Promise<void> => {
      await openForm('A file…')
      await dialog().getByRole('textbox').fill(path)
      await dialog().getByRole('button', { name: 'Validate' }).click()
    },

    validateFolder: async (path: string, way: 'Validate once' | 'Add to the library'): Promise<void> => {
      await openForm('A folder…')
      await dialog().getByRole('textbox').fill(path)
      await dialog().getByRole('button', { name: way }).click()
    },

    /** `broken`; the option says how many there are */
    filterByVerdict: async (verdict: string): Promise<void> => {
      await page.getByRole('combobox', { name: 'Verdict' }).click()
      await page.getByRole('option', { name: new RegExp(`^${verdict} \\(`) }).click()
    },
    clearVerdict: async (): Promise<void> => {
      const field = page.getByRole('combobox', { name: 'Verdict' })
      await field.click()
      await page.getByRole('option', { selected: true }).click()
    },

    addTag: async (tag: string): Promise<void> => {
      const field = report().getByRole('combobox', { name: 'Tags' })
      await field.fill(tag)
      await field.press('Enter')
    },
    tags: (): Locator => report().locator('.mantine-TagsInput-pill'),

    /** As a person does with the system's file manager; only the browser itself can bring real files and folders. */
    dragOver: async (paths: readonly string[], told: string): Promise<{ drop: () => Promise<void> }> => {
      const session = await page.context().newCDPSession(page)
      const at = { x: 640, y: 400, data: { items: [], files: [...paths], dragOperationsMask: 1 } }
      await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at })
      // a pointer that hovers tells so all the time: at first the page, then the overlay that came up under it
      await expect(async () => {
        await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at })
        await expect(page.getByText(told)).toBeVisible({ timeout: 100 })
      }).toPass()
      return {
        drop: async () => {
          await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })
          await session.detach()
        },
      }
    },

    /** one part of a report that is shut at first */
    unfold: (title: RegExp): Promise<void> => report().getByText(title).click(),
  }
}
