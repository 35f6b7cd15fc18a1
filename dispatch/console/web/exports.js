// What leaves as a file: orders, figures, a month's volume. Each asks for a reason; who took
// what, when and why is in the audit (ZQ-24). An informant is in none of them (KF-3.1.5).

import { el, field, head, now, words } from './dom.js';
import { get, may, take } from './api.js';
import { send, toast } from './frame.js';

const tables = { types: '受理办理', units: '各单位按期办结', suggestions: '建议汇总', calls: '接通与登记', seats: '座席六项量', hot: '热点专报' };

// Each export: its operation, its title, what it is, and its fields.
const kinds = [
  ['POST /export/orders', '工单', '号码遮蔽，举报人不出现，每行写明导出人；最多 50000 件。', () => [
    { ...choice('orders', 'state', '状态', [['', '全部'], ['open', '未了结'], ...Object.entries(words.state)]), body: (state) => (state === 'open' ? { open: true } : { state }) },
    ...span('orders', false), format('orders')]],
  ['POST /export/figures', '统计表', '按时段末的情形统计，同一时段再导出不变；保密件只计数。', () => [
    choice('figures', 'table', '表', Object.entries(tables)), ...span('figures', true), format('figures')]],
  ['POST /export/volume', '归档卷', '一个月办结的工单及录音、附件，附目录、校验和与签名；月份须已结束。', () => [
    { title: '月份', control: el('input', { id: 'volume-month', name: 'month', type: 'month', required: true, value: day(monthStart(-1)).slice(0, 7) }) }]],
];

/** page has the exports that the account's roles allow. */
export async function page() {
  const forms = kinds.filter(([operation]) => may(operation)).map(([operation, title, about, fields]) => form(operation.slice('POST '.length), title, about, fields()));
  return [head('导出', el('span', { class: 'quiet' }, '导出人、时间与原因记入审计')), ...forms, may('GET /evidence-key') ? key() : ''];
}

function form(path, title, about, fields) {
  const reason = el('input', { id: `${path.split('/').pop()}-reason`, name: 'reason', required: true, maxlength: 500, placeholder: '记入审计' });
  const done = el('p', { class: 'quiet', role: 'status' });
  const node = el('form', { class: 'panel', onsubmit: (e) => {
    e.preventDefault();
    send(node, null, async () => {
      done.textContent = '正在导出…';
      try {
        const body = Object.assign({ reason: reason.value.trim() }, ...fields.filter((f) => f.control.value).map((f) => f.body?.(f.control.value) ?? { [f.control.name]: f.control.value }));
        const name = await take(path, body);
        done.textContent = `已导出 ${name}`;
        toast(`已导出 ${name}`);
      } catch (err) {
        done.textContent = '';
        throw err;
      }
    });
  } }, el('h3', {}, title), el('p', { class: 'quiet' }, about),
  el('div', { class: 'fields' }, fields.map((f) => field(f.title, f.control)), field('原因', reason), el('button', { class: 'primary' }, '导出')), done);
  return node;
}

const choice = (id, name, title, options) => ({ title, control: el('select', { id: `${id}-${name}`, name }, options.map(([value, text]) => el('option', { value }, text))) });

const format = (id) => choice(id, 'format', '格式', [['xlsx', 'Excel（xlsx）'], ['csv', 'CSV']]);

// span is from one day to another, both included; by default the month before.
function span(id, required) {
  const input = (name, value) => el('input', { id: `${id}-${name}`, name, type: 'date', required, value: required ? value : null });
  return [
    { title: '登记自', control: input('since', day(monthStart(-1))), body: (v) => ({ since: `${v}T00:00:00+08:00` }) },
    { title: '至（含当日）', control: input('until', day(monthStart(0) - 864e5)), body: (v) => ({ until: `${day(new Date(`${v}T00:00:00Z`).getTime() + 864e5)}T00:00:00+08:00` }) },
  ];
}

// monthStart is the first day of a month before or after the present one, in Asia/Shanghai, as the moment that UTC calls so.
function monthStart(by) {
  const here = new Date(now().getTime() + 8 * 3600e3);
  return Date.UTC(here.getUTCFullYear(), here.getUTCMonth() + by, 1);
}

const day = (at) => new Date(at).toISOString().slice(0, 10);

// key shows what bundles and volumes are verified with.
function key() {
  const place = el('output', { class: 'key' });
  const node = el('form', { class: 'panel', onsubmit: (e) => {
    e.preventDefault();
    send(node, null, async () => { place.textContent = (await get('/evidence-key')).public_key; });
  } }, el('h3', {}, '核对用的公钥'), el('p', { class: 'quiet' }, '证据包与归档卷用它核对：hotline export verify 文件 --key 公钥。须由另一途径告知接收方。单件工单的证据包在该工单页导出。'),
  el('div', { class: 'row' }, el('button', {}, '显示公钥'), place));
  return node;
}
