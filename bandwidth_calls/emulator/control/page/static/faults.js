// Faults of requests and webhooks: every field of `fault` and `webhook_fault`, and those that are armed.

import { ask, attempt } from "./api.js";
import { announce, button, byId, make, onSubmit, setText, updateRows } from "./dom.js";

const number = (value) => Number(value);
const flag = (value) => value === "yes";
const json = (value) => {
  try {
    return JSON.parse(value);
  } catch {
    throw new Error("headers must be JSON, such as {\"Retry-After\": \"1\"}");
  }
};
const text = (value) => value;
const YES = ["", "yes"];
// The name of each field, how its value is read, and its choices or what stands in it.
const API = [
  ["operation", text, []], ["status", number, ["", 400, 401, 403, 404, 409, 429, 500, 503], "503"],
  ["drop", text, ["", "before", "after"]], ["delay", number, null, "", "seconds"],
  ["truncate", number, null, "", "bytes"], ["times", number, null, "1"], ["process", flag, YES],
  ["headers", json, null, "", "{\"Retry-After\": \"1\"}"], ["body", text, null, "", "text"],
];
const WEBHOOK = [
  ["event", text, null, "*", "answer"], ["url", text, null, "*", "*/hook"], ["call_id", text, null, "", "any"],
  ["nth", number, null, "1"], ["times", number, null, "1"], ["delay", number, null, "", "seconds of the reply"],
  ["late", number, null, "", "seconds of the event"], ["drop", flag, YES], ["duplicate", flag, YES],
];

function fields(form, prefix, rows, action) {
  for (const [name, , choices, value = "", hint = ""] of rows) {
    const input = make(choices ? "select" : "input");
    for (const choice of choices || []) input.append(make("option", "", choice));
    input.id = prefix + name;
    input.value = value;
    if (!choices) input.placeholder = hint;
    form.append(make("label", "", name.replace("_", " "), input));
  }
  form.append(make("button", "main", action));
}

function given(prefix, rows) {
  const filled = rows.filter(([name]) => byId(prefix + name).value);
  return Object.fromEntries(filled.map(([name, read]) => [name, read(byId(prefix + name).value)]));
}

function arm(form, path, prefix, rows) {
  onSubmit(form, () => attempt(async () => {
    const fault = given(prefix, rows);
    await ask(path, fault);
    announce("the fault is armed: " + Object.values(fault).join(" "));
  }));
}

export function startFaults() {
  fields(byId("fault"), "", API, "Arm the fault");
  fields(byId("webhook-fault"), "webhook-", WEBHOOK, "Arm the webhook fault");
  arm("fault", "faults", "", API);
  arm("webhook-fault", "webhook_faults", "webhook-", WEBHOOK);
}

export function showOperations(operations) {
  if (byId("operation").children.length) return;
  for (const name of operations) byId("operation").append(make("option", "", name));
}

export function showFaults(faults) {
  const build = (fault) => make("li", "armed", make("span"), button("Cancel", () =>
    attempt(() => ask("page/faults/cancel", { kind: fault.kind, id: fault.id }))));
  updateRows(byId("faults"), faults, (fault) => fault.kind + fault.id, build, (row, fault) => {
    const what = fault.kind === "api" ? "request" : "webhook";
    setText(row.firstElementChild, what + ": " + (fault.text || "any") + " \u2014 " + fault.left + " left");
  });
  byId("no-faults").hidden = faults.length > 0;
  byId("fault-count").hidden = faults.length === 0;
  setText(byId("fault-count"), faults.length);
}
