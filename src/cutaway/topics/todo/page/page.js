"use strict";
// A client of the service like any other. Titles are put in as text, never as markup.

const list = document.getElementById("list");
const says = document.getElementById("says");
const more = document.getElementById("more");
const q = document.getElementById("q");
const which = document.getElementById("done");
let next = null;
let look = 0; // the latest search; answers to an older one are dropped
let entry = null; // {title, key} of the to-do that is being added, for as long as that is not certain

function tell(text, trouble = false) {
  says.textContent = text;
  says.classList.toggle("is-trouble", trouble);
}

async function ask(method, target, { body, fields } = {}) {
  const headers = { ...fields };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(target, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("The service cannot be reached. Try again.");
  }
  const kind = answer.headers.get("Content-Type") || "";
  const said = kind.includes("json") ? await answer.json() : null;
  if (answer.ok) return { said, tag: answer.headers.get("ETag") };
  const error = new Error((said && (said.detail || said.title)) || `The service answered ${answer.status}.`);
  error.status = answer.status;
  if (said && said.errors) error.message = said.errors.map((e) => `${e.field}: ${e.detail}`).join("; ");
  throw error;
}

async function attempt(work) {
  try { await work(); } catch (error) { tell(error.message, true); }
}

function button(name, title, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = name.toLowerCase();
  made.textContent = name;
  made.setAttribute("aria-label", `${name}: ${title}`);
  made.addEventListener("click", () => attempt(act));
  return made;
}

function shown(todo) {
  const item = document.createElement("li");
  draw(item, todo);
  return item;
}

// What is drawn anew keeps the focus where it was, or a keyboard has lost its place.
function draw(item, todo, focus = "") {
  const held = item.contains(document.activeElement) && (focus || document.activeElement.className);
  const tick = document.createElement("label");
  const box = document.createElement("input");
  const title = document.createElement("span");
  tick.className = "tick";
  box.type = "checkbox";
  box.className = "box";
  box.checked = todo.done;
  box.addEventListener("change", () => attempt(() => change(item, todo, { done: box.checked })));
  title.className = "title";
  title.textContent = todo.title;
  tick.append(box, title);
  item.classList.toggle("is-done", todo.done);
  item.replaceChildren(
    tick,
    button("Change", todo.title, () => edit(item, todo)),
    button("Delete", todo.title, () => remove(item)),
  );
  item.dataset.id = todo.id;
  if (held) (item.querySelector(`.${held}`) || box).focus();
}

// A list has no tags, so a change reads the to-do first, and only goes on when it is what is shown.
// focus: the class of what has it afterwards, where that is not what has it now.
async function change(item, todo, changes, focus = "") {
  const path = `/todos/${encodeURIComponent(todo.id)}`;
  try {
    const { said: now, tag } = await ask("GET", path);
    if (now.title !== todo.title || now.done !== todo.done) {
      draw(item, now, focus);
      tell("Somebody else has changed this one; it is shown as it is now.", true);
      return;
    }
    const body = { title: now.title, done: now.done, ...changes };
    const { said } = await ask("PUT", path, { body, fields: { "If-Match": tag } });
    draw(item, said, focus);
    tell("Saved.");
  } catch (error) {
    if (error.status === 404) { leave(item); tell("Somebody else has deleted this one.", true); return; }
    if (!focus) draw(item, todo); // what is being typed stays
    throw error;
  }
}

function edit(item, todo) {
  const form = document.createElement("form");
  const field = document.createElement("input");
  const save = document.createElement("button");
  form.className = "row";
  field.className = "box";
  field.value = todo.title;
  field.maxLength = 200;
  field.required = true;
  field.setAttribute("aria-label", "Title");
  save.textContent = "Save";
  form.append(field, save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => change(item, todo, { title: field.value }, "change"));
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Escape") draw(item, todo, "change"); });
  item.replaceChildren(form);
  field.focus();
  field.select();
}

async function remove(item) {
  try {
    await ask("DELETE", `/todos/${encodeURIComponent(item.dataset.id)}`);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  leave(item);
  tell("Deleted.");
}

// The focus goes to the one that takes its place.
function leave(item) {
  const near = item.nextElementSibling || item.previousElementSibling;
  const held = item.contains(document.activeElement);
  item.remove();
  if (held) (near ? near.querySelector(".delete") || near.querySelector(".box") : document.getElementById("head")).focus();
}

async function search() {
  const mine = ++look;
  const asked = new URLSearchParams();
  if (q.value) asked.set("q", q.value);
  if (which.value) asked.set("done", which.value);
  const { said } = await ask("GET", `/todos?${asked}`);
  if (mine !== look) return;
  list.replaceChildren(...said.todos.map(shown));
  follow(said.next);
  tell(said.todos.length ? "" : q.value || which.value ? "Nothing that fits." : "Nothing to be done.");
}

function follow(target) {
  next = target;
  more.hidden = !next;
}

document.getElementById("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("title");
  const title = field.value;
  // The same key when the same one is tried again: it is added once, however often it is sent.
  if (!entry || entry.title !== title) entry = { title, key: Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("") };
  attempt(async () => {
    const { said } = await ask("POST", "/todos", { body: { title }, fields: { "Idempotency-Key": entry.key } });
    entry = null;
    field.value = "";
    if (!next) list.append(shown(said));
    tell(`Added: ${said.title}`);
  });
});

document.getElementById("find").addEventListener("submit", (event) => { event.preventDefault(); attempt(search); });
let typing = 0;
q.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => attempt(search), 200); });
which.addEventListener("change", () => attempt(search));
more.addEventListener("click", () => attempt(async () => {
  const { said } = await ask("GET", next);
  list.append(...said.todos.map(shown));
  follow(said.next);
}));
attempt(search);
