// Texts: what went out and came in, the life of one, what was written with a phone, the
// links to carriers, and who wants no texts. No number is ever part of an address.

import { badge, el, facts, field, head, table, timeline, when, word, words } from './dom.js';
import { get, may, post, query } from './api.js';
import { hold, send } from './frame.js';
import { pager } from './lists.js';

const ways = [['#/texts', '发出', '/messages'], ['#/texts?way=in', '收到', '/inbound'], ['#/links', '通道', '/links'], ['#/refused', '退订', '/opt-outs']];

function choice(here) {
  return el('div', { class: 'switch', role: 'group' }, ways.filter(([, , path]) => may(`GET ${path}`)).map(([href, title]) =>
    el('a', { href, 'aria-current': href === here ? 'true' : null }, title)));
}

export async function list({ params }) {
  const { way = '', ...rest } = params;
  const inward = way === 'in';
  const { items, next } = await get(query(inward ? '/inbound' : '/messages', rest));
  return [head('短信', choice(inward ? '#/texts?way=in' : '#/texts')),
    el('div', { class: 'tools' }, inward ? '' : narrowing(rest), finding()), inward ? '' : writing(),
    inward ? received(items) : sent(items), pager('#/texts', { ...rest, way }, next)];
}

// narrowing leads to the outbox of one status and use.
function narrowing(params) {
  const select = (name, title, table) => el('select', { id: `texts-${name}`, 'aria-label': title, onchange: (e) => {
    location.hash = query('#/texts', { ...params, offset: '', [name]: e.target.value });
  } }, el('option', { value: '' }, `全部${title}`), Object.entries(table).map(([value, text]) =>
    el('option', { value, selected: params[name] === value }, text)));
  return el('div', { class: 'row' }, select('state', '状态', words.text), select('kind', '用途', words.kind));
}

// writing is a text to any number, which the office may send; what it becomes is shown first.
function writing() {
  if (!may('POST /messages')) return '';
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-'); // pressing twice is one
  const to = el('input', { id: 'letter-to', name: 'to', inputmode: 'tel', autocomplete: 'off', maxlength: 21, required: true });
  const text = el('textarea', { id: 'letter-text', name: 'text', rows: 3, maxlength: 400, required: true });
  const preview = el('p', { class: 'quiet', 'aria-live': 'polite' });
  const form = el('form', { class: 'inline', onsubmit: (e) => {
    e.preventDefault();
    const letter = { to: to.value.trim(), text: text.value };
    if (e.submitter?.value !== 'send') {
      send(form, null, async () => {
        const v = await post('/messages', { ...letter, preview: true });
        preview.textContent = `发给 ${v.to}，${v.segments} 条：${v.text}`;
      });
      return;
    }
    send(form, '已放入发件箱', () => post('/messages', letter, { 'Idempotency-Key': key }));
  } }, field('号码', to), field('内容', text), preview,
  el('div', { class: 'row' }, el('button', { value: 'preview' }, '预览'), el('button', { class: 'primary', value: 'send' }, '发送')));
  return el('details', { class: 'panel' }, el('summary', {}, '写短信'), form);
}

// finding shows what was written with a number, below itself.
function finding() {
  const phone = el('input', { id: 'talk-phone', name: 'phone', inputmode: 'numeric', maxlength: 20, required: true, placeholder: '按号码看往来', 'aria-label': '号码' });
  const found = el('div', {});
  return el('div', {}, el('form', { class: 'find', onsubmit: (e) => {
    e.preventDefault();
    hold();
    send(e.target, null, async () => found.replaceChildren(...talkOf(await post('/talks/search', { phone: phone.value }))));
  } }, phone, el('button', {}, '查看')), found);
}

const at = (id) => encodeURIComponent(id);

function sent(items) {
  return table(items, [
    ['时间', (m) => el('a', { href: `#/texts/${at(m.id)}` }, when(m.created_at))],
    ['发给', (m) => m.to],
    ['用途', (m) => word('kind', m.kind)],
    ['内容', (m) => el('span', { class: 'body' }, m.text)],
    ['状态', (m) => status(m)],
    ['到达', (m) => when(m.done_at)],
  ], { empty: '没有这样的短信' });
}

function status(m) {
  return [badge(word('text', m.status), words.textTone[m.status]), m.attempts > 1 ? badge(`第 ${m.attempts} 次`) : '', m.maybe_twice ? badge('可能重复', 'amber') : ''];
}

function received(items) {
  return table(items, [
    ['时间', (m) => el('a', { href: `#/received/${at(m.id)}` }, when(m.sent_at ?? m.received_at))],
    ['来自', (m) => m.from],
    ['内容', (m) => el('span', { class: 'body' }, m.text)],
    ['处理', (m) => badge(word('as', m.handled_as), m.handled_as ? '' : 'amber')],
  ], { empty: '还没有收到短信' });
}

const life = (steps) => el('section', { class: 'panel' }, timeline(steps.map((s) => [s.at, word('textStep', s.what), s.text])));

const talkLink = (id) => el('a', { class: 'button', href: `#/talks/${at(id)}` }, '与此号码的往来');

