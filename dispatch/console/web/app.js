// The frame of the page: log-in, tabs, the status strip, live updates, routes.

import { el, knowUnits, now, setClock, tick } from './dom.js';
import { go, held, hold, knowTypes, release, whenAnew } from './frame.js';
import { Problem, get, getIf, logIn, logOut, may, resume, whenLoggedOut } from './api.js';
import * as lists from './lists.js';
import * as orders from './orders.js';
import * as after from './after.js';
import * as manage from './manage.js';
import * as red from './red.js';
import { page as exported } from './exports.js';
import * as rules from './rules.js';
import * as audit from './audit.js';
import * as texts from './texts.js';
import * as work from './work.js';
import { create } from './create.js';
import { list as knowledge } from './knowledge.js';
import { desks, mine } from './seat.js';

// Each tab, with the operation that the account's roles must allow for it.
const allTabs = [
  ['work', '工作台', 'GET /work'], ['calls', '来电', 'GET /calls'], ['orders', '工单', 'GET /orders'], ['knowledge', '知识库', 'GET /knowledge'],
  ['voicemails', '留言', 'GET /voicemails'], ['texts', '短信', 'GET /messages'], ['surveys', '评价', 'GET /surveys'], ['callbacks', '回访', 'GET /callbacks'],
  ['reviews', '审核', 'GET /reviews'], ['desks', '坐席', 'GET /desks'], ['duty', '值班', 'GET /handovers'], ['leader', '批示', 'POST /orders/{number}/approve'],
  ['links', '短信通道', 'GET /links'], ['rules', '限制', 'GET /caller-rules'], ['red', '应急', 'GET /red'], ['exports', '导出', 'POST /export/orders'], ['manage', '管理', 'GET /switches'], ['audit', '审计', 'GET /audit'],
];
let tabs = [];

// Each page says which changes concern it. A page is loaded anew whenever one happens.
const pages = {
  work: { show: work.page, on: ['order'] },
  duty: { show: work.duty, on: ['voicemail', 'order'] },
  leader: { show: work.leader, on: ['review', 'order'] },
  explain: { show: work.explain, on: ['order'] },
  calls: { show: lists.calls, on: ['call'] },
  call: { show: lists.call, on: ['call'] },
  orders: { show: orders.list, on: ['order'] },
  order: { show: orders.detail, on: ['order', 'voicemail'] },
  new: { show: create, on: [] },
  knowledge: { show: knowledge, on: [] },
  voicemails: { show: lists.voicemails, on: ['voicemail'] },
  texts: { show: texts.list, on: ['text'] },
  links: { show: texts.links, on: ['text'], every: 3000 },
  refused: { show: texts.refused, on: ['text'] },
  text: { show: texts.trace, on: ['text'] },
  received: { show: texts.arrival, on: ['text'] },
  talks: { show: texts.talk, on: ['text'] },
  surveys: { show: lists.surveys, on: ['survey'] },
  callbacks: { show: after.callbacks, on: ['callback'] },
  reviews: { show: after.reviews, on: ['review'] },
  rules: { show: rules.list, on: [] },
  red: { show: red.page, on: ['red'] },
  exports: { show: exported, on: [] },
  manage: { show: manage.page, on: [] },
  audit: { show: audit.list, on: [] },
  desks: { show: desks, on: ['call'], every: 3000 },
};

const main = document.getElementById('main');
let current = pages.calls;
let stream = null;
let account = '';
let changed = false; // something arrived while a form was being filled in
let status = { todo: {} };

function route() {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/').map(decodeURIComponent);
  const params = Object.fromEntries(new URLSearchParams(search ?? ''));
  if (name === 'calls' && id) return { page: pages.call, tab: 'calls', id, params };
  if (name === 'orders' && id === 'new') return { page: pages.new, tab: 'orders', params };
  if (name === 'texts' && id) return { page: pages.text, tab: 'texts', id, params };
  if (['received', 'talks', 'links', 'refused'].includes(name)) return { page: pages[name], tab: tabs.some(([t]) => t === name) ? name : 'texts', id, params };
  if (name === 'explain' && id) return { page: pages.explain, tab: 'orders', id, params };
  if (name === 'orders' && id) return { page: pages.order, tab: 'orders', id, params };
  if (pages[name] && name !== 'explain') return { page: pages[name], tab: name, params };
  const [first] = tabs[0] ?? ['calls'];
  return { page: pages[first], tab: first, params };
}

