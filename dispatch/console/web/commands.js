// What may be done to an order, as forms. They are made of the API's own description: which
// commands there are, in which states an order takes them, with which fields; of the rights
// of who is logged in; and of the values that this hotline's rules allow.

import { base64, el, now } from './dom.js';
import { get, may, post } from './api.js';
import { hold, send } from './frame.js';

// These have forms of their own.
const elsewhere = ['identity/show', 'complete', 'type', 'note', 'urgent', 'major', 'phone', 'reviews', 'search'];
const prefix = '/orders/{number}/';
// The steps that lead an order on, the most usual of each state first; the rest follow them.
const onward = ['sign', 'start', 'submit', 'return/allow', 'return/refuse', 'extension/allow', 'extension/refuse', 'pass', 'send-back', 'approve',
  'opinion/give', 'ask/decide', 'visit/arrived', 'dispatch', 'answer', 'contact', 'transfer', 'reject', 'classify', 'return', 'extension', 'attach', 'urge', 'supervise'];
const long = ['words', 'told', 'opinion', 'reason', 'process', 'result', 'basis', 'measures', 'suggestion'];
let described = null;

async function learn() {
  described ??= Object.entries((await get('/openapi.json')).paths)
    .filter(([path, { post: op }]) => op && path.startsWith(prefix))
    .map(([path, { post: op }]) => ({ name: path.slice(prefix.length), title: op['x-title'] ?? op.summary, summary: op.summary,
      states: op['x-states'], fields: Object.entries(op.requestBody.content['application/json'].schema.properties).filter(([n]) => n !== 'version') }));
  return described;
}

/** choices are the values that fields may have here, and the units; empty to who may not know. */
export async function choices() { return may('GET /choices') ? get('/choices') : { units: [] }; }

/** unitName is what a unit is called. */
export const unitName = (known, id) => known.units?.find((u) => u.value === id)?.words ?? id;

/** commands is a row of buttons, each of which opens its form; hints are suggestions for the unit, events the order's timeline. */
export async function commands(o, known, hints, events) {
  const rank = (c) => (onward.indexOf(c.name) + 1) || onward.length + 1;
  const able = (await learn()).filter((c) => !elsewhere.includes(c.name) && may(`POST ${prefix}${c.name}`)
    && (!c.states || c.states.includes(o.state)) && suits(o, c, known, events)).sort((a, b) => rank(a) - rank(b));
  if (!able.length) return '';
  const place = el('div', { class: 'command' });
  const next = (c) => c === able[0] && rank(c) <= rank({ name: 'answer' }) && !(c.name === 'dispatch' && o.state === 'dispatched');
  const buttons = able.map((c) => el('button', { type: 'button', title: c.summary, class: next(c) ? 'next' : '', 'aria-expanded': 'false', 'data-command': c.name, onclick: (e) => {
    const open = e.target.getAttribute('aria-expanded') === 'true';
    buttons.forEach((b) => b.setAttribute('aria-expanded', 'false'));
    place.replaceChildren();
    if (open) return;
    hold(); // an event that comes in does not take the form away
    e.target.setAttribute('aria-expanded', 'true');
    const f = form(o, c, known, hints);
    place.replaceChildren(f);
    f.addEventListener('keydown', (k) => { if (k.key === 'Escape') { e.target.click(); e.target.focus(); } });
    (f.querySelector('input, select, textarea') ?? f.querySelector('button')).focus();
  } }, c.title));
  return el('section', { class: 'commands', 'aria-label': '办理' }, el('div', { class: 'buttons' }, buttons), place);
}

// suits leaves out what this hotline's rules have no place for, and answers to what nobody asked.
function suits(o, c, known, events) {
  const times = (kind) => events.filter((e) => e.kind === kind).length;
  const needs = { tier: 'tier.tier', ask: 'ask.kind', 'ask/decide': 'ask.kind', consent: 'consent.unit', reply: 'reply.mode' };
  if (needs[c.name] && !known[needs[c.name]]) return false;
  if (c.name === 'approve') return o.tier > 0;
  if (c.name === 'visit/arrived') return times('visit') > times('arrived');
  if (c.name === 'opinion/give') return times('opinion_asked') > times('opinion');
  if (c.name === 'ask/decide') return times('review_asked') > 0;
  return true;
}

// fits leaves out fields that mean nothing at this hotline.
function fits(command, name, known) {
  const needs = { code: `${command}.code`, way: `${command}.way`, outcome: 'submit.outcome', category: 'classify.category', disposition: 'form.disposition', interested: 'consent.unit', disclose: 'consent.unit', checks: 'pass.checks' };
  return !needs[name] || Boolean(known[needs[name]]);
}

function form(o, c, known, hints) {
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-'); // pressing twice is one
  const inputs = c.fields.filter(([name]) => fits(c.name, name, known)).sort(([, a], [, b]) => (b.format === 'byte') - (a.format === 'byte')).map(([name, field]) => input(o, { command: c.name, name, field, values: known[`${c.name}.${name}`], units: known.units ?? [], hints }));
  const node = el('form', { class: 'inline panel', onsubmit: (e) => { e.preventDefault(); submit(); }, onkeydown: (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); node.requestSubmit(); }
  } }, el('p', { class: 'quiet' }, c.summary), inputs.map((i) => i.node), el('div', { class: 'row' }, el('button', { class: 'primary' }, c.title),
    el('span', { class: 'quiet keys' }, 'Ctrl+Enter 提交')));
  const submit = () => send(node, `${c.title}：已记录`, async () => {
    const body = { version: o.version };
    for (const i of inputs) {
      const v = await i.value();
      if (v !== '' && v !== undefined && !(Array.isArray(v) && !v.some(Boolean))) body[i.name] = v;
    }
    try {
      await post(`/orders/${encodeURIComponent(o.number)}/${c.name}`, body, { 'Idempotency-Key': key });
    } catch (err) {
      if (err.field === 'units') err.field = 'lead';
      throw err;
    }
  });
  return node;
}

