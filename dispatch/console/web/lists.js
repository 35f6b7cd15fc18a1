// The pages that are mostly lists: calls, voicemails, surveys.

import { badge, between, countdown, el, facts, head, left, span, table, timeline, when, word, words } from './dom.js';
import { get, may, post, query } from './api.js';
import { act, send } from './frame.js';
import { because } from './reason.js';
import { lookup } from './knowledge.js';

export const order = (number) => (number ? el('a', { href: `#/orders/${number}` }, number) : '');

/** pager leads to older and newer parts of a list. */
export function pager(path, params, next) {
  const at = Number(params.offset ?? 0);
  if (!at && next === null) return '';
  return el('p', { class: 'pager' },
    at ? el('a', { href: query(path, { ...params, offset: Math.max(0, at - 50) || '' }) }, '← 较新') : el('span'),
    next !== null ? el('a', { href: query(path, { ...params, offset: next }) }, '较早 →') : el('span'));
}

export function openOnly(path, params, word) {
  const on = params.open === 'true';
  return el('div', { class: 'switch', role: 'group' },
    el('a', { href: path, 'aria-current': on ? null : 'true' }, '全部'),
    el('a', { href: `${path}?open=true`, 'aria-current': on ? 'true' : null }, word));
}

export async function calls({ params }) {
  const { items, next } = await get(query('/calls', params));
  return [head('来电'),
    table(items, [
      ['时间', (c) => el('a', { href: `#/calls/${c.id}` }, when(c.started_at))],
      ['主叫', (c) => c.from || '未显示号码'],
      ['类别', (c) => (c.class && c.class !== 'unset' ? c.class_text : '')],
      ['结果', (c) => outcome(c)],
      ['去向', (c) => (c.detail ? el('span', { class: 'body' }, c.detail) : '')],
      ['时长', (c) => between(c.started_at, c.ended_at)],
      ['工单', (c) => order(c.order)],
    ], { tone: (c) => (c.emergency ? 'alarm' : ''), empty: '还没有来电' }),
    pager('#/calls', params, next)];
}

function outcome(c) {
  if (!c.ended_at) return badge('进行中', 'blue pulse');
  return [badge(word('call', c.outcome), words.callTone[c.outcome]), c.missed && c.outcome !== 'missed' ? badge('漏接', 'red') : ''];
}

export async function call({ id }) {
  const c = await get(`/calls/${encodeURIComponent(id)}`);
  const talking = !c.ended_at && c.answered_at && may('POST /calls/{id}/steer');
  const targets = talking ? (await get('/targets')).items : [];
  return [head('来电经过', outcome(c)),
    facts([['主叫', c.from || '未显示号码'], ['被叫', c.to], ['类别', c.class === 'unset' ? '' : c.class_text], ['去向', c.detail],
      ['开始', when(c.started_at)], ['人工接通', when(c.answered_at)], ['结束', when(c.ended_at)],
      ['时长', between(c.started_at, c.ended_at)], ['挂断', left(c.hangup)], ['工单', order(c.order)]]),
    ...(talking ? [steering(id, targets), el('section', { class: 'panel' }, lookup())] : []),
    el('section', { class: 'panel' }, timeline(c.steps.map((s) => [s.at, word('step', s.what), s.text])))];
}

// steering is what an agent may do with a conversation.
function steering(id, targets) {
  const to = el('input', { id: 'steer-to', name: 'to', list: 'steer-targets', maxlength: 40, placeholder: '单位或号码' });
  const list = el('datalist', { id: 'steer-targets' }, targets.map((t) => el('option', { value: t.name }, `${t.title} ${t.reason || t.number}`)));
  const steer = (doing, title, needs) => send(form, title, () => post(`/calls/${encodeURIComponent(id)}/steer`, needs ? { do: doing, to: to.value.trim() } : { do: doing }));
  const button = (doing, title, needs) => el('button', { type: 'button', id: `steer-${doing}`, onclick: () => steer(doing, title, needs) }, title);
  const form = el('form', { class: 'panel inline row', onsubmit: (e) => { e.preventDefault(); steer('consult', '询问', true); } },
    el('label', { for: 'steer-to', class: 'sr' }, '转给'), to, list,
    button('consult', '询问', true), button('three_way', '三方', true), button('transfer', '转接', true),
    button('merge', '合并'), button('back', '收回'), button('leave', '退出'));
  return form;
}

/** player plays one voicemail to who says why; nothing is fetched, and nothing noted, before. */
export function player(v) {
  if (!may('POST /voicemails/{id}/listen')) return '';
  const path = `/voicemails/${encodeURIComponent(v.id)}`;
  return because('收听', async (why) => {
    await post(`${path}/listen`, why);
    return el('audio', { controls: true, autoplay: true, src: `/api/v1${path}/audio`, 'aria-label': `留言 ${v.order}` });
  });
}

export async function voicemails({ params }) {
  const { items, next } = await get(query('/voicemails', params));
  return [head('留言', openOnly('#/voicemails', params, '未听')),
    table(items, [
      ['时间', (v) => when(v.at)],
      ['来自', (v) => v.phone || '未显示号码'],
      ['时长', (v) => span(v.seconds)],
      ['标记', (v) => [v.urgent ? badge('紧急', 'red') : '', badge(v.reason ? word('reason', v.reason) : '')]],
      ['收听', (v) => player(v)],
      ['状态', (v) => (v.heard_at ? el('span', { class: 'quiet' }, `${v.heard_by.replace(/^agent:/, '')} 已听 `, when(v.heard_at))
        : may('POST /voicemails/{id}/heard') && el('button', { onclick: () => act('已标记', () => post(`/voicemails/${encodeURIComponent(v.id)}/heard`)) }, '标为已听'))],
      ['工单', (v) => order(v.order)],
    ], { tone: (v) => (v.heard_at ? '' : 'fresh'), empty: '没有留言' }),
    pager('#/voicemails', params, next)];
}

export async function surveys({ params }) {
  const { items, next } = await get(query('/surveys', params));
  return [head('评价', openOnly('#/surveys', params, '待结算')),
    table(items, [
      ['工单', (s) => order(s.order)],
      ['号码', (s) => s.phone],
      ['送达', (s) => (s.opened_at ? when(s.opened_at) : el('span', { class: 'quiet' }, s.outcome ? '' : '待送达'))],
      ['结果', (s) => verdict(s)],
      ['无效回复', (s) => s.invalid_attempts || ''],
      ['截止', (s) => [when(s.deadline), ' ', !s.outcome && s.deadline ? countdown(s.deadline) : '']],
      ['结算', (s) => when(s.settled_at)],
    ], { empty: '还没有评价' }),
    pager('#/surveys', params, next)];
}

/** verdict is what a survey came to. */
export function verdict(s) {
  if (s.outcome === 'rated') return [badge(words.rating[s.rating], s.rating <= 3 ? 'green' : 'red'), s.original_rating ? badge(`原评 ${words.rating[s.original_rating]}`) : ''];
  return s.outcome ? badge(word('outcome', s.outcome), 'amber') : badge('待评', 'blue');
}
