// The audit: who did, saw or was refused what, and whether the chain of its entries holds.

import { badge, el, head, table, when, who, word } from './dom.js';
import { get, query } from './api.js';
import { pager } from './lists.js';

export async function list({ params }) {
  const { items, next } = await get(query('/audit', params));
  const result = el('p', { class: 'quiet' });
  const verify = async () => {
    const v = await get('/audit/verify');
    result.replaceChildren(badge(v.intact ? '完好' : '不符', v.intact ? 'green' : 'red'),
      v.intact ? ` ${v.entries} 条记录完好，链尾 ${v.head}` : ` 第 ${v.broken} 条：${v.why}`);
  };
  return [head('审计', el('button', { onclick: () => verify().catch((err) => { result.textContent = err.message; }) }, '核对')), result,
    table(items, [
      ['序号', (a) => String(a.seq)],
      ['时间', (a) => when(a.at)],
      ['何人', (a) => who(a.actor)],
      ['何事', (a) => [word('audit', a.act), a.rule ? el('span', { class: 'rule' }, a.rule) : '']],
      ['何物', (a) => a.subject],
      ['说明', (a) => el('span', { class: 'body' }, a.text)],
    ], { tone: (a) => (a.act.endsWith('refused') ? 'fresh' : ''), empty: '没有记录' }),
    pager('#/audit', params, next)];
}
