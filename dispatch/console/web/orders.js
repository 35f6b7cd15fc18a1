// Work orders: the list, one order with its timeline, and taking one down by hand.

import { badge, countdown, el, facts, head, table, timeline, when, who, word, words } from './dom.js';
import { get, getIf, may, post, query, take } from './api.js';
import { go, send } from './frame.js';
import { choices, commands, unitName } from './commands.js';
import { choice } from './create.js';
import { pager, player, verdict } from './lists.js';
import { asking } from './after.js';
import { because } from './reason.js';
import { lookup } from './knowledge.js';

const columns = [
  ['编号', (o) => el('a', { href: `#/orders/${o.number}` }, o.number)],
  ['登记', (o) => when(o.created_at)],
  ['类型', (o) => o.type_text],
  ['来源', (o) => word('channel', o.channel)],
  ['内容', (o) => el('span', { class: 'body' }, o.summary)],
  ['状态', (o) => marks(o)],
  ['期限', (o) => (ended.includes(o.state) ? '' : el('span', { class: o.overdue ? 'bad' : '' }, o.due_text))],
];

const inHand = (o) => ['registered', 'redo'].includes(o.state);
const ended = ['transferred', 'out_of_scope', 'completed', 'surveyed', 'callback', 'archived']; // its deadline was met, or missed

/** marks are an order's state and what is special about it. */
export function marks(o) {
  return [badge(o.state_text, words.stateTone[o.state]), o.urgent ? badge('紧急', 'red') : '', o.overdue ? badge('超期', 'red') : '', o.supervised ? badge('督办', 'amber') : '',
    o.confidential ? badge('保密', 'dark') : '', o.anonymous ? badge('匿名') : '', o.standing === 'due_soon' ? badge('将到期', 'amber') : '', o.standing === 'unsigned' ? badge('未签收', 'amber') : '', o.repeats ? badge(`重复 ${o.repeats}`, 'amber') : '', o.returns ? badge(`退单 ${o.returns}`) : '',
    o.outcome ? verdict(o) : '', o.redos && o.state !== 'redo' ? badge('重办', 'amber') : '', o.exception ? badge(`除外 ${o.exception}`) : ''];
}

export async function list({ params }) {
  const { find, ...rest } = params;
  const { items, next } = await get(query('/orders', rest));
  const box = el('input', { id: 'find', name: 'phone', type: 'search', placeholder: '编号、内容或电话号码', 'aria-label': '查找工单', value: rest.q ?? '', 'data-focus': Boolean(find) });
  const found = el('div', {}, table(items, columns, { tone: (o) => (o.urgent && o.state === 'registered' ? 'alarm' : ''), empty: '没有工单' }), pager('#/orders', rest, next));
  const form = el('form', { class: 'find', role: 'search', onsubmit: (e) => { e.preventDefault(); search(e.target, box.value.trim(), found); } },
    box, el('button', {}, '查找'));
  const states = [['', '全部'], ...Object.entries(words.state)];
  return [head('工单', may('POST /orders') ? el('a', { class: 'button primary', href: '#/orders/new' }, '登记工单') : ''),
    el('div', { class: 'tools' },
      el('div', { class: 'switch', role: 'group' }, states.map(([state, text]) =>
        el('a', { href: query('#/orders', { state }), 'aria-current': (rest.state ?? '') === state ? 'true' : null }, text))),
      form), found];
}

// search: a phone number goes into the body of a request, never into an address.
function search(form, text, found) {
  const digits = text.replace(/[\s-]/g, '');
  if (!text) return go('#/orders');
  if (!/^\+?\d{7,13}$/.test(digits) || /^2\d{11,12}$/.test(digits)) return go(query('#/orders', { q: text }));
  return send(form, null, async () => {
    const { items } = await post('/orders/search', { phone: digits });
    found.replaceChildren(el('p', { class: 'quiet' }, `按号码找到 ${items.length} 张(保密件不列出)`), table(items, columns));
  });
}

