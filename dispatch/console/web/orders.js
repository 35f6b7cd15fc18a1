// Work orders: the list, one order with its timeline, and taking one down by hand.

import { badge, countdown, el, facts, table, timeline, when, who, word, words } from './dom.js';
import { because, get, getIf, may, post, query } from './api.js';
import { act, go, hold, toast, types } from './app.js';
import { head, pager, player, verdict } from './lists.js';
import { asking } from './after.js';

const columns = [
  ['编号', (o) => el('a', { href: `#/orders/${o.number}` }, o.number)],
  ['登记', (o) => when(o.created_at)],
  ['类型', (o) => o.type_text],
  ['来源', (o) => word('channel', o.channel)],
  ['内容', (o) => el('span', { class: 'body' }, o.summary)],
  ['状态', (o) => marks(o)],
  ['期限', (o) => (inHand(o) ? el('span', { class: o.overdue ? 'bad' : '' }, o.due_text) : '')],
];

const inHand = (o) => ['registered', 'redo'].includes(o.state);

function marks(o) {
  return [badge(word('state', o.state), words.stateTone[o.state]), o.urgent ? badge('紧急', 'red') : '', o.overdue ? badge('超期', 'red') : '',
    o.confidential ? badge('保密', 'dark') : '', o.anonymous ? badge('匿名') : '', o.outcome ? verdict(o) : '', o.redos ? badge('重办', 'amber') : '', o.exception ? badge(`除外 ${o.exception}`) : ''];
}

export async function list({ params }) {
  const { find, ...rest } = params;
  const { items, next } = await get(query('/orders', rest));
  const box = el('input', { id: 'find', type: 'search', placeholder: '编号、内容或电话号码', 'aria-label': '查找工单', value: rest.q ?? '', 'data-focus': Boolean(find) });
  const found = el('div', {}, table(items, columns, { tone: (o) => (o.urgent && o.state === 'registered' ? 'alarm' : ''), empty: '没有工单' }), pager('#/orders', rest, next));
  const form = el('form', { class: 'find', role: 'search', onsubmit: (e) => { e.preventDefault(); search(box.value.trim(), found); } },
    box, el('button', {}, '查找'));
  const states = [['', '全部'], ...Object.entries(words.state)];
  return [head('工单', may('POST /orders') ? el('a', { class: 'button primary', href: '#/orders/new' }, '登记工单') : ''),
    el('div', { class: 'tools' },
      el('div', { class: 'switch', role: 'group' }, states.map(([state, text]) =>
        el('a', { href: query('#/orders', { state }), 'aria-current': (rest.state ?? '') === state ? 'true' : null }, text))),
      form), found];
}

// search: a phone number goes into the body of a request, never into an address.
async function search(text, found) {
  const digits = text.replace(/[\s-]/g, '');
  if (!text) return go('#/orders');
  if (!/^\+?\d{7,13}$/.test(digits) || /^2\d{11,12}$/.test(digits)) return go(query('#/orders', { q: text }));
  try {
    const { items } = await post('/orders/search', { phone: digits });
    found.replaceChildren(el('p', { class: 'quiet' }, `按号码找到 ${items.length} 张(保密件不列出)`), table(items, columns));
  } catch (err) {
    toast(err.message, true);
  }
  return null;
}

export async function detail({ id }) {
  const path = `/orders/${encodeURIComponent(id)}`;
  const o = await get(path);
  const [events, voicemails, surveys] = await Promise.all([
    get(`${path}/events`), getIf('/voicemails', { order: o.number }), getIf('/surveys', { order: o.number })]);
  return [head(o.number, ...marks(o)),
    el('div', { class: 'columns' },
      el('section', {},
        el('p', { class: 'summary' }, o.summary || '(无内容)'),
        voicemails.items.map((v) => el('div', { class: 'voicemail' }, player(v), badge(v.heard_at ? '已听' : '未听', v.heard_at ? '' : 'amber'))),
        o.result ? el('div', { class: 'result' }, el('h3', {}, '办理结果'), el('p', {}, o.result)) : '',
        about(o, path), surveys.items.map(survey), actions(o, path)),
      el('section', {}, el('h3', {}, '时间线'),
        timeline(events.items.map((e) => [e.at, who(e.actor), e.text || e.kind, e.rule]))))];
}

// number shows the requester's number to who says why; an informant's is shown to nobody.
function number(o, path) {
  if (o.confidential || !o.phone || !may('POST /orders/{number}/phone')) return '';
  const box = el('output', { class: 'number' });
  const show = async () => {
    const why = because('查看号码');
    if (!why) return;
    hold();
    box.textContent = (await post(`${path}/phone`, why)).phone;
  };
  return [el('button', { type: 'button', onclick: () => show().catch((err) => { box.textContent = err.message; }) }, '查看号码'), box];
}

function about(o, path) {
  return facts([['诉求人', [o.name, o.name === o.phone ? '' : o.phone].filter(Boolean).join(' ') || '未显示号码'], ['号码', number(o, path)], ['类型', o.type_text],
    ['来源', word('channel', o.channel)], ['登记', when(o.created_at)],
    ['期限', el('span', { class: o.overdue ? 'bad' : '' }, o.due_text, o.due_rule ? el('span', { class: 'rule' }, o.due_rule) : '', o.due_provisional ? badge('暂定：工作日历缺年', 'amber') : '')],
    ['办结', when(o.completed_at)], ['归档', when(o.archived_at)],
    ['电话查询', o.digits], ['来电', o.call && may('GET /calls/{id}') ? el('a', { href: `#/calls/${o.call}` }, '查看经过') : '']]);
}

