/** Fills and sends the forms of the web Manager as a person does: by what stands beside the fields. It knows no operation. */
import type { Locator, Page } from 'playwright-core';
import type { Person } from '../support/kma.ts';

/** By label: text, a choice among several, or whether a box is checked; passphrases are typed twice. */
export type Filled = Readonly<Record<string, string | boolean | { readonly choose: string }>>;

/** Opens the form of an act that the page, or a part of it, offers. */
export async function openForm(page: Page, act: string, within: Page | Locator = page): Promise<Locator> {
  await within.getByRole('button', { name: act, exact: true }).first().click();
  const form = page.getByRole('dialog');
  await form.waitFor();
  return form;
}

export async function fill(form: Locator, fields: Filled): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    const field = labelled(form, label);
    // A switch is drawn beside its box, which a pointer does not meet.
    if (typeof value === 'boolean') {
      if ((await field.isChecked()) !== value) await field.press(' ');
    } else if (typeof value === 'object') await field.selectOption(value.choose);
    else {
      await field.fill(value);
      const again = labelled(form, `${label}, once more`);
      if ((await again.count()) > 0) await again.fill(value);
    }
  }
}

/** What has to be filled in has a star beside its label. */
function labelled(form: Locator, label: string): Locator {
  return form.getByLabel(new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*\\*?$`));
}

/** Credentials of the key split, each in its row. */
export async function fillQuorum(form: Locator | Page, quorum: readonly Person[]): Promise<void> {
  for (const [index, { name, passphrase }] of quorum.entries()) {
    if (index > 0) await form.getByRole('button', { name: 'One more' }).click();
    await form.getByLabel(`Name ${index + 1}`).fill(name);
    await form.getByLabel(`Passphrase ${index + 1}`).fill(passphrase);
  }
}

/** The whole of it, up to what the page says in the end. */
export async function act(page: Page, name: string, fields: Filled = {}, quorum: readonly Person[] = []) {
  const form = await openForm(page, name);
  await fill(form, fields);
  await fillQuorum(form, quorum);
  await form.getByRole('button', { name, exact: true }).click();
  await page.getByText(`${name}: Done`).first().waitFor();
}
