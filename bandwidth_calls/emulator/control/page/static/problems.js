// What the application did wrong: each problem once, with how often it came, what to do, and the way to its step.

import { byId, make, setText, updateRows } from "./dom.js";
import { hashOf } from "./place.js";

const REMEDIES = [
  [/nothing listens/, "Start your application, or correct the URL."],
  [/not mapped to this machine/, "Start the emulator with --map PUBLIC=LOCAL for this host."],
  [/is application\/json|is application\/problem\+json/, "Return BXML as application/xml, or answer 204 without a body."],
  [/invalid BXML|may fail at Bandwidth/, "Correct the document at the place that is named. python -m bandwidth_calls.bxml checks files."],
  [/PlayAudio.*-> /, "Correct the URL of the audio, or put the file there."],
  [/no reply within/, "Answer sooner: give long work to a task, and reply first."],
  [/-> 401|-> 403/, "Check the username and the password of the webhook."],
  [/-> 404|-> 405/, "Check the path and the method of the webhook's URL."],
  [/-> 5\d\d/, "See the log of your application. Once it is mended, resend the webhook from its step."],
  [/is not emulated/, "The emulator cannot play this verb; docs/emulator.md has the table of those that it plays."],
  [/stream/, "Check what your application sends over the WebSocket."],
];

const remedyOf = (text) => (REMEDIES.find(([pattern]) => pattern.test(text)) || [null, ""])[1];

function build() {
  return make("li", "card", make("p", "", make("span"), " ", make("span", "badge bad")), make("p", "faint"), make("a", "", "Show the step"));
}

function update(row, card) {
  const [what, remedy, link] = row.children;
  setText(what.firstElementChild, card.text);
  setText(what.lastElementChild, card.count > 1 ? card.count + " times" : "");
  what.lastElementChild.hidden = card.count < 2;
  setText(remedy, remedyOf(card.text));
  link.href = hashOf({ call: card.call_id, view: "", show: "", marked: card.text });
}

export function showProblems({ total, cards }) {
  updateRows(byId("problems"), [...cards].reverse(), (card) => card.text, build, update);
  byId("no-problems").hidden = total > 0;
  byId("problem-count").hidden = total === 0;
  setText(byId("problem-count"), total);
}
