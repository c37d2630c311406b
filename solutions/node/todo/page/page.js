
// The page asks as any client does. What it shows of a to-do it shows as text.

const byId = (id) => document.getElementById(id);
const [list, more, said] = [byId('list'), byId('more'), byId('said')];
let newest = 0;

async function ask(target, { method = 'GET', tag, body, key } = {}) {
  const headers = {};
  if (tag) headers['If-Match'] = tag;
  if (key) headers['Idempotency-Key'] = key;
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(target, { method, headers, body: body && JSON.stringify(body) });
  const value = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(sentence(value));
  return { value, tag: response.headers.get('ETag') };
}

function sentence({ title, detail, errors = [] }) {
  return [detail ?? title, ...errors.map(({ field, detail }) => `${field} ${detail}.`)].join(' ');
}

/** Whatever goes wrong is said, and the page goes on. */
async function trying(work, done = '') {
  try {
    await work();
    said.textContent = done;
  } catch (error) {
    const gone = error instanceof TypeError; // as fetch has it
    said.textContent = gone ? 'The service cannot be reached.' : error.message;
  }
}

async function show(target) {
  const mine = ++newest;
  const { value } = await ask(target);
  if (mine !== newest) return; // another search began meanwhile
  if (!new URL(target, location).searchParams.has('after')) list.replaceChildren();
  list.append(...value.todos.map(row));
  more.hidden = value.next === null;
  more.onclick = () => trying(() => show(value.next));
}

function search() {
  const wanted = new URLSearchParams();
  if (byId('q').value) wanted.set('q', byId('q').value);
  if (byId('done').value) wanted.set('done', byId('done').value);
  return show(`/todos?${wanted}`);
}

function row({ id, title, done }) {
  const item = document.createElement('li');
  const tick = element('input', { type: 'checkbox', checked: done, ariaLabel: `Done: ${title}` });
  const text = element('input', { value: title, ariaLabel: `Title of ${title}` });
  const remove = element('button', { textContent: 'Delete', ariaLabel: `Delete ${title}` });
  const state = { title, done };
  tick.onchange = () => change({ done: tick.checked });
  text.onchange = () => change({ title: text.value });
  remove.onclick = () => trying(async () => {
    await ask(`/todos/${id}`, { method: 'DELETE' });
    item.remove();
    byId('title').focus();
  }, 'Deleted.');
  item.append(tick, text, remove);
  return item;

  // The tag is asked for first. When somebody else has changed the to-do since it was shown here,
  // their change is shown and not written over.
  function change(to) {
    return trying(async () => {
      try {
        const { value, tag } = await ask(`/todos/${id}`);
        if (value.title !== state.title || value.done !== state.done) {
          Object.assign(state, { title: value.title, done: value.done });
          throw new Error('Somebody has changed it meanwhile: this is how it is now.');
        }
        const body = { ...state, ...to };
        await ask(`/todos/${id}`, { method: 'PUT', tag, body });
        Object.assign(state, body);
      } finally {
        [tick.checked, text.value] = [state.done, state.title];
      }
    }, 'Saved.');
  }
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

byId('add').onsubmit = (event) => {
  event.preventDefault();
  trying(async () => {
    await ask('/todos', { method: 'POST', body: { title: byId('title').value }, key: randomKey() });
    byId('title').value = '';
    await search();
  }, 'Added.');
};

// crypto.randomUUID() is there only on a secure address.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-');
}

byId('find').onsubmit = (event) => event.preventDefault();
byId('find').oninput = () => trying(search);
trying(search);
