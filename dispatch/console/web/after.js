// What follows on ratings: calls back (ZQ-15.5) with their exceptions (ZQ-16), and what a
// second person decides (ZQ-15.6, ZQ-15.7).

import { badge, el, head, table, when, who, word, words } from './dom.js';
import { get, getIf, may, post, query } from './api.js';
import { send } from './frame.js';
import { openOnly, order, pager } from './lists.js';
import { because } from './reason.js';

export async function callbacks({ params }) {
  const [{ items, next }, cases, month] = await Promise.all([get(query('/callbacks', params)), getIf('/exceptions'), getIf('/satisfaction')]);
  return [head('回访', openOnly('#/callbacks', params, '待回访')),
    el('p', { class: 'quiet' }, '评价“不满意”“非常不满意”的，电话回访并登记原因；首次不满意的发回重办，除外情形归档；短信送不到的电话询问评价。查看号码即认领半小时，并记入工单。'),
    month.rated ? el('p', { class: 'quiet' }, `本月有效评价 ${month.rated} 件，满意率 ${percent(month.rate)}，剔除除外情形后 ${percent(month.rate_without_exceptions)}，核改率 ${percent(month.corrected_rate)}`) : '',
    table(items, [
      ['生成', (b) => when(b.opened_at)],
      ['工单', (b) => [order(b.order), b.attempt > 1 ? badge('重办后', 'amber') : '']],
      ['评价', (b) => (b.rating ? badge(words.rating[b.rating], b.rating <= 3 ? 'green' : 'red') : badge(b.voice ? '语音询问' : '待询问', 'blue'))],
      ['号码', (b) => b.phone],
      ['已拨', (b) => (b.attempts ? `${b.attempts} 次 ${b.days} 日` : '')],
      ['期限', (b) => (b.done_at ? '' : [when(b.next_at), '起 ', el('span', { class: b.overdue ? 'bad' : '' }, when(b.due_at), '前')])],
      ['原因', (b) => (b.reason ? el('span', { class: 'body' }, word('callback', b.reason)) : '')],
      ['办理', (b) => (b.done_at ? el('span', { class: 'quiet' }, `${b.done_by.replace(/^agent:/, '')} `, when(b.done_at)) : may('POST /callbacks/{id}/finish') ? dialling(b, cases.items) : '')],
    ], { tone: (b) => (b.done_at ? '' : 'fresh'), empty: '没有回访任务' }),
    pager('#/callbacks', params, next)];
}

const percent = (share) => `${(100 * share).toFixed(1)}%`;

function dialling(b, cases) {
  const path = `/callbacks/${encodeURIComponent(b.id)}`;
  const reason = el('textarea', { name: 'reason', rows: 2, maxlength: 4000, placeholder: '不满意的原因', 'aria-label': '不满意的原因', required: true });
  const rating = el('select', { name: 'rating', 'aria-label': '评价', required: true }, el('option', { value: '' }, '请询问评价'), words.rating.map((text, n) => (n ? el('option', { value: n }, text) : '')).filter(Boolean));
  const asks = !b.rating; // no text reached the citizen: the rating comes first
  if (asks) rating.addEventListener('change', () => { reason.required = rating.value > 3; });
  const except = exception(b, cases);
  const finish = (done, body) => send(form, done, async () => {
    try {
      await post(`${path}/finish`, body);
    } catch (err) {
      if (err.field === 'exception.fact') err.field = 'exception.rule'; // one choice is both
      throw err;
    }
  });
  const other = (title, done, body) => el('button', { type: 'button', onclick: () => finish(done, body) }, title);
  const form = el('form', { class: 'inline', onsubmit: (e) => {
    e.preventDefault();
    finish('回访已登记', { reached: true, reason: reason.value, ...(asks ? { rating: Number(rating.value) } : {}), ...except.chosen() });
  } },
  asks ? rating : '', reason, except.field,
  el('div', { class: 'row' }, el('button', { class: 'primary' }, asks ? '已接通，登记' : '已接通，登记原因'),
    other(asks ? '不评价' : '未提供原因', asks ? '已记不评价' : '已记未提供原因', { reached: true, no_reason: true }),
    other('未接通', '已记一次未接通', { reached: false })));
  return el('div', { class: 'inline' }, b.claimed_by ? el('span', { class: 'quiet' }, `${who(b.claimed_by)} 正在回访`) : '',
    because('查看号码', async (why) => el('output', { class: 'number' }, (await post(`${path}/phone`, why)).phone)), form);
}

