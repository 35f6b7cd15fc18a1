// Work: the queues of the hotline's office and of the units, the officer's on duty, and the
// leader's. What a role may not do it has no queue for.

import { badge, countdown, el, head, now, table, when, who, word } from './dom.js';
import { get, getIf, may, post, query } from './api.js';
import { act, send } from './frame.js';
import { player } from './lists.js';
import { choices, unitName } from './commands.js';
import { marks } from './orders.js';

const can = (command) => may(`POST /orders/{number}/${command}`);

// Each queue: its name, who it is for, and what is asked for.
const queues = {
  hotline: ['待派发', () => can('dispatch'), { hotline: true }],
  submitted: ['待审核', () => can('pass'), { state: 'submitted' }],
  returns: ['退单申请', () => can('return/allow'), { state: 'return_requested' }],
  extensions: ['延期申请', () => can('extension/allow'), { state: 'extension_requested' }],
  unsigned: ['待签收', () => can('sign'), { state: 'dispatched' }],
  signed: ['已签收', () => can('start'), { state: 'signed' }],
  processing: ['办理中', () => can('submit'), { state: 'processing' }],
  soon: ['24 小时内到期', () => true, { due_before: 24 }],
  supervised: ['督办', () => true, { supervised: true }],
  all: ['全部在办', () => true, {}],
};

const mine = () => Object.entries(queues).filter(([, [, allowed]]) => allowed());

function ask(filter) {
  if (!filter.due_before) return filter;
  return { ...filter, due_before: new Date(now().getTime() + filter.due_before * 3600e3).toISOString() };
}

function rows(items, known) {
  return table(items, [
    ['编号', (o) => el('a', { href: `#/orders/${o.number}` }, o.number)],
    ['类型', (o) => o.type_text],
    ['内容', (o) => el('span', { class: 'body' }, o.summary)],
    ['状态', marks],
    ['主办', (o) => (o.unit ? unitName(known, o.unit) : '热线')],
    ['期限', (o) => [el('span', { class: o.overdue ? 'bad' : '' }, o.due_text), o.due_rule ? el('span', { class: 'rule' }, o.due_rule) : '', o.due && !o.overdue ? el('div', {}, countdown(o.due)) : '']],
  ], { tone: (o) => (o.urgent || o.overdue ? 'alarm' : ''), empty: '没有待办' });
}

export async function page({ params }) {
  const [first] = mine()[0];
  const name = queues[params.queue]?.[1]() ? params.queue : first;
  const [list, known] = await Promise.all([get(query('/work', { ...ask(queues[name][2]), after: params.after })), choices()]);
  return [head('工作台', may('POST /orders') ? el('a', { class: 'button primary', href: '#/orders/new' }, '登记工单') : ''),
    el('div', { class: 'tools' }, el('div', { class: 'switch', role: 'group', 'aria-label': '队列' }, mine().map(([key, [title]]) =>
      el('a', { href: query('#/work', { queue: key }), 'aria-current': key === name ? 'true' : null }, title)))),
    rows(list.items, known),
    list.after ? el('p', { class: 'pager' }, el('span'), el('a', { href: query('#/work', { queue: name, after: list.after }) }, '下一页 →')) : '',
    el('p', { class: 'quiet keys' }, '键盘：', el('kbd', {}, 'j'), ' ', el('kbd', {}, 'k'), ' 上下选择，', el('kbd', {}, 'Enter'), ' 打开，', el('kbd', {}, '.'), ' 到办理按钮')];
}

/** duty is for the officer on duty: what came in, what is urgent, and what the next one is told. */
export async function duty() {
  const [voicemails, soon, notes, known] = await Promise.all([getIf('/voicemails', { open: true }), getIf('/work', ask({ due_before: 24 })), get('/handovers'), choices()]);
  const text = el('textarea', { id: 'handover', name: 'text', rows: 3, maxlength: 2000, required: true, placeholder: '交给下一班的事项' });
  return [head('值班', may('POST /orders') ? el('a', { class: 'button primary', href: '#/orders/new' }, '登记工单') : ''),
    el('section', {}, el('h3', {}, `未听留言（${voicemails.items.length}）`), table(voicemails.items, [
      ['时间', (v) => when(v.at)],
      ['来自', (v) => v.phone || '未显示号码'],
      ['标记', (v) => [v.urgent ? badge('紧急', 'red') : '', badge(v.reason ? word('reason', v.reason) : '')]],
      ['收听', (v) => player(v)],
      ['工单', (v) => (v.order ? el('a', { href: `#/orders/${v.order}` }, v.order) : '')],
      ['状态', (v) => may('POST /voicemails/{id}/heard') && el('button', { onclick: () => act('已标记', () => post(`/voicemails/${encodeURIComponent(v.id)}/heard`)) }, '标为已听')],
    ], { tone: () => 'fresh', empty: '没有未听留言' })),
    el('section', {}, el('h3', {}, '24 小时内到期'), rows(soon.items, known)),
    el('div', { class: 'columns' },
      el('section', {}, el('h3', {}, '交班'), el('form', { class: 'inline', onsubmit: (e) => {
        e.preventDefault();
        send(e.target, '已交班', () => post('/handovers', { text: text.value.trim() }));
      } }, el('label', { for: 'handover', class: 'sr' }, '交班事项'), text, el('button', { class: 'primary' }, '交班'))),
      el('section', {}, el('h3', {}, '近来交班'), notes.items.length ? el('ol', { class: 'timeline' }, notes.items.map((n) =>
        el('li', {}, el('div', { class: 'at' }, when(n.at), ' ', who(n.actor)), el('div', {}, n.text)))) : el('p', { class: 'empty' }, '暂无交班')))];
}

