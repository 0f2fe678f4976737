// All data is set as text, never as markup: callers and applications may send anything.

export const byId = (id) => document.getElementById(id);

export function setText(element, text) {
  const value = String(text);
  if (element.textContent !== value) element.textContent = value;
}

export function make(name, className, ...content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...content.map((part) => (part instanceof Node ? part : String(part))));
  return element;
}

export function button(text, action, className = "") {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", action);
  return element;
}

// Rows are reused by the keys of their items, so that no row loses its focus or is closed.
export function updateRows(list, items, key, build, update = () => {}) {
  const wanted = new Set(items.map((item) => String(key(item))));
  const rows = new Map();
  for (const row of [...list.children]) {
    if (wanted.has(row.dataset.key)) rows.set(row.dataset.key, row);
    else row.remove();
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const row = rows.get(name) || build(item);
    row.dataset.key = name;
    update(row, item);
    if (row === place) place = row.nextElementSibling;
    else list.insertBefore(row, place);
  }
}

export function onSubmit(id, action) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

// What a screen reader says.
export const announce = (text) => setText(byId("news"), text);

export async function copy(text, source) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not on an origin that the browser trusts: the text is selected instead
    getSelection().selectAllChildren(source);
    return;
  }
  announce("copied");
}
