// The list of calls, with its search.

import { ask, attempt } from "./api.js";
import { byId, make, onSubmit, setText, updateRows } from "./dom.js";
import { go, hashOf, read } from "./place.js";

const FILTERS = { text: "text", state: "by-state", cause: "by-cause" };
const MOST = 200;
const PAUSE = 1000; // milliseconds between two searches that a change leads to
let live = { total: 0, newest: [] };
let past = []; // those that ended before the emulator started
let found = null; // what a search found; null without a search
let searching = false;
let again = false;
let searched = 0;

export const stateOf = (call) =>
  call.cause && call.cause !== "hangup" ? call.state + " (" + call.cause + ")" : call.state;
export const hasFailed = (call) => Boolean(call.cause && !["hangup", "cancel"].includes(call.cause));
export const knownCall = (id) => [...live.newest, ...(found?.newest || []), ...past].find((call) => call.callId === id);

function buildRow() {
  const row = make("li");
  const link = make("a", "", make("span", "who"), make("span", "state"), make("span", "faint"));
  row.append(link);
  return row;
}

function updateRow(row, call) {
  const link = row.firstElementChild;
  const [who, state, more] = link.children;
  const failed = hasFailed(call);
  setText(who, call.from + " \u2192 " + call.to);
  setText(state, stateOf(call));
  state.dataset.state = failed ? "failed" : call.state;
  link.classList.toggle("failed", failed);
  const day = call.past ? call.created.slice(0, 10) + " " : "";
  setText(more, [call.direction, call.tag, day + call.created.slice(11, 19)].filter(Boolean).join(" \u00b7 "));
  link.href = hashOf({ call: call.callId, view: "" });
  link.setAttribute("aria-current", call.callId === read().call);
}

export function drawCalls() {
  const { total, newest } = found || {
    total: live.total + past.length,
    newest: [...[...live.newest].reverse(), ...past].slice(0, MOST),
  };
  updateRows(byId("calls"), newest, (call) => call.callId, buildRow, updateRow);
  const none = found && !total ? "no call fits" : "";
  setText(byId("older-calls"), total > newest.length ? total - newest.length + " older ones are not shown" : none);
}

export function showCalls(calls) {
  live = calls;
  document.body.classList.toggle("empty", calls.total === 0);
  if (found && performance.now() - searched > PAUSE) search();
  else drawCalls();
}

function query() {
  const place = read();
  const given = new URLSearchParams();
  for (const name of ["text", "state", "cause", "problems"]) if (place[name]) given.set(name, place[name]);
  return given.toString();
}

// One search at a time; what is typed meanwhile leads to another.
export async function search() {
  again = true;
  if (searching) return;
  while (again) {
    again = false;
    const wanted = query();
    searching = true;
    const result = wanted ? await attempt(() => ask("page/search?" + wanted)) : null;
    searching = false;
    if (wanted === query()) found = result;
    searched = performance.now();
  }
  drawCalls();
}

export async function startCalls() {
  onSubmit("search", search);
  for (const [name, id] of Object.entries(FILTERS)) {
    byId(id).value = read()[name];
    byId(id).addEventListener("input", () => go({ [name]: byId(id).value }, { replace: true }));
  }
  byId("by-problems").checked = Boolean(read().problems);
  byId("by-problems").addEventListener("input", () =>
    go({ problems: byId("by-problems").checked ? "1" : "" }, { replace: true }));
  const { newest } = (await attempt(() => ask("page/search"))) || { newest: [] };
  past = newest.filter((call) => call.past);
  showCalls(live);
}