export async function detail({ id }) {
  const path = `/orders/${encodeURIComponent(id)}`;
  const o = await get(path);
  const [events, voicemails, surveys, parts, ties, papers, known, hints] = await Promise.all([
    get(`${path}/events`), getIf('/voicemails', { order: o.number }), getIf('/surveys', { order: o.number }), get(`${path}/assignments`), get(`${path}/links`), get(`${path}/attachments`), choices(),
    may('GET /orders/{number}/suggestions') ? get(`${path}/suggestions`) : null]);
  const forms = await commands(o, known, hints, events.items);
  return [head(o.number, ...marks(o), may('GET /orders/{number}/explain') ? el('a', { class: 'button', href: `#/explain/${o.number}` }, '逐项说明') : ''),
    el('div', { class: 'columns' },
      el('section', {},
        el('p', { class: 'summary' }, o.summary || '(无内容)'),
        voicemails.items.map((v) => el('div', { class: 'voicemail' }, player(v), badge(v.heard_at ? '已听' : '未听', v.heard_at ? '' : 'amber'))),
        o.result ? el('div', { class: 'result' }, el('h3', {}, '办理结果'), el('p', {}, o.result)) : '',
        forms, repeats(hints, ties), about(o, path, known, identity(o, path, events.items)), units(parts.items, known, path), files(papers.items, path, known), surveys.items.map(survey), actions(o, path)),
      el('section', {}, lookup(), el('h3', {}, '时间线'),
        timeline(events.items.map((e) => [e.at, who(e.actor), e.text || e.kind, e.rule]))))];
}

// repeats are other orders that this one is tied to, or may repeat.
function repeats(hints, ties) {
  const kinds = { child: '并入', repeat: '重复' };
  return [...ties.items.map((t) => el('p', { class: 'hint' }, el('a', { href: `#/orders/${t.order}` }, t.order), ` ${kinds[t.kind] ?? t.kind} `, el('a', { href: `#/orders/${t.other}` }, t.other))),
    ...(hints?.repeats ?? []).map((r) => el('p', { class: 'hint' }, el('a', { href: `#/orders/${r.order.number}` }, r.order.number), ' ', badge(r.order.state_text, 'blue'), r.order.summary, el('span', { class: 'quiet' }, ` ${r.reason}`)))];
}

// units are the parts of an order, each with its deadline and its answer.
function units(parts, known, path) {
  if (!parts.length) return '';
  return el('section', { class: 'parts' }, el('h3', {}, '承办单位'), parts.map((a) => el('div', { class: 'part' },
    el('strong', {}, unitName(known, a.unit)), ' ', badge(a.copy ? '副本' : a.lead ? '主办' : '协办', a.lead ? 'blue' : ''), a.attempt > 1 ? badge(`第 ${a.attempt} 次`, 'amber') : '', a.ended ? badge(ends[a.ended] ?? a.ended) : '',
    a.way === 'paper' && !a.ended && may('GET /orders/{number}/slip') ? el('a', { class: 'button', href: query(`/api/v1${path}/slip`, { unit: a.unit }), target: '_blank' }, '打印受理单') : '',
    facts([['派发', when(a.dispatched_at)], ['签收时限', when(a.sign_by)], ['签收', when(a.signed_at)], ['期限', a.due_text && !a.copy ? [a.due_text, a.due_rule ? el('span', { class: 'rule' }, a.due_rule) : ''] : ''], ['延期', a.extensions && `${a.extensions} 次`], ['提交', when(a.submitted_at)]]),
    a.words ? el('p', { class: 'quiet' }, a.words) : '', answer(a.answer))));
}

// files are what belongs to the order, each to be taken by its name.
function files(papers, path, known) {
  if (!papers.length) return '';
  return el('section', { class: 'parts' }, el('h3', {}, `附件 ${papers.length}`), papers.map((a) => el('p', {},
    el('a', { href: `/api/v1${path}/attachments/${a.id}`, download: a.name }, a.name), ' ', el('span', { class: 'quiet' }, size(a.size), ' ', a.unit ? unitName(known, a.unit) : who(a.actor), ' ', when(a.at)))));
}

const size = (n) => (n < 1 << 20 ? `${Math.ceil(n / 1024)} KB` : `${(n / (1 << 20)).toFixed(1)} MB`);

const ends = { completed: '办结', returned: '已退单', redispatched: '已改派', closed: '了结', withdrawn: '撤回', merged: '并入他单' };

// answer is what a unit submitted, field by field, each thing that was asked for by itself.
function answer(text) {
  if (!text) return '';
  let a;
  try { a = JSON.parse(text); } catch { return el('p', { class: 'result' }, text); }
  return el('div', { class: 'result' }, facts([['办理过程', a.process], ['办理结果', a.result], ['依据', a.basis], ['后续措施', a.measures], ...(a.points ?? []).map((p, n) => [`第${n + 1}点`, p])]));
}

