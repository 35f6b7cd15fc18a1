// The red button: one switch for the whole hotline. The emergency key is above it.

import { badge, el, field, head, table, when, who } from './dom.js';
import { get, post } from './api.js';
import { act, send } from './frame.js';

const routes = { usual: '按平时流程', desks: '全线转人工', duty: '全线转值班' };

export async function page() {
  const { now, announcements, presses } = await get('/red');
  return [head('应急(红色按钮)'),
    el('p', {}, now.on ? badge(now.words, 'red') : badge('未按下', 'green'), ' ', now.on ? [now.reason, ' ', who(now.by), ' ', when(now.at)] : ''),
    now.on ? letGo() : '',
    pressing(announcements),
    table(presses, [
      ['时间', (p) => when(p.at)],
      ['操作', (p) => (p.on ? badge(p.words, 'red') : badge('解除', 'green'))],
      ['公告', (p) => el('span', { class: 'body' }, p.text || p.announcement)],
      ['原因', (p) => el('span', { class: 'body' }, p.reason)],
      ['操作人', (p) => who(p.by)],
    ], { empty: '从未按下' })];
}

function letGo() {
  return el('p', {}, el('button', { id: 'red-off', class: 'primary',
    onclick: () => act('已解除，恢复平时流程', () => post('/red', { route: 'usual', reason: '解除' })) }, '解除'));
}

function pressing(announcements) {
  const route = el('select', { id: 'red-route', name: 'route' }, Object.entries(routes).map(([value, name]) => el('option', { value }, name)));
  const prompt = el('select', { id: 'red-announcement', name: 'announcement' }, el('option', { value: '' }, '不播公告'),
    announcements.map((a) => el('option', { value: a.id }, a.text)));
  const text = el('input', { id: 'red-text', name: 'text', maxlength: 200, placeholder: '立即合成，代替所选公告' });
  const reason = el('input', { id: 'red-reason', name: 'reason', maxlength: 200, required: true });
  return el('form', { class: 'panel fields', onsubmit: (e) => {
    e.preventDefault();
    if (!confirm(`每个新来电都将：${routes[route.value]}。确定按下吗？`)) return;
    send(e.target, '已按下，两秒内全线生效；紧急键不受影响', () => post('/red', {
      route: route.value, announcement: text.value ? '' : prompt.value, text: text.value, reason: reason.value,
    }));
  } }, field('去向', route), field('公告', prompt), field('公告文字', text), field('原因', reason), el('button', { class: 'danger' }, '按下'));
}
