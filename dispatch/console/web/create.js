// Taking a request down while its caller talks: what it may be, whose, and what it may
// repeat stands beside the form and changes with what is written.

import { badge, el, facts, head, word } from './dom.js';
import { may, post } from './api.js';
import { send, types } from './frame.js';
import { lookup } from './knowledge.js';

/** choice is the list of types that the hotline accepts. */
export function choice(selected, id) {
  return el('select', { id, required: true }, el('option', { value: '' }, '请选择'),
    types().map((t) => el('option', { value: t.type, selected: t.type === selected }, t.text)));
}

export async function create() {
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-'); // pressing twice makes one order
  const field = (tag, id, props) => el(tag, { id, ...props });
  const type = choice('', 'new-type');
  const phone = field('input', 'new-phone', { name: 'phone', inputmode: 'tel', autocomplete: 'off', maxlength: 21, 'data-focus': true });
  const name = field('input', 'new-name', { name: 'name', autocomplete: 'off', maxlength: 100 });
  const summary = field('textarea', 'new-summary', { name: 'summary', rows: 6, required: true, maxlength: 4000 });
  const channel = el('select', { id: 'new-channel', name: 'channel' }, ['phone', 'counter', 'web', 'mailbox', 'email', 'fax', 'sms'].map((c) => el('option', { value: c }, word('channel', c))));
  const urgent = field('input', 'new-urgent', { type: 'checkbox' });
  const secret = field('input', 'new-secret', { type: 'checkbox' });
  const receipt = field('input', 'new-receipt', { type: 'checkbox', checked: true });
  const beside = el('div', { class: 'hints', 'aria-live': 'polite' }, el('p', { class: 'quiet' }, '写下号码与内容，此处给出类型、单位与可能重复的工单。'));
  let chosen = false;
  type.addEventListener('change', () => { chosen = true; });
  const look = soon(async () => {
    if (!may('POST /orders/suggest') || (!phone.value.trim() && !summary.value.trim())) return;
    const h = await post('/orders/suggest', { phone: phone.value.trim(), summary: summary.value });
    if (!chosen && h.types.length) type.value = h.types[0].id;
    beside.replaceChildren(...hints(h, (id) => { type.value = id; chosen = true; type.focus(); }).flat());
  });
  for (const f of [phone, summary]) f.addEventListener('input', look);
  const form = el('form', { class: 'inline', onkeydown: (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); form.requestSubmit(); }
  } },
  el('div', { class: 'pair' }, el('div', {}, el('label', { for: 'new-phone' }, '诉求人电话'), phone), el('div', {}, el('label', { for: 'new-name' }, '诉求人姓名'), name)),
  el('label', { for: 'new-summary' }, '诉求内容'), summary,
  el('div', { class: 'pair' }, el('div', {}, el('label', { for: 'new-type' }, '类型'), type), el('div', {}, el('label', { for: 'new-channel' }, '来源'), channel)),
  el('div', { class: 'checks' }, el('label', {}, urgent, '紧急'), el('label', {}, secret, '为诉求人保密'), el('label', {}, receipt, '短信告知编号与查询码')),
  el('div', { class: 'row' }, el('button', { class: 'primary' }, '登记'), el('span', { class: 'quiet keys' }, 'Ctrl+Enter 登记')));
  const left = el('section', {}, form);
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    send(form, null, async () => {
      const o = await post('/orders', { type: type.value, channel: channel.value, phone: phone.value.trim(), name: name.value.trim(), summary: summary.value,
        urgent: urgent.checked, confidential: secret.checked, receipt_text: receipt.checked }, { 'Idempotency-Key': key });
      left.replaceChildren(el('p', {}, '已登记。请告知诉求人：'),
        facts([['编号', o.number], ['电话查询', `${o.digits} #`], ['查询码', o.pin], ['期限', o.due_text]]),
        el('p', {}, el('a', { class: 'button primary', href: `#/orders/${o.number}` }, '打开工单')));
      left.querySelector('a').focus();
    });
  });
  return [head('登记工单'), el('div', { class: 'columns' }, left, el('section', {}, lookup(), beside))];
}

// soon runs f a moment after the last of several calls; a failure leaves what is shown.
function soon(f) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => f().catch(() => {}), 400);
  };
}

const because = (h) => [h.reason, h.rule ? el('span', { class: 'rule' }, h.rule) : el('span', { class: 'rule' }, '推荐')];

function hints(h, pick) {
  return [
    el('h3', {}, '可能的类型'), h.types.length ? h.types.map((t) => el('button', { type: 'button', class: 'hint', onclick: () => pick(t.id) }, el('strong', {}, t.name), '：', because(t))) : none('内容中没有线索'),
    el('h3', {}, '可能的承办单位'), h.units.length ? h.units.map((u) => el('p', { class: 'hint' }, el('strong', {}, u.name), '：', because(u))) : none('事项目录中没有相应的单位'),
    el('h3', {}, '可能重复'), h.repeats.length ? h.repeats.map((r) => el('p', { class: 'hint' }, el('a', { href: `#/orders/${r.order.number}`, target: '_blank' }, r.order.number), ' ',
      badge(r.order.state_text, 'blue'), r.order.summary, el('span', { class: 'quiet' }, ` ${r.reason}`))) : none('没有在办的同号工单'),
  ];
}

const none = (text) => el('p', { class: 'quiet' }, text);
