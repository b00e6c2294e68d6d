// Elements made by scripts. Everything is set as text; nothing is ever read as HTML, and no character acts on what stands
// around it.
import { visible } from "./text.js";

// Texts keep their lines and tabs.
export const LINES = "\n\t";

/** An element: attributes by name, `on…` as listeners, children as nodes or text; what is nothing or false is left out.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Name]} */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : visible(String(value), LINES));
  }
  const parts = /** @type {unknown[]} */ (children)
    .flat(Infinity)
    .filter((part) => part !== null && part !== undefined && part !== false);
  element.append(...parts.map((part) => (part instanceof Node ? part : visible(String(part), LINES))));
  return element;
}
