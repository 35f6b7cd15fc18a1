// What the hotline's administrators look after: tables that are brought in, the working
// calendar, the Asterisks.

import { badge, base64, el, field, head, table, when, who, word } from './dom.js';
import { get, post } from './api.js';
import { act, hold, send } from './frame.js';

export async function page() {
  const [switches, years] = await Promise.all([get('/switches'), get('/calendar').catch(() => ({ items: [] }))]);
  return [head('管理'), importing(), calendar(years.items), asterisks(switches.items)];
}

const kinds = { units: '单位', handlers: '承办人', officers: '值班人员', roster: '值班表', orders: '工单' };

// importing brings a table in, or only looks at it; what is wrong with it is told row by row.
function importing() {
  const kind = el('select', { id: 'import-kind', name: 'kind' }, Object.entries(kinds).map(([value, text]) => el('option', { value }, text)));
  const file = el('input', { id: 'import-file', name: 'file', type: 'file', required: true, accept: '.csv,.xlsx' });
  const good = el('input', { id: 'import-good', type: 'checkbox' });
  const came = el('div', { 'aria-live': 'polite' });
  const bring = (dry) => send(form, null, async () => {
    hold();
    came.replaceChildren(...report(await post('/import', { kind: kind.value, file: await base64(file.files[0]), dry, only_good: good.checked }), file.files[0].name));
  });
  const form = el('form', { class: 'panel', onsubmit: (e) => {
    e.preventDefault();
    bring(e.submitter?.value === 'dry');
  } }, el('h3', {}, '导入'), el('p', { class: 'quiet' }, 'CSV（UTF-8、GB18030）或 XLSX 的第一张表；有错则一行不写。表头见 hotline export 种类 --empty。'),
  el('div', { class: 'fields' }, field('种类', kind), field('文件', file), el('label', { class: 'field' }, good, '只收正确的行，其余退回')),
  el('div', { class: 'row' }, el('button', { value: 'dry' }, '只检查'), el('button', { class: 'primary', value: 'write' }, '导入')), came);
  return form;
}

function report(r, name) {
  return [el('p', {}, badge(r.written ? '已写入' : '未写入', r.written ? 'green' : r.bad ? 'red' : ''), ` ${r.rows} 行：新 ${r.new}，改 ${r.changed}，同 ${r.same}，错 ${r.bad} `,
    r.rejected ? el('a', { href: `data:application/octet-stream;base64,${r.rejected}`, download: name.replace(/(\.\w+)?$/, '.rejected$1') }, '取回未收的行') : ''),
  ...r.notes.map((n) => el('p', { class: 'quiet' }, n)),
  r.faults.length ? table(r.faults, [
    ['行', (f) => (f.row ? String(f.row) : '整个文件')],
    ['列', (f) => f.column],
    ['问题', (f) => [el('span', { class: 'body' }, f.text), f.rule ? el('span', { class: 'rule' }, f.rule) : '']],
  ]) : ''];
}

function calendar(years) {
  const file = el('input', { id: 'calendar-file', name: 'file', type: 'file', required: true, accept: '.yaml,.yml' });
  return el('section', { class: 'panel' }, el('h3', {}, '工作日历'),
    el('form', { class: 'fields', onsubmit: (e) => {
      e.preventDefault();
      send(e.target, '日历已装载，未办结的工单已重算', async () => post('/calendar', { file: await file.files[0].text() }));
    } }, field('一年的日历文件', file), el('button', { class: 'primary' }, '装载'),
    el('button', { type: 'button', onclick: () => act('已重读', () => post('/calendar/reload')) }, '重读本机目录')),
    table(years, [
      ['年份', (y) => el('strong', {}, String(y.year))],
      ['版本', (y) => `第 ${y.edition} 版`],
      ['工作日', (y) => y.workdays || ''],
      ['依据', (y) => (y.notices?.length ? el('span', { class: 'body' }, y.notices.join('；')) : '')],
      ['装载', (y) => [when(y.at), ' ', y.by ? who(y.by) : '']],
    ], { empty: '没有工作日历' }));
}

function asterisks(items) {
  return el('section', { class: 'panel' }, el('h3', {}, 'Asterisk'), table(items, [
    ['名称', (s) => el('strong', {}, s.name)],
    ['地址', (s) => s.url],
    ['要求', (s) => [badge(word('want', s.want), s.want === 'serving' ? 'green' : 'amber'), ' ', when(s.since)]],
    ['状态', (s) => badge(word('switch', s.state), s.state === 'up' ? 'green' : s.state === 'down' ? 'red' : '')],
    ['通话', (s) => String(s.calls)],
    ['操作', (s) => el('div', { class: 'row' }, moves(s))],
  ], { empty: '没有 Asterisk' }), adding());
}

// moves are what may be wanted of an Asterisk from now on.
function moves(s) {
  const path = `/switches/${encodeURIComponent(s.name)}`;
  const button = (doing, title, done, sure) => el('button', { id: `${doing}-${s.name}`, class: sure ? 'danger' : '', onclick: () => {
    if (!sure || confirm(sure)) act(done, () => post(`${path}/${doing}`));
  } }, title);
  if (s.want === 'removed') return [];
  return [s.want === 'serving' ? button('drain', '不再接新来电', `${s.name} 不再接新来电`) : button('resume', '恢复', `${s.name} 恢复接新来电`),
    button('remove', '脱离', `${s.name} 将在最后一通结束后脱离`, `${s.name} 不再接新来电，最后一通结束后脱离，确定吗？`)];
}

function adding() {
  const input = (name, title, more) => field(title, el('input', { id: `switch-${name}`, name, autocomplete: 'off', required: true, ...more }));
  return el('form', { class: 'fields', onsubmit: (e) => {
    e.preventDefault();
    send(e.target, '已加入，几秒内各控制程序都会连上', () => post('/switches', Object.fromEntries([...new FormData(e.target)].filter(([, v]) => v))));
  } }, input('name', '名称', { maxlength: 32, placeholder: '小写字母、数字与连字符' }), input('url', '地址', { placeholder: 'http://主机:端口' }), input('user', 'ARI 用户'),
  input('password', 'ARI 密码', { type: 'password', autocomplete: 'new-password' }), input('dir', '目录（同机时）', { required: false }), el('button', { class: 'primary' }, '加入'));
}