// input is a field: its name, what it looks like, and what stands in it.
function input(o, f) {
  const id = `c-${f.command.replace('/', '-')}-${f.name}`;
  const [title, more = ''] = (f.field.description ?? f.name).split(/[:：;；](.*)/s);
  const kept = f.command === 'classify' ? o[f.name] : ''; // what is not changed is sent again
  const labelled = (control, value, more = '') => ({ name: f.name, value, node: el('div', { class: 'field' }, el('label', { for: id }, title), control, more) });
  const props = { id, name: f.name };
  if (['lead', 'assist', 'interested'].includes(f.name)) return units(f, props, title, labelled);
  if (f.field.format === 'byte') {
    const box = el('input', { ...props, type: 'file', required: true, accept: papers, onchange: (e) => {
      const name = e.target.form.elements.name;
      if (name && e.target.files[0]) name.value = e.target.files[0].name;
    } });
    return labelled(box, () => (box.files[0] ? base64(box.files[0]) : ''));
  }
  if (f.field.type === 'boolean') {
    const box = el('input', { ...props, type: 'checkbox', checked: Boolean(kept) || f.command === 'approve' || f.command === 'understood' || f.command === 'preserve' || (f.command === 'supervise' && !o.supervised) });
    return { name: f.name, value: () => (box.checked || ['approve', 'yes', 'on'].includes(f.name) ? box.checked : undefined), node: el('label', { class: 'field' }, box, f.field.description ?? title) };
  }
  if (f.field.type === 'array') return f.name === 'points' ? points(o, f, props) : boxes(f, props, title);
  const values = f.values ?? f.field.enum?.map((v) => ({ value: v, words: v }));
  if (values) {
    if (kept && !values.some((v) => v.value === kept)) values.push({ value: kept, words: kept });
    const select = el('select', props, el('option', { value: '' }, '请选择'), values.map((v) => el('option', { value: v.value, selected: v.value === kept }, v.rule ? `${v.words} [${v.rule}]` : v.words)));
    return labelled(select, () => (f.field.type === 'integer' && select.value ? Number(select.value) : select.value));
  }
  if (f.field.type === 'integer') {
    const box = el('input', { ...props, type: 'number', min: 0, max: 50, value: o[f.name] || '' });
    return labelled(box, () => (box.value === '' ? '' : Number(box.value)));
  }
  if (f.field.format === 'date-time') {
    const box = el('input', { ...props, type: 'datetime-local', value: f.name === 'handled_at' ? here(now()) : '' });
    return labelled(box, () => (box.value ? `${box.value}:00+08:00` : ''));
  }
  const box = long.includes(f.name) ? el('textarea', { ...props, rows: 2, maxlength: 4000 }) : el('input', { ...props, maxlength: 200, autocomplete: 'off', placeholder: more || null, value: kept || null });
  return labelled(box, () => box.value.trim());
}

// papers are the files that orders take.
const papers = '.pdf,.ofd,.txt,.jpg,.jpeg,.png,.tif,.tiff,.doc,.docx,.xls,.xlsx,.wav,.mp3,.mp4';

// here is a moment as a field for times has it, in Asia/Shanghai.
const here = (at) => new Date(at.getTime() + 8 * 3600e3).toISOString().slice(0, 16);

function units(f, props, title, labelled) {
  if (f.name !== 'lead') return boxes({ ...f, values: f.units }, props, title);
  const first = f.hints?.units[0]?.id;
  const select = el('select', props, el('option', { value: '' }, '请选择'), f.units.map((u) => el('option', { value: u.value, selected: u.value === first }, u.words)));
  const why = (f.hints?.units ?? []).map((h) => el('button', { type: 'button', class: 'hint', onclick: () => { select.value = h.id; } },
    `${h.name}：${h.reason}`, h.rule ? el('span', { class: 'rule' }, h.rule) : ''));
  return labelled(select, () => select.value, why.length ? el('div', { class: 'hints' }, why) : '');
}

// points are the answers to the things that were asked for, one by one (ZQ-14.2).
function points(o, f, props) {
  if (o.points < 2) return { name: f.name, value: () => '', node: '' };
  const all = Array.from({ length: o.points }, (_, n) => el('textarea', { ...props, id: `${props.id}-${n}`, rows: 2, maxlength: 4000, 'aria-label': `第${n + 1}点` }));
  return { name: f.name, value: () => all.map((t) => t.value.trim()), node: el('fieldset', {}, el('legend', {}, `逐点答复（${o.points} 点）`), all.map((t, n) => el('div', { class: 'field' }, el('label', { for: t.id }, `第${n + 1}点`), t))) };
}

function boxes(f, props, title) {
  if (!f.values) return { name: f.name, value: () => '', node: '' };
  const all = f.values.map((v) => el('input', { type: 'checkbox', name: props.name, value: v.value }));
  return { name: f.name, value: () => all.filter((b) => b.checked).map((b) => b.value),
    node: el('fieldset', { class: 'checks' }, el('legend', {}, title), all.map((b, n) => el('label', {}, b, f.values[n].words))) };
}
