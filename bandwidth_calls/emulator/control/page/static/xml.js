// XML, indented and coloured. A text that is no XML is shown as it is.

import { make } from "./dom.js";

export function indented(text) {
  const parsed = new DOMParser().parseFromString(text, "application/xml");
  if (!text.trimStart().startsWith("<") || parsed.querySelector("parsererror")) return text;
  const lines = make("span");
  write(parsed.documentElement, "", lines);
  return lines;
}

function write(element, indent, lines) {
  const words = (name) => make("span", "xml-tag", name);
  const content = [...element.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE || node.data.trim());
  lines.append(indent, words("<" + element.nodeName));
  for (const { name, value } of element.attributes) {
    lines.append(" ", make("span", "xml-name", name), "=", make("span", "xml-value", '"' + escaped(value) + '"'));
  }
  if (!content.length) {
    lines.append(words("/>"), "\n");
    return;
  }
  lines.append(words(">"));
  if (content.every((node) => node.nodeType !== Node.ELEMENT_NODE)) {
    lines.append(escaped(element.textContent), words("</" + element.nodeName + ">"), "\n");
    return;
  }
  lines.append("\n");
  for (const node of content) {
    if (node.nodeType === Node.ELEMENT_NODE) write(node, indent + "  ", lines);
    else lines.append(indent + "  " + escaped(node.data ?? "").trim() + "\n");
  }
  lines.append(indent, words("</" + element.nodeName + ">"), "\n");
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
