// Building the page: elements without markup strings, so that nothing a caller wrote
// can become markup; words for codes; times of Asia/Shanghai.

/** el makes an element: el('a', {href: '#/', class: 'x', onclick: f}, 'text', child). */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ''));
  return node;
}

/** base64 is a file's content as JSON carries it. */
export const base64 = (file) => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.slice(reader.result.indexOf(',') + 1));
  reader.onerror = () => fail(reader.error);
  reader.readAsDataURL(file);
});

const zone = 'Asia/Shanghai';
const full = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const short = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const today = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });

let offset = 0; // of the hotline's clock against this machine's, in ms

/** setClock takes the hotline's time, by which everything is counted. */
export function setClock(iso) { offset = new Date(iso) - Date.now(); }

export function now() { return new Date(Date.now() + offset); }

/** when shows a moment: the time alone if it is today. */
export function when(iso) {
  if (!iso) return '';
  const at = new Date(iso);
  const same = day.format(at) === day.format(now());
  return el('time', { datetime: iso, title: full.format(at) }, same ? today.format(at) : short.format(at));
}

/** span shows a length of time in seconds. */
export function span(seconds) {
  seconds = Math.max(0, Math.round(seconds));
  const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60;
  if (h) return `${h}时${String(m).padStart(2, '0')}分${String(s).padStart(2, '0')}秒`;
  return m ? `${m}分${String(s).padStart(2, '0')}秒` : `${s}秒`;
}

/** between is the time from one moment to another. */
export function between(from, to) { return from && to ? span((new Date(to) - new Date(from)) / 1000) : ''; }

/** countdown shows how long is left until a moment; tick() keeps it going. */
export function countdown(iso) {
  const node = el('span', { class: 'countdown', 'data-until': iso });
  tell(node);
  return node;
}

function tell(node) {
  const left = (new Date(node.dataset.until) - now()) / 1000;
  node.textContent = left > 2 * 86400 ? `剩 ${Math.floor(left / 86400)} 天` : left > 0 ? `剩 ${span(left)}` : '已到期，待结算';
  node.classList.toggle('soon', left < 3600);
}

export function tick() { document.querySelectorAll('[data-until]').forEach(tell); }

/** badge is a small coloured word. */
export function badge(text, tone = '') { return text ? el('span', { class: `badge ${tone}` }, text) : ''; }

export const words = {
  channel: { phone: '电话', voicemail: '留言', sms: '短信', email: '邮件', web: '网站', fax: '传真', mailbox: '信箱', counter: '专窗' },
  state: { registered: '已登记', dispatched: '已派发', signed: '已签收', processing: '办理中', return_requested: '申请退单', extension_requested: '申请延期', submitted: '待审核', completed: '已办结', surveyed: '已发评价', callback: '待回访', redo: '重办', transferred: '已转接', out_of_scope: '不予受理', archived: '已归档' },
  stateTone: { registered: 'blue', dispatched: 'amber', signed: 'blue', processing: 'blue', return_requested: 'red', extension_requested: 'amber', submitted: 'teal', completed: 'teal', surveyed: 'teal', callback: 'amber', redo: 'blue', archived: '' },
  rating: ['', '非常满意', '满意', '基本满意', '不满意', '非常不满意'],
  outcome: { rated: '已评价', invalid: '无效评价', unrated: '未评价', not_delivered: '短信未送达', skipped: '未发评价' },
  call: { answered: '已接听', voicemail: '留言', missed: '漏接', emergency: '紧急转接', abandoned: '主叫挂断', query: '自助查询', transferred: '已转接', fallback: '应急接听', duty: '值班接听', refused: '已限制', survey: '语音评价', ended: '已结束' },
  callTone: { answered: 'green', voicemail: 'blue', missed: 'red', emergency: 'red', abandoned: '', query: '', transferred: 'teal', fallback: 'amber', duty: 'green', refused: 'amber' },
  text: { queued: '待发', sent: '已提交', delivered: '已送达', undelivered: '未送达', failed: '发送失败', expired: '已过期' },
  textTone: { queued: 'amber', sent: 'blue', delivered: 'green', undelivered: 'red', failed: 'red', expired: 'red' },
  kind: { survey: '评价邀请', result: '办理结果', receipt: '受理回执', duty: '值班通知', notice: '通知', bulk: '群发' },
  textStep: { queued: '排队', hours: '时段', tries: '未成功', unknown: '结果不明', sent: '已提交', delivered: '已送达', undelivered: '未送达', failed: '失败', expired: '过期', reply: '其后收到', written: '发送', received: '收到', handled: '处理', part: '分段', text_sent: '人工发送', text_replayed: '人工重放' },
  as: { survey: '评价', invalid: '无效评价', late: '逾期评价', 'opt-out': '退订', 'opt-in': '恢复', query: '查询', 'query-wrong': '查询有误', 'query-locked': '查询已锁', confirmed: '确认告警', order: '转为工单', empty: '空短信', '': '待处理' },
  reason: { after_hours: '下班时间', no_agent: '无人接听', no_answer: '无人接听', fallback: '应急录音', interrupted: '系统中断', duty: '值班未接' },
  callback: { unreachable: '多次未接通', no_reason: '未提供原因' },
  audit: { opt_out: '退订', opt_in: '恢复短信', text_sent: '人工发送短信', text_replayed: '人工重放短信', log_in: '登录', log_in_refused: '登录失败', refused: '拒绝', phone_seen: '查看号码', recording_heard: '收听录音', decided: '审核决定', handed_over: '交班', attachment_taken: '取用附件', identity_seen: '查看证件号', pushed: '推送政策', exported: '导出', recording_discarded: '录音期满删除', imported: '导入', red_button: '红色按钮', desk_in: '坐席签入', desk_out: '坐席签出', desk_after_call: '话后整理' },
  review: { correction: '误评核改', redo: '要求重办', exception: '不予重办', return: '申请退单', extension: '申请延期', head: '单位负责人审核', opinion: '书面意见', secretary: '秘书长批示', vice_mayor: '副市长批示', mayor: '市长批示',
    duty_leader: '呈值班领导', scope: '请示是否受理', meeting: '提交联席会议', recheck: '回访复核', report_back: '向批办领导汇报', dispute: '协调定牵头', consent: '征求同意' },
  want: { serving: '接新来电', draining: '不再接', removed: '脱离' },
  switch: { connecting: '正在连接', up: '正常', draining: '收尾', down: '中断', '': '已脱离' },
  skipped: { no_consent: '未同意收短信', no_mobile: '没有手机号码', opted_out: '已退订' },
  desk: { away: '离席', idle: '空闲', ringing: '振铃', talking: '通话中', after_call: '话后整理' },
  deskTone: { away: '', idle: 'green', ringing: 'amber', talking: 'blue', after_call: 'teal' },
  step: { say: '播音', key: '按键', menu: '菜单', dial: '呼叫', ring: '振铃', answered: '接通', bridge: '通话', record: '录音', emergency: '紧急', hangup: '挂断', hours: '时段', goodbye: '结束', query: '查询', transfer: '转接', agents: '坐席', duty: '值班', voicemail: '留言', ask: '询问', queue: '排队', urgent: '标为紧急', alarm: '呼叫领导' },
};

