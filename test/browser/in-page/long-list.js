/** Looks at a list from inside of the page, as nobody can from outside without missing what comes and goes. Playwright puts it there; it changes nothing but where the list is scrolled to. */

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const numberOf = (row) => Number(row.getAttribute('aria-rowindex')) - 2;
const isThere = (row) => row.ariaBusy !== 'true';

/** Fewer than the table draws beyond what is in sight. */
const AHEAD_PX = 18 * 37;
const HORIZONTAL_BAR_PX = 20;

/** Scrolls on, each time to where other rows are in the page, waits for these, and stops after so many pixels or at the end; gives each row that was there, each time it came. */
async function scrollOn(pixels) {
  const list = document.querySelector('.okm-scroll');
  const table = list.querySelector('table');
  const shown = [];
  let mostRows = 0;
  for (const goal = list.scrollTop + pixels; ; ) {
    let rows = [];
    while (rows.length === 0 || !rows.every(isThere) || !isInSight(list, rows)) {
      await nextFrame();
      rows = [...list.querySelectorAll('tbody tr[aria-rowindex]')];
    }
    mostRows = Math.max(mostRows, rows.length);
    for (const row of rows) shown.push([numberOf(row), row.children[0].textContent]);
    const isBottom = list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
    const isEnd = isBottom && table.getAttribute('aria-rowcount') !== '-1';
    if (isEnd || list.scrollTop >= goal) return { shown, mostRows, isEnd };
    const behind = rows.at(-1).getBoundingClientRect().bottom - list.getBoundingClientRect().top;
    list.scrollTop += behind - table.tHead.offsetHeight + AHEAD_PX;
  }
}

/** The table has been drawn for where the list was scrolled to. */
function isInSight(list, rows) {
  const { top, bottom } = list.getBoundingClientRect();
  const last = rows.at(-1).getBoundingClientRect().bottom;
  return rows[0].getBoundingClientRect().top < bottom && last > top && last >= bottom - HORIZONTAL_BAR_PX;
}

/** Number of the row with the focus, once it is there; null unless it can be seen as a whole, below the head. */
function rowInFocus() {
  const row = document.activeElement;
  const list = row.closest('.okm-scroll');
  if (list === null || !row.hasAttribute('aria-rowindex') || !isThere(row)) return null;
  const own = row.getBoundingClientRect();
  const top = list.querySelector('thead').getBoundingClientRect().bottom;
  const bottom = list.getBoundingClientRect().bottom;
  return own.top >= top - 1 && own.bottom <= bottom + 1 ? numberOf(row) : null;
}

globalThis.longList = { scrollOn, rowInFocus };
