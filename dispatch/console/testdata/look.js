// What is wrong with the shown page that no person should meet: wider than the screen, a
// field or button without a name, an id given twice, words too faint to be read.
() => {
  const wrong = [], width = document.documentElement.clientWidth;
  const seen = (n) => n.getClientRects().length && getComputedStyle(n).visibility !== 'hidden' && !n.closest('.sr, .skip, option');
  const call = (n) => `${n.tagName.toLowerCase()}${n.id ? `#${n.id}` : ''} "${(n.textContent || n.placeholder || '').trim().slice(0, 20)}"`;
  if (document.documentElement.scrollWidth > width) wrong.push(`${document.documentElement.scrollWidth} pixels wide on a screen of ${width}`);
  for (const n of document.querySelectorAll('main *')) {
    if (seen(n) && !n.closest('.switch') && n.getBoundingClientRect().right > width + 1) wrong.push(`${call(n)} goes beyond the screen`);
  }
  for (const n of document.querySelectorAll('main input, main select, main textarea')) {
    if (seen(n) && !n.labels.length && !n.getAttribute('aria-label')) wrong.push(`${call(n)} has no label`);
    if (seen(n) && n.type !== 'checkbox' && n.getBoundingClientRect().width < 60) wrong.push(`${call(n)} is too narrow to be read`);
  }
  for (const n of document.querySelectorAll('main button, main a')) {
    if (seen(n) && !n.textContent.trim() && !n.getAttribute('aria-label')) wrong.push(`${call(n)} has no name`);
  }
  const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) wrong.push(`#${id} twice`);
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (n) => {
    for (; n; n = n.parentElement) {
      const { backgroundColor: colour } = getComputedStyle(n);
      if ((parts(colour)[3] ?? 1) > 0.5) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const n = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(n) || n.closest(':disabled')) continue;
    const [a, b] = [light(getComputedStyle(n).color), light(behind(n))];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) wrong.push(`${call(n)} is too faint`);
  }
  return [...new Set(wrong)];
}
