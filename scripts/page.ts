/** Pieces of Markdown for the generated pages. It knows none of them. */

const GENERATED = '<!-- Written by "npm run docs" from the code; changes made here are lost. -->';

export function page(title: string, introduction: string, ...parts: readonly string[]): string {
  return `${[GENERATED, `# ${title}`, introduction, ...parts].join('\n\n')}\n`;
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string) => `\`${text}\``;
