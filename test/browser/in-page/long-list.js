/** Looks at a list from inside of the page, as nobody can from outside without missing what comes and goes. Playwright puts it there; it changes nothing but where the list is scrolled to. */

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const numberOf = (row) => Number(row.getAttribute('aria-rowindex')) - 2;
/** A row on its way has one cell, which says so. */
const isThere = (row) => row.children.length > 1;

/** Scrolls on by what is in sight, waiting for it each time, through so many pixels or to the end; gives each row that was in the page, each time it came. */
async function scrollOn(pixels) {
  const list = document.querySelector('.okm-scroll');
  const table = list.querySelector('table');
  const shown = [];
  let mostRows = 0;
  const look = () => {
    const rows = [...list.querySelectorAll('tbody tr[aria-rowindex]')];
    mostRows = Math.max(mostRows, rows.length);
    for (const row of rows.filter(isThere)) shown.push([numberOf(row), row.children[0].textContent]);
    return rows.filter(isInSight);
  };
  const isInSight = (row) => {
    const [own, all] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    return own.bottom > all.top && own.top < all.bottom;
  };
  for (const goal = list.scrollTop + pixels; ; list.scrollTop += list.clientHeight) {
    let seen = [];
    while (seen.length === 0 || !seen.every(isThere)) {
      await nextFrame();
      seen = look();
    }
    const isBottom = list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
    const isEnd = isBottom && table.getAttribute('aria-rowcount') !== '-1';
    if (isEnd || list.scrollTop >= goal) return { shown, mostRows, isEnd };
  }
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
