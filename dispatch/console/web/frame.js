// What a page asks of the frame around it: to say something, to be shown anew, to be left
// alone, to lead elsewhere. app.js is the frame; it says here how pages are shown, and is
// imported by no page.

import { el } from './dom.js';

let show = async () => {};
let typed = false; // the shown page has been typed into
let known = [];

/** whenAnew tells how the page that the address names is shown anew. */
export function whenAnew(f) { show = f; }

/** anew shows the page anew, whatever was typed into it. */
export function anew() {
  typed = false;
  return show();
}

/** hold keeps the shown page from being loaded anew by itself: somebody needs what is on it. */
export function hold() { typed = true; }

/** held says whether somebody needs what is on the page; release that it is another page now. */
export const held = () => typed;
export function release() { typed = false; }

/** types are the types of request that the hotline accepts. */
export const types = () => known;
export function knowTypes(list) { known = list; }

/** go leads to another page. */
export function go(hash) {
  if (location.hash === hash) show();
  else location.hash = hash;
}

/** toast says something for a few seconds. */
export function toast(text, bad = false) {
  const box = document.getElementById('toast');
  box.textContent = text;
  box.className = bad ? 'show bad' : 'show';
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.className = ''; }, bad ? 8000 : 3000);
}

/** act runs what a button does that asks for nothing, says what came of it, and shows the page anew, or what else shows it. */
export async function act(done, work, after = anew) {
  try {
    await work();
    if (done) toast(done);
    await after();
  } catch (err) {
    toast(err.message, true);
  }
}

/** send does what a form is for. What is wrong with it is said at its field, or below it. With done null the page stays as work left it. */
export async function send(form, done, work) {
  const buttons = [...form.querySelectorAll('button')].filter((b) => !b.disabled);
  const busy = (on) => buttons.forEach((b) => { b.disabled = on; }); // pressing twice is one
  unsay(form);
  busy(true);
  try {
    await work();
  } catch (err) {
    busy(false);
    say(form, err);
    return;
  }
  busy(false);
  if (done === null) return;
  toast(done);
  await anew();
}

function say(form, err) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(err.field || '-')}"]`)].filter((f) => !f.hidden);
  const field = fields.find((f) => !f.value) ?? fields[0];
  const text = el('p', { class: 'bad problem', role: 'alert' }, err.message);
  if (!field) {
    form.append(text);
    return;
  }
  text.id = `problem-${say.last = (say.last ?? 0) + 1}`; // several forms may have one
  const home = field.closest('.field, fieldset') ?? field.parentElement;
  if (home.matches('.field, fieldset, .row, .find')) home.append(text);
  else field.after(text);
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', text.id);
  field.focus();
  field.addEventListener('input', () => unsay(form), { once: true });
}

function unsay(form) {
  form.querySelectorAll('.problem').forEach((n) => n.remove());
  form.querySelectorAll('[aria-invalid]').forEach((n) => { n.removeAttribute('aria-invalid'); n.removeAttribute('aria-describedby'); });
}