// number shows the requester's number to who says why; an informant's is shown to nobody.
function number(o, path) {
  if (o.confidential || !o.phone || !may('POST /orders/{number}/phone')) return '';
  return because('查看号码', async (why) => el('output', { class: 'number' }, (await post(`${path}/phone`, why)).phone));
}

// identity shows the paper that a citizen registered with, number and all, to who says why (XZ-12.1, ZQ-24).
function identity(o, path, events) {
  if (o.confidential || !may('POST /orders/{number}/identity/show') || !events.some((e) => e.rule === 'XZ-12.1')) return '';
  return because('查看实名', async (why) => {
    const p = await post(`${path}/identity/show`, why);
    return el('output', { class: 'number' }, [p.name, p.kind_text, p.id_number || '未提供证件号', p.verified ? '已当面核验' : '未核验'].join(' '));
  });
}

// evidence takes all that is kept about an order away, sealed (ZQ-19).
function evidence(o) {
  return because('导出证据包', async (why) => el('span', { class: 'quiet' }, `已导出 ${await take(`/export/orders/${encodeURIComponent(o.number)}`, why)}`));
}

// named is what a code of an order's classification is called here.
const named = (known, field, code) => known[`classify.${field}`]?.find((c) => c.value === code)?.words ?? code;

function about(o, path, known, papers) {
  return facts([['诉求人', [o.name, o.name === o.phone ? '' : o.phone].filter(Boolean).join(' ') || '未显示号码'], ['号码', number(o, path)], ['实名', papers], ['类型', o.type_text],
    ['来源', [word('channel', o.channel), o.source && named(known, 'source', o.source)].filter(Boolean).join('，')], ['登记', when(o.created_at)],
    ['类别', o.category && named(known, 'category', o.category)], ['涉企', o.enterprise && '是'], ['诉求点', o.points > 1 && `${o.points} 个`], ['处理类别', o.tier && `第${o.tier}类`],
    ['上级编号', o.upper], ['首问责任人', o.owner && who(o.owner)], ['并入', o.parent && el('a', { href: `#/orders/${o.parent}` }, o.parent)],
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
      if (confirm('标为紧急会立即短信通知值班领导，确定吗？')) send(e.target, '已标为紧急', () => post(`${path}/urgent`, { reason: '' }));
    } }, el('button', { class: 'danger' }, '标为紧急')));
  }
  if (inHand(o) && may('POST /orders/{number}/major')) forms.push(major(path));
  if (may('POST /export/orders/{number}')) forms.push(evidence(o));
  return el('div', { class: 'actions' }, forms);
}

// major lets the leaders on duty be texted and called until one confirms.
function major(path) {
  const reason = el('input', { id: 'major-reason', name: 'reason', required: true, maxlength: 200, placeholder: '重大事项：原因' });
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    if (confirm('会立即短信通知并依次呼叫带班领导，直到有人确认，确定吗？')) send(e.target, '已标为重大，正在呼叫带班领导', () => post(`${path}/major`, { reason: reason.value }));
  } }, el('label', { for: 'major-reason', class: 'sr' }, '原因'), reason, el('button', { class: 'danger' }, '重大，呼叫领导'));
}

function typing(o, path) {
  const select = choice(o.type, 'type');
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, '类型已更新，期限已重算', () => post(`${path}/type`, { type: select.value }));
  } }, el('label', { for: 'type' }, '诉求类型'), select, el('button', {}, '设定'));
}

function completing(o, path) {
  const text = el('textarea', { id: 'result', name: 'result', rows: 4, maxlength: 4000, required: true, placeholder: '办理结果，将告知诉求人' });
  const unset = o.type === 'unset';
  return el('form', { class: 'inline', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, '已办结', () => post(`${path}/complete`, { result: text.value, version: o.version }));
  } }, el('label', { for: 'result' }, '办结'), text,
  el('button', { class: 'primary', disabled: unset }, unset ? '请先设定诉求类型' : '办结并发送评价短信'));
}

function noting(path) {
  const text = el('input', { id: 'note', name: 'text', maxlength: 4000, required: true, placeholder: '备注' });
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, '已记备注', () => post(`${path}/note`, { text: text.value }));
  } }, el('label', { for: 'note', class: 'sr' }, '备注'), text, el('button', {}, '加备注'));
}
