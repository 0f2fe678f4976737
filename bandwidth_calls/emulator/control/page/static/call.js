// One call: what is known of it, its recordings, and its steps as a ladder or as a chat.

import { ask, askText, attempt, callPath } from "./api.js";
import { hasFailed, knownCall, stateOf } from "./calls.js";
import { drawChat } from "./chat.js";
import { announce, byId, make, setText, updateRows } from "./dom.js";
import { drawLadder } from "./ladder.js";
import { drawPhone } from "./phone.js";
import { go, read } from "./place.js";

let shownId = "";
let fetching = false;
let outdated = false; // whether something changed during a fetch
let exportedId = "";

// One fetch at a time; a change meanwhile leads to another.
export async function refresh() {
  const asked = read().call;
  if (!asked) {
    hide("Choose a call to see what happens on it");
    return;
  }
  outdated = true;
  if (fetching) return;
  fetching = true;
  outdated = false;
  let call = null;
  try {
    call = await ask("page/" + callPath(asked));
  } catch {
    // The emulator forgot the call, or is gone; then the event stream shows that it is not connected.
  }
  fetching = false;
  if (asked === read().call) {
    if (call) show(call);
    else showPast(asked);
  }
  if (outdated || asked !== read().call) refresh();
}

function hide(title) {
  shownId = "";
  byId("call").hidden = true;
  setText(byId("call-title"), title);
}

function showPast(id) {
  const call = knownCall(id);
  if (!call) {
    hide("The emulator does not know this call: " + id);
    return;
  }
  hide(call.from + " \u2192 " + call.to + ": " + stateOf(call) + " before the emulator started, so it has no steps");
}

function show(call) {
  const row = { state: call.state, cause: call.disconnectCause };
  const state = stateOf(row);
  if (shownId !== call.callId) start(call);
  else if (byId("state").textContent !== state) announce("call from " + call.from + ": " + state);
  setText(byId("call-title"), call.from + " \u2192 " + call.to);
  setText(byId("state"), state);
  byId("state").dataset.state = hasFailed(row) ? "failed" : call.state;
  setText(byId("about"), [call.direction, call.tag, call.callId].filter(Boolean).join(" \u00b7 "));
  byId("why").hidden = !call.errorMessage;
  setText(byId("why"), call.errorMessage || "");
  drawRecordings(call);
  drawPhone(call);
  drawSteps(call);
}

function start(call) {
  shownId = call.callId;
  for (const id of ["steps", "chat", "recordings"]) byId(id).replaceChildren();
  byId("call").hidden = false;
  byId("exported").hidden = exportedId !== call.callId;
}

function drawSteps(call) {
  const chat = read().show === "chat";
  for (const each of document.querySelectorAll("[data-show]")) {
    each.setAttribute("aria-pressed", (each.dataset.show === "chat") === chat);
  }
  byId("steps").hidden = byId("lanes").hidden = chat;
  byId("chat").hidden = !chat;
  (chat ? drawChat : drawLadder)(call, read().marked);
  const older = call.entryCount - call.entries.length;
  setText(byId("older-steps"), older ? older + " older steps are not shown" : "");
}

function drawRecordings(call) {
  const build = (recording) => {
    const row = make("li", "", make("span"), make("p", "faint"));
    row.dataset.recording = recording.recordingId;
    return row;
  };
  updateRows(byId("recordings"), call.recordings, (recording) => recording.recordingId, build, (row, recording) => {
    const name = recording.name || recording.recordingId;
    setText(row.firstElementChild, "Recording " + name + ": " + recording.seconds.toFixed(1) + " s, " + recording.status);
    if (recording.status === "complete" && !row.querySelector("audio")) row.insertBefore(player(call, recording), row.lastElementChild);
    setText(row.lastElementChild, recording.transcripts.map((said) => said.text).filter(Boolean).join(" / "));
  });
}

function player(call, recording) {
  const audio = make("audio");
  audio.controls = true;
  audio.preload = "none";
  audio.src = "/_emulator/page/" + callPath(call.callId, "/recordings/" + encodeURIComponent(recording.recordingId));
  audio.setAttribute("aria-label", "Recording " + (recording.name || recording.recordingId));
  return audio;
}

export function startCall() {
  for (const each of document.querySelectorAll("[data-show]")) {
    each.addEventListener("click", () => go({ show: each.dataset.show === "chat" ? "chat" : "" }, { replace: true }));
  }
  byId("export").addEventListener("click", async () => {
    const id = read().call;
    const text = await attempt(() => askText("page/" + callPath(id, "/pytest")));
    if (text === null) return;
    exportedId = id;
    setText(byId("test"), text);
    byId("exported").hidden = false;
  });
}
