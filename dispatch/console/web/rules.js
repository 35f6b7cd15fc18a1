// Who is blocked, or let through whatever blocks them. The emergency key is open to all.

import { badge, el, field, head, now, table, when, who } from './dom.js';
import { get, may, post, query } from './api.js';
import { act, send } from './frame.js';
import { openOnly, pager } from './lists.js';

export async function list({ params }) {
  const { items, next } = await get(query('/caller-rules', params));
  return [head('来电限制', openOnly('#/rules', params, '生效中')),
    may('POST /caller-rules') ? adding() : '',
    table(items, [
      ['号码', (r) => el('strong', {}, r.number + (r.prefix ? '…' : ''))],
      ['规则', (r) => (r.allow ? badge('放行', 'green') : badge('限制', 'red'))],
      ['原因', (r) => el('span', { class: 'body' }, r.reason)],
      ['设定', (r) => [who(r.by), ' ', when(r.created_at)]],
      ['截止', (r) => when(r.until)],
      ['状态', (r) => state(r)],
    ], { tone: (r) => (r.counts ? 'fresh' : ''), empty: '没有来电规则' }),
    pager('#/rules', params, next)];
}

function state(r) {
  if (r.lifted_at) return el('span', { class: 'quiet' }, '已解除 ', who(r.lifted_by), ' ', when(r.lifted_at));
  if (!r.counts) return el('span', { class: 'quiet' }, '已到期');
  return may('POST /caller-rules/{id}/lift') && el('button', { id: `lift-${r.id}`, onclick: () => act('已解除', () => post(`/caller-rules/${encodeURIComponent(r.id)}/lift`)) }, '解除');
}

function adding() {
  const number = el('input', { id: 'rule-number', name: 'number', inputmode: 'numeric', maxlength: 20, required: true, placeholder: '如 17012345678' });
  const prefix = el('input', { id: 'rule-prefix', type: 'checkbox' });
  const allow = el('select', { id: 'rule-allow' }, el('option', { value: '' }, '限制'), el('option', { value: 'allow' }, '放行'));
  const days = el('input', { id: 'rule-days', name: 'until', type: 'number', min: 1, max: 365, value: 30, required: true });
  const reason = el('input', { id: 'rule-reason', name: 'reason', maxlength: 200, required: true });
  return el('form', { class: 'panel fields', onsubmit: (e) => {
    e.preventDefault();
    const until = new Date(now().getTime() + Number(days.value) * 86400e3).toISOString();
    send(e.target, '规则已生效，紧急键不受影响', () => post('/caller-rules', {
      number: number.value, prefix: prefix.checked, allow: allow.value === 'allow', reason: reason.value, until,
    }));
  } }, field('规则', allow), field('号码', number, el('label', {}, prefix, '以此开头的全部号码')), field('天数', days), field('原因', reason),
  el('button', { class: 'primary' }, '加入'));
}