/** word is the Chinese for a code; a code nobody has a word for shows as it is. */
export function word(table, code) { return words[table][code] ?? code; }

/** left is the Chinese for what ended a call: who, and what the line said. */
export function left(hangup) {
  const [by, text] = hangup.split(/: (.*)/s);
  const sides = { caller: '主叫挂机', far: '对方挂机', 'cut-off': '热线结束' };
  if (!sides[by]) return hangup;
  return ['hung up', 'Normal Clearing', 'flow ended'].includes(text) ? sides[by] : `${sides[by]}（${text}）`;
}

const unitNames = new Map();

/** knowUnits tells what units are called, so that who() can say it. */
export function knowUnits(units) { for (const u of units) unitNames.set(u.value, u.words); }

/** who is the Chinese for an actor of a timeline. */
export function who(actor) {
  const [kind, name] = actor.split(/:(.*)/s);
  const [unit, person] = (name ?? '').split(/\/(.*)/s);
  if (kind === 'unit' && unitNames.has(unit)) return `${unitNames.get(unit)} ${person ?? ''}`.trim();
  const kinds = { system: '系统', citizen: '市民', agent: '坐席', unit: '单位', guest: '未登录', duty: '值班', leader: '值班领导' };
  return (kinds[kind] ?? kind) + (name ? ` ${name}` : '');
}

/** table shows rows; columns are [title, cell(row)]. The first link of a row is where j and k stop. */
export function table(rows, columns, options = {}) {
  if (!rows.length) return el('p', { class: 'empty' }, options.empty ?? '暂无记录');
  const node = el('table', {},
    el('thead', {}, el('tr', {}, columns.map(([title]) => el('th', { scope: 'col' }, title)))),
    el('tbody', {}, rows.map((row) => el('tr', { class: options.tone?.(row) ?? '' },
      columns.map(([title, cell]) => {
        const content = [cell(row)].flat().filter((c) => c !== '' && c !== null && c !== undefined);
        return el('td', { 'data-label': title, class: content.length ? '' : 'blank' }, el('div', {}, content));
      })))));
  node.querySelectorAll('tbody tr').forEach((tr) => tr.querySelector('a')?.classList.add('row-link'));
  return node;
}

/** head is a page's title with what stands beside it. */
export function head(title, ...beside) { return el('div', { class: 'head' }, el('h2', {}, title), ...beside); }

/** field is a control with its label above, and what belongs below it. */
export function field(title, control, ...more) {
  return el('div', { class: 'field' }, el('label', { for: control.id }, title), control, more);
}

/** timeline shows steps: [time, title, text, rule]. */
export function timeline(steps) {
  if (!steps.length) return el('p', { class: 'empty' }, '暂无经过');
  return el('ol', { class: 'timeline' }, steps.map(([at, title, text, rule]) =>
    el('li', {}, el('div', { class: 'at' }, when(at)), el('div', {}, el('strong', {}, title), ' ', text, ' ', rule ? el('span', { class: 'rule' }, rule) : ''))));
}

/** facts shows names and values; empty values are left out. */
export function facts(pairs) {
  return el('dl', {}, pairs.filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== 0 && value !== false)
    .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
