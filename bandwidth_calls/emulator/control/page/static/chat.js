// The steps of a call as a chat: the application on the left, the person on the right.

import { byId, make, updateRows } from "./dom.js";
import { hasFailedStep } from "./ladder.js";

const SIDES = { "said": "left", "played": "left", "pressed": "right", "far end said": "right" };

function texts(call) {
  const rows = [];
  for (const step of call.entries) {
    const side = SIDES[step.kind] || "middle";
    const last = rows.at(-1);
    if (step.kind === "pressed" && last?.kind === "pressed") {
      last.text += step.text;
    } else if (step.kind === "played" && last?.kind === "played" && step.detail?.stream) {
      last.text = "\u266a sound from stream " + step.detail.stream;
    } else if (side !== "middle" || !step.kind.startsWith("<")) {
      rows.push({ ...step, side });
    }
  }
  return rows;
}

function shown(step) {
  if (step.kind === "played") return "\u266a " + step.text.replace("\u266a ", "");
  if (step.side === "middle") return (step.kind + " " + step.text).trim();
  return step.text;
}

export function drawChat(call) {
  const key = (step) => step.number + " " + step.text;
  const build = (step) => make("li", step.side + (hasFailedStep(step) ? " bad" : ""), shown(step));
  updateRows(byId("chat"), texts(call), key, build);
}