let turn = 0;

/** render shows the page the address names. Of two at once, the later wins. */
async function render() {
  const mine = ++turn;
  const { page, tab, id, params } = route();
  const same = page === current && main.dataset.at === location.hash;
  current = page;
  document.querySelectorAll('#tabs a').forEach((a) => {
    if (a.dataset.tab !== tab) {
      a.removeAttribute('aria-current');
    } else if (!a.hasAttribute('aria-current')) {
      a.setAttribute('aria-current', 'page');
      a.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  });
  let content;
  try {
    content = await page.show({ id, params });
  } catch (err) {
    if (err instanceof Problem && err.status === 401) return;
    content = [el('p', { class: 'empty bad' }, err.message), el('p', {}, el('button', { onclick: render }, '重试'))];
  }
  if (mine !== turn) return;
  changed = false;
  release();
  const focus = same && focused();
  main.replaceChildren(...[content].flat());
  main.dataset.at = location.hash;
  if (focus) main.querySelector(focus)?.focus();
  else main.querySelector('[data-focus]')?.focus();
  if (!same && document.activeElement === document.body) main.focus({ preventScroll: true }); // Tab goes on in the page
  const on = main.querySelector('.switch [aria-current]'); // on a phone not all of it is seen
  if (on) on.parentElement.scrollLeft = on.offsetLeft - on.parentElement.offsetLeft - 40;
  if (!same) {
    scrollTo(0, 0);
    document.title = `${main.querySelector('h2')?.textContent ?? ''} · ${status.title || '热线调度台'}`;
  }
}

// focused says how to find again, in a page shown anew, what has the focus: by its id, or a
// row by where it leads.
function focused() {
  const at = document.activeElement;
  if (at?.id && main.contains(at)) return `#${CSS.escape(at.id)}`;
  return at?.matches('main .row-link') ? `a[href="${CSS.escape(at.getAttribute('href'))}"]` : '';
}

// renderQuietly leaves alone what somebody is writing or listening to.
function renderQuietly() {
  const playing = [...main.querySelectorAll('audio')].some((a) => !a.paused);
  if (!held() && !playing && !main.querySelector('input:focus, select:focus, textarea:focus')) {
    render();
    return;
  }
  if (changed) return;
  changed = true;
  main.prepend(el('p', { class: 'changed' }, '内容已有更新。', el('button', { onclick: render }, '刷新')));
}

function later(f, ms) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => { timer = null; f(); }, ms);
  };
}

const soon = later(renderQuietly, 250);
const soonStatus = later(loadStatus, 500);

function listen() {
  stream?.close();
  stream = new EventSource('/api/v1/events');
  const heard = (e) => {
    if (e.type === 'resync' || current.on.includes(e.type)) soon();
    soonStatus();
  };
  for (const kind of ['order', 'call', 'voicemail', 'text', 'survey', 'callback', 'review', 'red', 'resync']) stream.addEventListener(kind, heard);
  let lost = false;
  stream.onerror = () => {
    lost = true;
    strip([{ name: '实时更新', up: false, detail: '连接中断，正在重连' }, ...pressed(), ...(status.parts ?? [])]);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => account && listen(), 3000);
    get('/session').catch(() => {}); // was it the session that ended?
  };
  stream.onopen = () => {
    if (lost) { lost = false; soon(); }
    loadStatus();
  };
}

async function loadStatus() {
  try {
    status = await get('/status');
  } catch {
    return;
  }
  setClock(status.now);
  knowTypes(status.types);
  document.getElementById('title').textContent = status.title || '热线调度台';
  document.getElementById('version').textContent = status.version ? `版本 ${status.version}` : '';
  strip([...pressed(), ...status.parts]);
  const { voicemails, callbacks, reviews } = status.todo;
  count('voicemails', voicemails);
  count('callbacks', callbacks);
  count('reviews', reviews);
  await loadSeat();
}

// loadSeat shows the account's own place, if it has one. A button that is being pressed stays.
async function loadSeat() {
  const place = document.getElementById('seat');
  const here = place?.contains(document.activeElement);
  const parts = await mine(account, loadSeat).catch(() => null);
  if (!place || !parts) return;
  place.replaceChildren(...parts);
  if (here) place.querySelector('button')?.focus();
}

