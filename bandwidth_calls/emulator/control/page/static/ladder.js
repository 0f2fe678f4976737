// The steps of a call in time: person, Bandwidth and application are lanes, and what goes between them is an arrow.

import { byId, make, updateRows } from "./dom.js";
import { chips, details } from "./webhook.js";

const ARROWS = {
  "said": ["near left", "by-bandwidth"],
  "played": ["near left", "by-bandwidth"],
  "sent keys": ["near left", "by-bandwidth"],
  "ringing tone": ["near left", "by-bandwidth"],
  "pressed": ["near right", "by-person"],
  "far end said": ["near right", "by-person"],
  "far end": ["near right", "by-person"],
  "mediaStream started": ["far right", "by-bandwidth"],
  "mediaStream stopped": ["far right", "by-bandwidth"],
  "updateCall": ["far left", "by-application"],
  "updateCallBxml": ["far left", "by-application"],
  "resent": ["far right", "by-bandwidth"],
};

export const hasFailedStep = (step) =>
  step.kind === "not played" || Boolean(step.delivery && (step.delivery.failure || step.delivery.status >= 400));

export const startOf = (call) => Date.parse(call.enqueuedTime || call.startTime || call.entries[0]?.time);

// The chips of a webhook show its status, so its text needs no more than what was asked.
function textOf({ text, delivery }) {
  if (!delivery) return text;
  const url = new URL(delivery.url);
  return [delivery.method, url.pathname + url.search, delivery.failure].filter(Boolean).join(" ");
}

function build(step, start) {
  const row = make("li", hasFailedStep(step) ? "bad" : "");
  row.append(make("span", "at", ((Date.parse(step.time) - start) / 1000).toFixed(3)));
  const isWebhook = Boolean(step.detail?.event);
  const [side, whose] = ARROWS[step.kind] || (isWebhook ? ["far right", "by-bandwidth"] : ["note", ""]);
  const [lanes, direction] = side.split(" ");
  const label = make("span", "label", make("span", "kind", step.kind), step.text ? " " + textOf(step) : "", ...chips(step));
  const arrow = direction ? [make("span", "arrow " + direction)] : [];
  row.append(isWebhook ? openable(row, step, label, arrow, whose) : make("div", ["what", lanes, whose].join(" "), label, ...arrow));
  return row;
}

function openable(row, step, label, arrow, whose) {
  const element = make("details", "what far " + whose, make("summary", "", label, ...arrow));
  element.addEventListener("toggle", () => {
    row.classList.toggle("open", element.open);
    if (element.open && element.children.length === 1) element.append(details(step));
  });
  return element;
}

// Sounds of a stream come fifty times a second, so those that follow each other are one row.
function merged(steps) {
  const rows = [];
  for (const step of steps) {
    const last = rows.at(-1);
    const isPart = step.kind === "played" && step.detail?.stream && last?.detail?.stream === step.detail.stream;
    if (!isPart) {
      rows.push({ ...step });
      continue;
    }
    last.seconds = (last.seconds ?? last.detail.seconds) + step.detail.seconds;
    last.text = last.seconds.toFixed(2) + " s of sound from stream " + step.detail.stream;
  }
  return rows;
}

export function drawLadder(call, marked) {
  const start = startOf(call);
  const key = (step) => step.number + " " + (step.seconds ?? "");
  updateRows(byId("steps"), merged(call.entries), key, (step) => build(step, start));
  if (marked) mark(call, marked);
}

// Show the step that a problem came from.
function mark(call, text) {
  const fits = call.entries.filter((step) => step.text && (text.includes(step.text) || step.text.includes(text)));
  const found = fits.filter(hasFailedStep).at(-1) ?? fits.at(-1);
  const row = found && [...byId("steps").children].find((each) => each.dataset.key.startsWith(found.number + " "));
  if (!row || row.classList.contains("marked")) return;
  row.classList.add("marked");
  row.scrollIntoView({ block: "center" });
}
