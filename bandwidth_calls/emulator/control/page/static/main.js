// The page: it listens to the emulator, and shows what its URL asks for.

import { ask, attempt } from "./api.js";
import { refresh, startCall } from "./call.js";
import { drawCalls, search, showCalls, startCalls } from "./calls.js";
import { byId, copy, onSubmit, setText } from "./dom.js";
import { showFaults, showOperations, startFaults } from "./faults.js";
import { startPhone } from "./phone.js";
import { go, hashOf, read } from "./place.js";
import { showProblems } from "./problems.js";
import { showRequests } from "./requests.js";

const VIEWS = ["call", "requests", "faults", "problems"];
let searched = "";
let version = "";
let total = null; // of calls, when they were told last

// What is shown follows the URL, whoever changed it.
function route() {
  const place = read();
  const view = VIEWS.includes(place.view) ? place.view : "call";
  const empty = document.body.classList.contains("empty");
  for (const name of VIEWS) byId("view-" + name).hidden = name !== view;
  const welcomes = empty && view === "call" && !place.call;
  byId("welcome").hidden = !welcomes;
  if (welcomes) byId("view-call").hidden = true;
  for (const link of document.querySelectorAll("nav a")) {
    link.href = hashOf({ view: link.dataset.view === "call" ? "" : link.dataset.view });
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const opened = view !== "call" || Boolean(place.call);
  document.body.dataset.pane = opened ? "detail" : "list";
  byId("back").hidden = !opened;
  byId("back").href = hashOf({ call: "", view: "" });
}

function follow() {
  const { text, state, cause, problems } = read();
  route();
  drawCalls();
  const wanted = [text, state, cause, problems].join("\n");
  if (wanted !== searched) {
    searched = wanted;
    search();
  }
  refresh();
}

function show(snapshot) {
  byId("clock").hidden = !snapshot.clock.moved;
  setText(byId("now"), snapshot.clock.now.slice(0, 23).replace("T", " "));
  showOperations(snapshot.operations);
  showCalls(snapshot.calls);
  showRequests(snapshot.requests);
  showProblems(snapshot.problems);
  showFaults(snapshot.faults);
  forget(snapshot.calls.total);
  route();
  // The call that is shown is fetched again only if it has changed; one that is older than the list each time.
  const chosen = read().call;
  const known = snapshot.calls.newest.find((call) => call.callId === chosen);
  const told = JSON.stringify([chosen, known]);
  if (!known || told !== version) refresh();
  version = told;
}

// After a reset there is no call to be shown. On an empty page the form that makes a call is open.
function forget(now) {
  if (now === 0 && total > 0) go({ call: "" }, { replace: true });
  if (now === 0 && total === null) byId("caller").open = true;
  total = now;
}

async function welcome() {
  const start = await attempt(() => ask("page/start"));
  if (!start) return;
  setText(byId("exports"), start.exports);
  setText(byId("curl"), start.curl);
  for (const each of document.querySelectorAll("[data-copy]")) {
    const source = byId(each.dataset.copy);
    each.addEventListener("click", () => copy(source.textContent, source));
  }
}

function listen() {
  const events = new EventSource("/_emulator/events");
  const tell = (text, on) => {
    setText(byId("link"), text);
    byId("link").classList.toggle("on", on);
  };
  events.onopen = () => tell("connected", true);
  events.onerror = () => tell("not connected: trying again", false);
  events.onmessage = (event) => show(JSON.parse(event.data));
}

onSubmit("inbound", async () => {
  const body = { to: byId("to").value, from: byId("from").value };
  if (byId("url").value) body.url = byId("url").value;
  const call = await attempt(() => ask("inbound", body));
  if (call) go({ call: call.callId, view: "" });
});
onSubmit("clock", () => attempt(() => ask("advance", { seconds: Number(byId("seconds").value) })));
byId("idle").addEventListener("click", () => attempt(() => ask("run_until_idle", {})));
byId("caller").open = matchMedia("(min-width: 60rem)").matches;
addEventListener("hashchange", follow);
startFaults();
startCall();
startPhone();
startCalls();
welcome();
follow();
listen();
