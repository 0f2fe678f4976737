// The phone of the far end, which is there as long as the far end is on the line: keys by mouse and keyboard.

import { ask, attempt, callPath } from "./api.js";
import { button, byId, onSubmit } from "./dom.js";
import { read } from "./place.js";

const KEYS = "1234567890*#";
let talks = false;

const act = (name, body) => attempt(() => ask(callPath(read().call, "/" + name), body));
const press = (key) => act("press", { keys: key });

export function drawPhone(call) {
  talks = call.state === "answered";
  const rings = call.direction === "inbound" && call.state === "initiated";
  byId("phone").hidden = !talks && !rings;
  for (const key of byId("keypad").children) key.disabled = !talks;
  for (const control of byId("say").elements) control.disabled = !talks;
  byId("hang-up").disabled = !talks && !rings;
}

function typed(event) {
  const writes = event.target.closest("input, select, textarea, [contenteditable]");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || byId("phone").hidden || !talks) return;
  const key = event.key.toUpperCase();
  if (KEYS.includes(key) || "ABCD".includes(key)) press(key);
}

export function startPhone() {
  for (const key of KEYS) byId("keypad").append(button(key, () => press(key)));
  document.addEventListener("keydown", typed);
  byId("hang-up").addEventListener("click", () => act("hang_up", {}));
  onSubmit("say", async () => {
    if (await act("say", { words: byId("words").value })) byId("words").value = "";
  });
}
