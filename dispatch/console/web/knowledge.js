// The knowledge base, looked up while a citizen talks. What is internal is for the hotline's
// own work and answers nobody (ZQ-22.2).

import { badge, el, head, table, who, word } from './dom.js';
import { get, may, post, query } from './api.js';
import { go, hold, send } from './frame.js';

const find = (q) => get(query('/knowledge', { q }));

export async function list({ params }) {
  const q = params.q ?? '';
  const { items } = await find(q);
  return [head('知识库', el('span', { class: 'quiet' }, q ? `“${q}”有 ${items.length} 条` : `共 ${items.length} 条`)),
    el('div', { class: 'tools' }, asking(q, (_, words) => go(query('#/knowledge', { q: words })), Boolean(params.find))),
    entries(items)];
}

/** lookup is the knowledge base beside what an agent does; Ctrl+/ leads to it. To others it is nothing. */
export function lookup() {
  if (!may('GET /knowledge')) return '';
  const found = el('div', { class: 'entries', 'aria-live': 'polite' });
  return el('section', { class: 'lookup' }, el('h3', {}, '知识库', el('span', { class: 'quiet keys' }, ' Ctrl+/')),
    asking('', (form, words) => send(form, null, async () => found.replaceChildren(entries((await find(words)).items)))), found);
}

// asking is the field for words; they all stand in what is found.
function asking(q, work, focus = false) {
  const box = el('input', { id: 'knowledge', name: 'q', type: 'search', maxlength: 100, autocomplete: 'off', value: q, placeholder: '标题、标签、正文里的词', 'aria-label': '查知识库', 'data-lookup': true, 'data-focus': focus });
  return el('form', { class: 'find', role: 'search', onsubmit: (e) => {
    e.preventDefault();
    work(e.target, box.value.trim());
  } }, box, el('button', {}, '查找'));
}

function entries(items) {
  return el('div', { class: 'entries' }, items.length ? items.map(entry) : el('p', { class: 'empty' }, '没有这样的条目'));
}

function entry(e) {
  const days = [e.from && `${e.from} 起`, e.until && `至 ${e.until}`].filter(Boolean).join(' ');
  return el('article', { class: e.quotable ? 'entry' : 'entry internal' },
    el('h3', {}, e.title, ' ', e.urgent ? badge('应急口径', 'red') : '', e.quotable ? badge('可答复', 'green') : badge('内部', 'dark')),
    e.quotable ? '' : el('p', { class: 'warning' }, '只供业务沟通和操作，不得告知诉求人', el('span', { class: 'rule' }, 'ZQ-22.2')),
    el('p', { class: 'words' }, e.words),
    el('p', { class: 'quiet' }, [e.unit ? who(`unit:${e.unit}`) : '热线', days, e.tags.join('、')].filter(Boolean).join(' · ')),
    e.pushable && may('POST /knowledge/{id}/push') ? pushing(e) : '');
}

// pushing texts the enterprises that an entry is for, and says which were passed over.
function pushing(e) {
  const told = el('div', { 'aria-live': 'polite' });
  const form = el('form', { class: 'inline', onsubmit: (event) => {
    event.preventDefault();
    if (!confirm(`给标签相符、同意收短信的企业各发一次“${e.title}”，确定吗？`)) return;
    hold();
    send(form, null, async () => told.replaceChildren(table((await post(`/knowledge/${encodeURIComponent(e.id)}/push`)).items, [
      ['企业', (p) => p.company],
      ['结果', (p) => (p.skipped ? badge(word('skipped', p.skipped), 'amber') : badge('已发，或早已发过', 'green'))],
    ], { empty: '没有标签相符的企业' })));
  } }, el('div', {}, el('button', {}, '推送给企业')), told);
  return form;
}
