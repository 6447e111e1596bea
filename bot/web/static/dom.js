// Elements. Every string becomes a text node: nothing that a task, a log or a ticket says is ever read as HTML.

// Control characters and those that turn or hide text; line feed and tab stay.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

export function plain(text) {
  return String(text).replace(/\r\n/g, "\n").replace(UNSEEN, "\ufffd");
}

export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

// `el("a", {href: "#/", class: "button"}, "New task")`; null children are left out.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : plain(value));
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(plain(child)));
  }
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

export function setText(element, text) {
  const shown = plain(text);
  if (element.textContent !== shown) element.textContent = shown;
}

export function icon(name, extra = "") {
  const drawn = byId("icon-template").content.firstElementChild.cloneNode(true);
  drawn.firstElementChild.setAttribute("href", `#icon-${name}`);
  if (extra) drawn.classList.add(extra);
  return drawn;
}

// A word with a colour and an icon, so that none of the three is needed to understand it.
export function badge({ tone, mark, word }, extra = "") {
  return el("span", { class: `badge tone-${tone} ${extra}`.trim() }, icon(mark, mark === "running" ? "spins" : ""), word);
}

const MOMENT = /(\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)/;

// Text whose moments do not break at a line's end.
export function prose(text) {
  return String(text).split(MOMENT).map((part, index) => (index % 2 ? el("span", { class: "moment" }, part) : part));
}

export function isWebAddress(text) {
  return /^https?:\/\/[^\s]+$/i.test(text);
}
