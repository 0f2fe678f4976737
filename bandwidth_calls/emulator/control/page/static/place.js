// Where a person is on the page: in its URL, so that a link and a reload lead to the same call.

const NAMES = ["call", "show", "view", "text", "state", "cause", "problems", "marked"];

export function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, given.get(name) || ""]));
}

export function hashOf(changes) {
  const place = { ...read(), marked: "", ...changes };
  return "#" + new URLSearchParams(NAMES.filter((name) => place[name]).map((name) => [name, place[name]]));
}

// A search replaces the entry of the history, so that Back does not go through each letter.
export function go(changes, { replace = false } = {}) {
  const hash = hashOf(changes);
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
