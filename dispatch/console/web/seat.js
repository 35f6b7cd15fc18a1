// An agent's place: what it is doing, and what its agent may do with it.

import { badge, el, head, table, when, word, words } from './dom.js';
import { get, may, post } from './api.js';
import { act } from './frame.js';

export async function desks() {
  const { items } = await get('/desks');
  return [head('坐席'),
    table(items, [
      ['坐席', (d) => el('strong', {}, d.name)],
      ['人员', (d) => d.agent],
      ['状态', doing],
      ['自', (d) => when(d.since)],
      ['已接', (d) => `${d.taken} 个`],
      ['来电', (d) => (d.call ? el('a', { href: `#/calls/${d.call}` }, '查看') : '')],
      ['操作', (d) => el('div', { class: 'row' }, moves(d, 'seat'))],
    ], { empty: '没有配置坐席' })];
}

const doing = (d) => badge(word('desk', d.state), words.deskTone[d.state]);

// moves are what may be done with a desk; id begins the buttons' ids, after shows what came of it.
function moves(d, id, after) {
  if (!may('POST /desks/{name}/sign-in')) return [];
  const path = `/desks/${encodeURIComponent(d.name)}`;
  const enter = (title, done) => el('button', { id: `${id}-${d.name}`, class: 'primary', onclick: () => act(done, () => post(`${path}/sign-in`), after) }, title);
  const out = el('button', { id: `${id}-out-${d.name}`, onclick: () => act(`${d.name} 已签出`, () => post(`${path}/sign-out`), after) }, '签出');
  if (d.state === 'away') return [enter('签入', `${d.name} 已签入`)];
  if (d.state === 'after_call') return [enter('整理完毕', `${d.name} 继续接听`), out];
  const told = d.state === 'idle' ? '话后整理中，暂不振铃' : '通话结束后转入话后整理';
  return [el('button', { id: `${id}-${d.name}`, title: '不再振铃，仍算在岗', onclick: () => act(told, () => post(`${path}/sign-out`, { after_call: true }), after) }, '话后整理'), out];
}

/** mine is the place of an account, for the frame: what it is doing, and the button for it. The page stays as it is, for something may be written there. */
export async function mine(account, after) {
  if (!may('POST /desks/{name}/sign-in')) return [];
  const d = (await get('/desks')).items.find((k) => k.agent === account);
  return d ? [el('a', { href: '#/desks' }, d.name, ' ', doing(d)), moves(d, 'mine', after)[0]] : [];
}
