// A webhook that was sent: its status, its event, the reply, and the form that sends it again.

import { ask, attempt, callPath } from "./api.js";
import { button, copy, make } from "./dom.js";
import { read } from "./place.js";
import { indented } from "./xml.js";

export function chips({ delivery }) {
  if (!delivery) return [];
  const good = delivery.status !== null && delivery.status < 400;
  const status = make("span", "chip " + (good ? "good" : "bad"), delivery.status ?? "no reply");
  return [status, make("span", "chip", delivery.milliseconds + " ms")];
}

function block(title, content) {
  const pre = make("pre", "", content);
  pre.tabIndex = 0;
  return make("div", "", make("div", "faint", title), pre);
}

function headers(delivery) {
  const rows = delivery.headers.map(([name, value]) => make("tr", "", make("th", "", name), make("td", "", value)));
  return make("div", "", make("div", "faint", "headers of the reply"), make("table", "", make("tbody", "", ...rows)));
}

export function details(step) {
  const event = JSON.stringify(step.detail.event, null, 2);
  const reply = step.detail.reply || "(empty)";
  const sent = block("event", event);
  const answered = block("reply", indented(reply));
  const body = make("div", "body", sent, answered);
  if (!step.delivery) return body;
  if (step.delivery.headers.length) body.append(headers(step.delivery));
  const actions = make("div", "actions",
    button("Copy the event", () => copy(event, sent.lastElementChild)),
    button("Copy the reply", () => copy(reply, answered.lastElementChild)));
  const again = button("Resend", () => {
    again.disabled = true;
    body.append(resendForm(step, event, reply));
  });
  actions.append(again);
  body.append(actions);
  return body;
}

function resendForm(step, event, reply) {
  const text = make("textarea");
  text.value = event;
  text.spellcheck = false;
  const result = make("div", "pair");
  const label = make("label", "wide", "Event, which you may edit", text);
  const form = make("form", "resend", label, make("button", "main", "Send again"));
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const sent = await attempt(() =>
      ask("page/" + callPath(read().call, "/resend"), { number: step.number, event: parsed(text.value) }));
    if (!sent) return;
    const replied = block("new reply", indented(sent.reply || sent.failure || "(empty)"));
    replied.firstElementChild.append(...chips({ delivery: sent }));
    result.replaceChildren(block("old reply", indented(reply)), replied);
  });
  return make("div", "", make("p", "faint", "What is resent is no part of the call: the call takes no notice of the reply."), form, result);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error("The event is no JSON: " + error.message);
  }
}