// pressed is the red button's place in the strip, while it is pressed.
function pressed() {
  return status.red?.on ? [{ name: `红色按钮 ${status.red.words}`, up: false, detail: status.red.reason }] : [];
}

function strip(parts) {
  document.getElementById('strip').replaceChildren(...parts.map((p) =>
    el('li', { class: p.up ? 'up' : 'down', title: p.detail || (p.up ? '正常' : '不可用') },
      el('i', { 'aria-hidden': 'true' }), p.name, el('span', { class: 'sr' }, p.up ? '正常' : `不可用 ${p.detail ?? ''}`))));
}

function count(tab, n) {
  const dot = document.querySelector(`#tabs a[data-tab=${tab}] b`);
  if (dot) dot.textContent = n ? (n >= 100 ? '99+' : n) : '';
}

function start(session) {
  account = session.account;
  tabs = allTabs.filter(([name, , operation]) => may(operation) && !(name === 'links' && may('GET /messages')));
  document.body.classList.remove('guest');
  document.getElementById('tabs').replaceChildren(...tabs.map(([name, title]) =>
    el('a', { href: `#/${name}`, 'data-tab': name }, title, el('b', {}))));
  document.getElementById('who').replaceChildren(el('span', { id: 'seat' }), el('span', {}, account),
    el('button', { onclick: () => logOut().catch(() => {}).then(askLogIn) }, '退出'));
  listen();
  Promise.all([loadStatus(), getIf('/choices').then((c) => knowUnits(c.units ?? [])).catch(() => {})]).then(render);
}

function askLogIn() {
  if (document.getElementById('login')) return;
  account = '';
  turn++;
  stream?.close();
  document.body.classList.add('guest');
  document.getElementById('tabs').replaceChildren();
  document.getElementById('who').replaceChildren();
  document.getElementById('strip').replaceChildren();
  const error = el('p', { class: 'bad', role: 'alert' });
  const name = el('input', { id: 'account', name: 'account', autocomplete: 'username', required: true, maxlength: 64, value: 'admin' });
  const secret = el('input', { id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true, maxlength: 72 });
  const form = el('form', { id: 'login', class: 'card' }, el('h2', {}, '登录'),
    el('label', { for: 'account' }, '账号'), name, el('label', { for: 'password' }, '密码'), secret, error,
    el('button', { class: 'primary' }, '登录'),
    el('p', { class: 'quiet' }, '首次启动时，一次性密码显示在启动窗口中。'));
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    try {
      start(await logIn(name.value, secret.value));
    } catch (err) {
      error.textContent = err.message;
      secret.select();
    }
  });
  main.replaceChildren(form);
  secret.focus();
}

// step moves to the next or the last row's link.
function step(by) {
  const all = [...main.querySelectorAll('.row-link')];
  const at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

document.addEventListener('keydown', (e) => {
  if (account && e.key === '/' && (e.ctrlKey || e.metaKey) && may('GET /knowledge')) { // from within a form too
    e.preventDefault();
    const box = main.querySelector('[data-lookup]');
    if (box) box.focus();
    else go('#/knowledge?find=1');
    return;
  }
  if (!account || e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select, dialog')) return;
  const tab = tabs[Number(e.key) - 1];
  if (tab) go(`#/${tab[0]}`);
  else if (e.key === 'n' && may('POST /orders')) go('#/orders/new');
  else if (e.key === 'j' || e.key === 'k') step(e.key === 'j' ? 1 : -1);
  else if (e.key === '.') main.querySelector('.commands button')?.focus();
  else if (e.key === '/') {
    e.preventDefault();
    go('#/orders?find=1');
  }
});

// The address after # is the page: the way past the menu must not change it.
document.querySelector('.skip').addEventListener('click', (e) => { e.preventDefault(); main.focus(); });
main.addEventListener('input', hold);
window.addEventListener('hashchange', render);
setInterval(tick, 1000);
setInterval(() => { if (account && current.every) renderQuietly(); }, 3000);
setInterval(() => { if (account && now()) loadStatus(); }, 15000);
whenAnew(() => Promise.all([render(), loadSeat()]));
whenLoggedOut(askLogIn);
resume().then(start, askLogIn);
