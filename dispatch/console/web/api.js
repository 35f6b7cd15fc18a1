// Talking to the API. A browser's session is a cookie; whatever changes something
// also carries the token that only this page knows.

let csrf = '';
let rights = new Set();
let onLoggedOut = () => {};

/** Problem is an error the server explained, in words for people. */
export class Problem extends Error {
  constructor(status, detail, field = '') {
    super(detail);
    this.status = status;
    this.field = field; // what of the request is meant, if one thing is
  }
}

export function whenLoggedOut(f) { onLoggedOut = f; }

// ask gives the answer to a request, or throws the problem there is.
async function ask(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
    });
  } catch {
    throw new Problem(0, '连不上热线服务');
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== '/login') onLoggedOut();
  const { detail, field } = await response.json().catch(() => ({}));
  throw new Problem(response.status, detail ?? `出错(${response.status})`, field);
}

async function call(...request) {
  const response = await ask(...request);
  return response.status === 204 ? null : response.json().catch(() => ({}));
}

export const get = (path) => call('GET', path);
export const post = (path, body = {}, headers = {}) => call('POST', path, body, headers);

/** take downloads the file that is answered, and gives its name. One that ends too early is not kept. */
export async function take(path, body) {
  const response = await ask('POST', path, body);
  const [, name] = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
  let file;
  try {
    file = await response.blob();
  } catch {
    throw new Problem(0, '导出中断，没有得到完整的文件，请重试');
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name ?? 'export';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return link.download;
}

/** may says whether the account's roles allow an operation, such as 'POST /orders'. */
export const may = (operation) => rights.has(operation.replace(' ', ' /api/v1'));

/** getIf reads a list that only some roles may read; to others it is empty. */
export const getIf = async (path, parameters = {}) => (may(`GET ${path}`) ? get(query(path, parameters)) : { items: [], next: null });

/** logIn opens a session and keeps its token. */
export async function logIn(account, password) { return keep(await post('/login', { account, password })); }

/** resume finds the session the cookie still has. */
export async function resume() { return keep(await get('/session')); }

export async function logOut() {
  await post('/logout');
  csrf = '';
}

function keep(session) {
  csrf = session.csrf_token;
  rights = new Set(session.may);
  return session;
}

/** query writes an address with parameters; empty ones are left out. */
export function query(path, params) {
  const q = new URLSearchParams(Object.entries(params).filter(([, v]) => v !== '' && v !== null && v !== undefined && v !== false));
  return q.size ? `${path}?${q}` : path;
}
