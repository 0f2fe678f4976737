// Requests to the emulator. What it refuses is shown at the top of the page.

import { byId, setText } from "./dom.js";

async function send(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch("/_emulator/" + path, options);
  if (response.ok) return response;
  const content = await response.json();
  throw new Error(content.description || "refused with " + response.status);
}

export const ask = async (path, body) => (await send(path, body)).json();
export const askText = async (path) => (await send(path)).text();

export async function attempt(action) {
  try {
    const result = await action();
    setText(byId("trouble"), "");
    return result;
  } catch (error) {
    setText(byId("trouble"), error.message);
    return null;
  }
}

export const callPath = (id, rest = "") => "calls/" + encodeURIComponent(id) + rest;
