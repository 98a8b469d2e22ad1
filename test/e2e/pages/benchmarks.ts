import { expect, type Locator, type Page } from '@playwright/test'

/** The Benchmarks page, one run and its dialogs, by what a person sees of them. */
export const benchmarksOf = (page: Page) => {
  // the palette may still be closing when what it opened is there
  const dialog = (): Locator => page.getByRole('dialog', { name: /^(?!Actions and models)/ })
  const run = (): Locator => page.getByRole('complementary', { name: 'Benchmark run' })
  return {
    dialog,
    run,
    row: (text: string | RegExp): Locator => page.locator('[role="row"][data-row]').filter({ hasText: text }),
    /** results of the run that is opened, by the names of their tests */
    result: (test: string | RegExp): Locator => run().getByRole('row').filter({ hasText: test }),

    fromPalette: async (command: string): Promise<void> => {
      await page.keyboard.press('Control+k')
      await page.getByRole('textbox', { name: 'Find an action or a model' }).fill(command)
      await page.getByRole('button', { name: command }).first().click()
      await expect(dialog()).toBeVisible()
    },
    preset: (name: 'Quick' | 'Standard' | 'Thorough'): Locator => dialog().getByRole('radio', { name }),
    press: (name: string): Promise<void> => dialog().getByRole('button', { name, exact: true }).click(),
    close: async (): Promise<void> => {
      await page.keyboard.press('Escape')
      await expect(dialog()).toBeHidden()
    },

    import: async (path: string): Promise<void> => {
      await page.getByRole('button', { name: 'Import…' }).click()
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        dialog().getByRole('button', { name: 'Choose a file…' }).click(),
      ])
      await chooser.setFiles(path)
    },
    /** The name and the text of what is saved. */
    exportAs: async (format: RegExp): Promise<{ readonly name: string; readonly path: string }> => {
      await run().getByRole('button', { name: 'Export' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: format }).click(),
      ])
      return { name: download.suggestedFilename(), path: await download.path() }
    },
  }
}
