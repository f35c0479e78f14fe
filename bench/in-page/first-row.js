/** Has the browser tell when the first row of a list was painted (Element Timing), and when somebody clicked last. The page knows nothing of it. */
(() => {
  const seen = { clickedMs: 0, paintedMs: null };
  globalThis.firstRow = seen;
  const mark = () => {
    const cell = document.querySelector('tr.okm-row td');
    if (cell !== null && !cell.hasAttribute('elementtiming')) cell.setAttribute('elementtiming', 'first-row');
  };
  // Rows are marked when they come into the page, which is before the browser paints them.
  new MutationObserver(mark).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.paintedMs ??= entry.renderTime;
  }).observe({ type: 'element', buffered: true });
  addEventListener(
    'click',
    (event) => {
      seen.clickedMs = event.timeStamp;
      seen.paintedMs = null;
    },
    { capture: true },
  );
})();
