// A client of the service like any other. A title is put in as text, never as markup.

const the = (id) => document.getElementById(id);

async function ask(method, target, body, fields = {}) {
  const headers = body ? { 'Content-Type': 'application/json', ...fields } : fields;
  const answer = await fetch(target, { method, headers, body: body && JSON.stringify(body) });
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(said.detail || said.title);
  return [said, answer.headers.get('ETag')];
}

async function attempt(work) {
  the('says').textContent = '';
  try {
    await work();
  } catch (error) {
    the('says').textContent = error.message;
  }
}

function item({ id, title, done }) {
  const made = document.createElement('li');
  const input = (type, label) => {
    const field = document.createElement('input');
    field.type = type;
    field.setAttribute('aria-label', `${label}: ${title}`);
    return made.appendChild(field);
  };
  const tick = input('checkbox', 'Done');
  const text = input('text', 'Title');
  const button = made.appendChild(document.createElement('button'));
  [tick.checked, text.value, button.textContent] = [done, title, 'Delete'];
  button.setAttribute('aria-label', `Delete: ${title}`);
  const change = () => attempt(async () => {
    const [, tag] = await ask('GET', `/todos/${id}`);
    await ask('PUT', `/todos/${id}`, { title: text.value, done: tick.checked }, { 'If-Match': tag });
    the('says').textContent = 'Saved.';
  });
  tick.addEventListener('change', change);
  text.addEventListener('change', change);
  button.addEventListener('click', () => attempt(async () => {
    await ask('DELETE', `/todos/${id}`);
    made.remove();
  }));
  return made;
}

async function show(target, anew) {
  const [page] = await ask('GET', target);
  if (anew) the('list').replaceChildren();
  the('list').append(...page.todos.map(item));
  the('more').hidden = !page.next;
  the('more').onclick = () => attempt(() => show(page.next, false));
}

const search = () => attempt(() => show(`/todos?q=${encodeURIComponent(the('find').q.value)}`, true));
the('find').addEventListener('submit', (event) => { event.preventDefault(); search(); });
the('add').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(async () => {
    await ask('POST', '/todos', { title: the('add').title.value });
    the('add').reset();
    await search();
  });
});
search();