// again asks for a reason, which is kept, and does it once more.
function again(title, done, path) {
  if (!may('POST /messages')) return ''; // the office's, as writing to any number is
  const reason = el('input', { name: 'reason', maxlength: 200, required: true, placeholder: '原因(留痕)', 'aria-label': '原因' });
  return el('form', { class: 'inline row', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, done, () => post(path, { reason: reason.value }));
  } }, reason, el('button', { class: 'primary' }, title));
}

export async function trace({ id }) {
  const { message: m, carrier_ids: ids, steps, not_before, valid_until, next_try } = await get(`/messages/${at(id)}`);
  const dead = m.status === 'failed' || m.status === 'expired';
  return [head('短信经过', status(m), talkLink(id)),
    el('p', { class: 'summary' }, m.text),
    facts([['发给', m.to], ['用途', word('kind', m.kind)], ['通道', m.link], ['条数', m.segments], ['运营商编号', ids.join(' ')],
      ['运营商代码', m.carrier_code], ['最早', when(not_before)], ['有效至', when(valid_until)], ['下次再试', when(next_try)]]),
    dead && m.kind !== 'survey' ? again('重发', '已重新放入发件箱', `/messages/${at(id)}/replay`) : '', life(steps)];
}

export async function arrival({ id }) {
  const { inbound: m, order, steps } = await get(`/inbound/${at(id)}`);
  return [head('来信经过', badge(word('as', m.handled_as), m.handled_as ? '' : 'amber'), talkLink(id)),
    el('p', { class: 'summary' }, m.text),
    facts([['来自', m.from], ['通道', m.link], ['扩展码', m.slot], ['工单', order ? el('a', { href: `#/orders/${order}` }, order) : '']]),
    m.handled_as ? '' : again('再处理', '已处理', `/inbound/${at(id)}/replay`), life(steps)];
}

export async function talk({ id }) { return [head('往来短信'), ...talkOf(await get(`/talks/${at(id)}`))]; }

function talkOf(t) {
  return [el('p', {}, el('strong', {}, t.phone), ' ', t.opt_out ? badge('已退订', 'amber') : ''),
    table(t.items, [
      ['时间', (l) => el('a', { href: `#/${l.way === 'out' ? 'texts' : 'received'}/${at(l.id)}` }, when(l.at))],
      ['方向', (l) => (l.way === 'out' ? '发出' : '收到')],
      ['内容', (l) => el('span', { class: 'body' }, l.text)],
      ['状态', (l) => (l.way === 'out' ? [word('kind', l.what), ' ', badge(word('text', l.status), words.textTone[l.status])] : badge(word('as', l.what)))],
    ], { tone: (l) => (l.way === 'in' ? 'fresh' : ''), empty: '没有往来' })];
}

export async function links() {
  const v = await get('/links');
  return [head('短信', choice('#/links'), badge(`待发 ${v.out}`, v.out ? 'amber' : ''), badge(`待处理 ${v.in}`, v.in ? 'amber' : '')),
    table(v.items, [
      ['通道', (l) => el('strong', {}, l.name)],
      ['状态', (l) => [l.up ? badge('正常', 'green') : badge('中断', 'red'), l.receipts ? '' : badge('无回执'), l.inbound ? '' : badge('只发')]],
      ['自', (l) => when(l.since)],
      ['最近应答', (l) => when(l.last_seen)],
      ['在途/窗口', (l) => (l.window ? `${l.under_way}/${l.window}` : `${l.under_way}`)],
      ['近一分钟', (l) => `${l.sent} 段`],
      ['限速', (l) => [l.rate ? `${l.rate} 段/秒` : '', l.rests ? badge(`暂停至 ${when(l.rests)}`, 'amber') : '']],
      ['受理/限速/拒绝/无应答', ({ counts: c }) => `${c.taken}/${c.throttled}/${c.refused}/${c.unanswered}`],
      ['回执/来信/重送', ({ counts: c }) => `${c.reports}/${c.texts}/${c.again}`],
      ['连接/失败/异常帧', ({ counts: c }) => `${c.connects}/${c.failures}/${c.odd}`],
      ['说明', (l) => (l.detail ? el('span', { class: 'body' }, l.detail) : '')],
    ], { tone: (l) => (l.up ? '' : 'alarm'), empty: '没有配置短信通道' })];
}

export async function refused({ params }) {
  const { items, next } = await get(query('/opt-outs', params));
  return [head('短信', choice('#/refused')),
    el('p', { class: 'quiet' }, '退订后不发办理结果和评价短信；值班告警照发。只有本人要求才可恢复，原因与经办人留痕。'),
    table(items, [
      ['号码', (o) => o.phone],
      ['退订', (o) => when(o.at)],
      ['来信', (o) => (o.text ? el('a', { href: `#/received/${at(o.text)}` }, '查看') : '')],
      ['恢复', (o) => again('恢复发送', '已恢复', `/opt-outs/${at(o.id)}/lift`)],
    ], { empty: '没有退订的号码' }),
    pager('#/refused', params, next)];
}
