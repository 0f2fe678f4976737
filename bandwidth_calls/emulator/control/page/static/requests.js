// The requests that arrived at the API, newest first.

import { byId, make, setText, updateRows } from "./dom.js";

function build() {
  return make("li", "", make("span", "kind"), " ", make("span", "chip"), make("span", "bad"), make("div", "faint"));
}

function update(row, request) {
  const [what, status, fault, path] = row.children;
  const good = request.status !== null && request.status < 400;
  setText(what, request.operation || request.method);
  setText(status, request.status === null ? "no response" : request.status);
  status.className = "chip " + (good ? "good" : "bad");
  setText(fault, request.fault ? " \u26a0 fault: " + request.fault : "");
  setText(path, request.time.slice(11, 23) + " " + request.method + " " + request.path);
}

export function showRequests({ total, newest }) {
  updateRows(byId("requests"), [...newest].reverse(), (request) => request.number, build, update);
  byId("no-requests").hidden = total > 0;
  const older = total - newest.length;
  setText(byId("older-requests"), older > 0 ? older + " older ones are not shown" : "");
}
