// Looking at a number, hearing a recording, taking a file away: each needs a reason, which is
// kept in the audit.

import { el } from './dom.js';
import { hold, send } from './frame.js';

/** because is a button that asks for the reason in its own place, and then shows there what work gives for it. What is wrong with the reason is said at it. */
export function because(title, work) {
  const button = el('button', { type: 'button', onclick: ask }, title);
  const place = el('span', { class: 'because' }, button);
  return place;

  function ask() {
    hold(); // what is shown for a reason stays until its reader goes
    const reason = el('input', { name: 'reason', maxlength: 500, required: true, placeholder: '原因，将记入审计', 'aria-label': `${title}的原因` });
    const form = el('form', { class: 'inline row', onsubmit: (e) => {
      e.preventDefault();
      send(form, null, async () => place.replaceChildren(...[await work({ reason: reason.value.trim() })].flat()));
    }, onkeydown: (e) => { if (e.key === 'Escape') back(); } },
    reason, el('button', { class: 'primary' }, title), el('button', { type: 'button', onclick: back }, '取消'));
    place.replaceChildren(form);
    reason.focus();
  }

  function back() {
    place.replaceChildren(button);
    button.focus();
  }
}