// exception chooses one of the cases that are not sent back, and what shows it.
function exception(b, cases) {
  if (b.attempt > 1 || !cases.length) return { field: '', chosen: () => ({}) };
  const choice = el('select', { name: 'exception.rule', 'aria-label': '除外情形' }, el('option', { value: '' }, '发回重办（无除外情形）'),
    cases.flatMap((c) => (c.facts.length ? c.facts : [{ fact: '', text: '' }]).map((f) =>
      el('option', { value: `${c.rule} ${f.fact}` }, `${c.rule} ${c.text}${f.text ? `：${f.text}` : ''}`))));
  const evidence = el('input', { name: 'exception.evidence', maxlength: 4000, placeholder: '除外情形的依据', 'aria-label': '除外情形的依据' });
  evidence.hidden = true;
  choice.addEventListener('change', () => { evidence.hidden = !choice.value; evidence.required = Boolean(choice.value); });
  return { field: el('div', { class: 'inline' }, choice, evidence), chosen: () => {
    const [rule, fact] = choice.value.split(' ');
    return rule ? { exception: { rule, fact, evidence: evidence.value } } : {};
  } };
}

export async function reviews({ params }) {
  const { items, next } = await get(query('/reviews', params));
  return [head('审核', openOnly('#/reviews', params, '待审核')),
    el('p', { class: 'quiet' }, '误评核改、要求重办、虚假恶意投诉，由申请人以外的人审核。'),
    table(items, [
      ['申请', (r) => [when(r.asked_at), ' ', who(r.asked_by)]],
      ['工单', (r) => order(r.order)],
      ['事项', (r) => [badge(word('review', r.kind)), el('span', { class: 'rule' }, r.rule)]],
      ['内容', (r) => el('span', { class: 'body' }, [r.rating ? `改为${words.rating[r.rating]}` : '', r.reason, r.evidence ? `依据 ${r.evidence}` : ''].filter(Boolean).join('；'))],
      ['审核', (r) => (r.decided_at ? decided(r) : !['correction', 'redo', 'exception'].includes(r.kind) ? el('a', { href: `#/orders/${r.order}` }, '在工单中办理') : may('POST /reviews/{id}/decide') ? deciding(r) : el('span', { class: 'quiet' }, '待审核'))],
    ], { tone: (r) => (r.decided_at ? '' : 'fresh'), empty: '没有申请' }),
    pager('#/reviews', params, next)];
}

function decided(r) {
  return [badge(r.approved ? '同意' : '不同意', r.approved ? 'green' : 'red'), el('span', { class: 'quiet' }, `${who(r.decided_by)} `, when(r.decided_at)), r.opinion ? el('span', { class: 'body' }, r.opinion) : ''];
}

function deciding(r) {
  const opinion = el('input', { name: 'opinion', maxlength: 4000, placeholder: '审核意见', 'aria-label': '审核意见' });
  const decide = (approve) => send(form, approve ? '已同意' : '已退回', () => post(`/reviews/${encodeURIComponent(r.id)}/decide`, { approve, opinion: opinion.value }));
  const form = el('form', { class: 'inline', onsubmit: (e) => { e.preventDefault(); decide(true); } }, opinion,
    el('div', { class: 'row' }, el('button', { class: 'primary' }, '同意'), el('button', { type: 'button', onclick: () => decide(false) }, '不同意')));
  return form;
}

/** asking is what can be asked for about an order: a correction, or a redo. */
export function asking(o, path) {
  const forms = [];
  if (!may('POST /orders/{number}/reviews')) return forms;
  if (o.state === 'callback' && o.rating) {
    const rating = el('select', { name: 'rating', 'aria-label': '核改为' }, words.rating.map((text, n) => (n && n !== o.rating ? el('option', { value: n }, text) : '')).filter(Boolean));
    const recording = el('input', { name: 'evidence', maxlength: 100, required: true, placeholder: '回访录音编号', 'aria-label': '回访录音编号' });
    forms.push(ask('误评，申请核改', [rating, recording], () => ({ kind: 'correction', rating: Number(rating.value), evidence: recording.value })));
  }
  if (['callback', 'archived'].includes(o.state) && !o.redos) {
    const reason = el('input', { name: 'reason', maxlength: 4000, required: true, placeholder: '诉求人要求重办的理由', 'aria-label': '诉求人要求重办的理由' });
    forms.push(ask('申请重办', [reason], () => ({ kind: 'redo', reason: reason.value })));
  }
  return forms;
  function ask(text, fields, body) {
    return el('form', { class: 'inline row', onsubmit: (e) => {
      e.preventDefault();
      send(e.target, '已提交审核', () => post(`${path}/reviews`, { ...body(), version: o.version }));
    } }, fields, el('button', {}, text));
  }
}