function survey(s) {
  return el('p', { class: 'survey' }, '评价短信：', verdict(s), ' ',
    s.outcome ? '' : s.deadline ? countdown(s.deadline) : '待送达', s.invalid_attempts ? ` 无效回复 ${s.invalid_attempts} 次` : '');
}

function actions(o, path) {
  const forms = [];
  if (o.state === 'callback' && may('POST /callbacks/{id}/finish')) forms.push(el('p', {}, el('a', { class: 'button primary', href: query('#/callbacks', { open: true }) }, '去回访')));
  if (o.state === 'registered' && may('POST /orders/{number}/type')) forms.push(typing(o, path));
  if (inHand(o) && may('POST /orders/{number}/complete')) forms.push(completing(o, path));
  forms.push(...asking(o, path));
  if (may('POST /orders/{number}/note')) forms.push(noting(path));
  if (!o.urgent && o.state === 'registered' && may('POST /orders/{number}/urgent')) {
    forms.push(el('form', { class: 'inline', onsubmit: (e) => {
      e.preventDefault();
      if (confirm('标为紧急会立即短信通知值班领导，确定吗？')) act('已标为紧急', () => post(`${path}/urgent`, { reason: '' }));
    } }, el('button', { class: 'danger' }, '标为紧急')));
  }
  if (inHand(o)) forms.push(major(path));
  return el('div', { class: 'actions' }, forms);
}

// major lets the leaders on duty be texted and called until one confirms.
function major(path) {
  const reason = el('input', { id: 'major-reason', required: true, maxlength: 200, placeholder: '重大事项:原因' });
  return el('form', { class: 'inline', onsubmit: (e) => {
    e.preventDefault();
    if (confirm('会立即短信通知并依次呼叫带班领导，直到有人确认，确定吗？')) act('已标为重大，正在呼叫带班领导', () => post(`${path}/major`, { reason: reason.value }));
  } }, el('label', { for: 'major-reason', class: 'sr' }, '原因'), reason, el('button', { class: 'danger' }, '重大，呼叫领导'));
}

function choice(selected, id) {
  return el('select', { id, required: true }, el('option', { value: '' }, '请选择'),
    types().map((t) => el('option', { value: t.type, selected: t.type === selected }, t.text)));
}

function typing(o, path) {
  const select = choice(o.type, 'type');
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    act('类型已更新，期限已重算', () => post(`${path}/type`, { type: select.value }));
  } }, el('label', { for: 'type' }, '诉求类型'), select, el('button', {}, '设定'));
}

function completing(o, path) {
  const text = el('textarea', { id: 'result', rows: 4, maxlength: 4000, required: true, placeholder: '办理结果，将告知诉求人' });
  const unset = o.type === 'unset';
  return el('form', { class: 'inline', onsubmit: (e) => {
    e.preventDefault();
    act('已办结', () => post(`${path}/complete`, { result: text.value, version: o.version }));
  } }, el('label', { for: 'result' }, '办结'), text,
  el('button', { class: 'primary', disabled: unset }, unset ? '请先设定诉求类型' : '办结并发送评价短信'));
}

function noting(path) {
  const text = el('input', { id: 'note', maxlength: 4000, required: true, placeholder: '备注' });
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    act('已记备注', () => post(`${path}/note`, { text: text.value }));
  } }, el('label', { for: 'note', class: 'sr' }, '备注'), text, el('button', {}, '加备注'));
}

export async function create() {
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-'); // pressing twice makes one order
  const type = choice('', 'new-type');
  const field = (tag, id, props) => el(tag, { id, ...props });
  const phone = field('input', 'new-phone', { inputmode: 'tel', autocomplete: 'off', maxlength: 21 });
  const name = field('input', 'new-name', { autocomplete: 'off', maxlength: 100 });
  const summary = field('textarea', 'new-summary', { rows: 6, required: true, maxlength: 4000 });
  const urgent = field('input', 'new-urgent', { type: 'checkbox' });
  const secret = field('input', 'new-secret', { type: 'checkbox' });
  const receipt = field('input', 'new-receipt', { type: 'checkbox', checked: true });
  const form = el('form', { class: 'card wide' },
    el('label', { for: 'new-type' }, '类型'), type,
    el('label', { for: 'new-summary' }, '诉求内容'), summary,
    el('label', { for: 'new-phone' }, '诉求人电话'), phone,
    el('label', { for: 'new-name' }, '诉求人姓名'), name,
    el('div', { class: 'checks' }, el('label', {}, urgent, '紧急'), el('label', {}, secret, '为诉求人保密'), el('label', {}, receipt, '短信告知编号与查询码')),
    el('button', { class: 'primary' }, '登记'));
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    try {
      const o = await post('/orders', { type: type.value, phone: phone.value.trim(), name: name.value.trim(), summary: summary.value,
        urgent: urgent.checked, confidential: secret.checked, receipt_text: receipt.checked }, { 'Idempotency-Key': key });
      form.replaceWith(el('div', { class: 'card wide' }, el('p', {}, '已登记。请告知诉求人：'),
        facts([['编号', o.number], ['电话查询', `${o.digits} #`], ['查询码', o.pin]]),
        el('p', {}, el('a', { class: 'button primary', href: `#/orders/${o.number}` }, '打开工单'))));
    } catch (err) {
      toast(err.message, true);
    }
  });
  return [head('登记工单'), form];
}