/** leader is for who decides from above: what waits for a word, and what is supervised. */
export async function leader() {
  const [asked, acts, supervised, known] = await Promise.all([getIf('/reviews', { open: true }), getIf('/acts', { open: true }), getIf('/work', { supervised: true }), choices()]);
  return [head('领导批示'),
    el('section', {}, el('h3', {}, `等待决定（${asked.items.length}）`), table(asked.items, [
      ['时间', (r) => when(r.asked_at)],
      ['工单', (r) => el('a', { href: `#/orders/${r.order}` }, r.order)],
      ['事项', (r) => [badge(word('review', r.kind), 'blue'), r.rule ? el('span', { class: 'rule' }, r.rule) : '']],
      ['单位', (r) => unitName(known, r.unit)],
      ['理由', (r) => el('span', { class: 'body' }, [r.reason, r.basis && `依据：${r.basis}`, r.suggestion && `建议：${r.suggestion}`].filter(Boolean).join('；'))],
      ['申请人', (r) => who(r.asked_by)],
    ], { empty: '没有等待决定的事项' })),
    el('section', {}, el('h3', {}, `待答复、待签注（${acts.items.length}）`), table(acts.items, [
      ['时间', (a) => when(a.at)],
      ['工单', (a) => (a.order ? el('a', { href: `#/orders/${a.order}` }, a.order) : '')],
      ['事项', (a) => [badge(actWord(a.kind), 'amber'), a.serial, a.rule ? el('span', { class: 'rule' }, a.rule) : '']],
      ['单位', (a) => unitName(known, a.unit)],
      ['要求', (a) => el('span', { class: 'body' }, a.words)],
      ['期限', (a) => moment(a.answer_by)],
      ['答复', (a) => may('POST /acts/{id}/answer') && answer(a)],
    ], { empty: '没有待答复的事项' })),
    el('section', {}, el('h3', {}, '督办中'), rows(supervised.items, known))];
}

const actWord = (kind) => ({ urge: '催办', spot_check: '抽查', visit: '派往现场' })[kind] ?? '督办';

// answer says what came of a 督办 or 催办, or what was found in an order of the day's 抽查.
function answer(a) {
  if (a.kind === 'visit') return ''; // it is reported with the order
  const text = el('input', { name: 'answer', required: true, maxlength: 2000, placeholder: '办理情况或签注', 'aria-label': '办理情况或签注' });
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, '已记录', () => post(`/acts/${encodeURIComponent(a.id)}/answer`, { answer: text.value.trim() }));
  } }, text, el('button', {}, a.kind === 'spot_check' ? '签注' : '答复'));
}

// moment is when; the end of a day is 24:00 of it.
function moment(iso) {
  const at = new Date(new Date(iso).getTime() + 8 * 3600e3); // as Asia/Shanghai has it
  if (at.getTime() % 864e5) return when(iso);
  const last = new Date(at.getTime() - 864e5);
  return el('time', { datetime: iso }, `${last.getUTCMonth() + 1}月${last.getUTCDate()}日24:00`);
}

/** explain says every decision about an order, to be read to its citizen. */
export async function explain({ id }) {
  const x = await get(`/orders/${encodeURIComponent(id)}/explain`);
  const cited = new Map(x.parts.flatMap((p) => p.reasons).filter((r) => r.clause).map((r) => [r.rule, r.clause]));
  return [head(`说明 ${x.number}`, badge(x.type_text, 'blue'), badge(x.state_text, 'teal'), el('a', { class: 'button', href: `#/orders/${x.number}` }, '返回工单')),
    el('div', { class: 'explain' }, x.parts.map((p) => el('section', { class: 'panel' }, el('h3', {}, p.title),
      el('ul', {}, p.reasons.map((r) => el('li', {}, el('div', {}, r.at ? [moment(r.at), '　'] : '', r.text, r.rule ? el('abbr', { class: 'rule', title: r.clause || null }, r.rule) : ''),
        r.steps.length ? el('details', {}, el('summary', {}, '逐日推算'), el('ol', { class: 'steps' }, r.steps.map((s) => el('li', {}, s.trim())))) : '')))))),
    cited.size ? el('section', { class: 'panel' }, el('h3', {}, '所依条款'), el('dl', { class: 'clauses' }, [...cited].map(([rule, clause]) =>
      el('div', {}, el('dt', {}, rule), el('dd', {}, clause))))) : ''];
}
