/** Gives somebody a file out of the page. It reads none. */

export function saveAs(content: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), RELEASED_MS);
}
/** The browser has begun to save it by then. */
const RELEASED_MS = 60_000;
