// The list of tasks, newest first.

import { listTasks } from "./api.js";
import { statusBadge, verdictBadge } from "./badges.js";
import { badge, byId, el, fill, setText } from "./dom.js";
import { record, records, text } from "./read.js";
import { ago, utc } from "./times.js";

const PAGE = 30;
const TYPING_PAUSE_MS = 250;
const REFRESH_MS = 20_000;

let shown = [];
let cursor = null;
let asked = 0;
let selected = null;
let onSeen = () => {};

export function startList(seen) {
  onSeen = seen;
  let pause = 0;
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    refresh();
  });
  byId("filter-text").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(refresh, TYPING_PAUSE_MS);
  });
  byId("filter-status").addEventListener("change", refresh);
  byId("tasks-refresh").addEventListener("click", refresh);
  byId("tasks-older").addEventListener("click", older);
  setInterval(() => {
    if (!document.hidden && shown.length <= PAGE) refresh();
  }, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && shown.length <= PAGE) refresh();
  });
  refresh();
}

export function refresh() {
  return load(null);
}

export function select(taskId) {
  selected = taskId;
  for (const link of byId("task-list").querySelectorAll("a")) mark(link);
}

function mark(link) {
  if (link.dataset.task === selected) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

async function older() {
  const from = shown.length;
  await load(cursor);
  byId("task-list").children[from]?.querySelector("a")?.focus();
}

async function load(after) {
  const turn = ++asked;
  const filters = { status: byId("filter-status").value, words: byId("filter-text").value.trim() };
  let page;
  try {
    page = record(await listTasks({ ...filters, cursor: after, limit: PAGE }));
  } catch (error) {
    if (turn === asked) setText(byId("tasks-note"), `The list cannot be shown: ${error.message}`);
    return;
  }
  if (turn !== asked) return; // a later question is on its way
  const found = records(page.tasks);
  shown = after ? [...shown, ...found] : found;
  cursor = text(page.next_cursor) || null;
  draw(filters.status || filters.words);
  onSeen(found.map((task) => task.context_json));
}

function draw(filtered) {
  const list = byId("task-list");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.task : null;
  fill(list, shown.map(item));
  byId("tasks-older").hidden = cursor === null;
  setText(byId("tasks-note"), shown.length ? "" : filtered ? "No task fits." : "No task yet: hand one in.");
  if (focused) [...list.querySelectorAll("a")].find((link) => link.dataset.task === focused)?.focus();
}

function item(task) {
  const id = text(task.task_id);
  const state = verdictBadge(task) && isOver(task) ? verdictBadge(task) : statusBadge(task.status);
  const service = text(record(task.context_json).service);
  const link = el("a", { href: `#/tasks/${encodeURIComponent(id)}`, "data-task": id },
    el("span", { class: "task-text" }, text(task.input_task).slice(0, 300)),
    el("span", { class: "task-meta" },
      badge(state, "small"),
      el("time", { datetime: task.created_at, title: utc(task.created_at) }, ago(task.created_at)),
      service ? el("span", { class: "service" }, service) : null));
  mark(link);
  return el("li", {}, link);
}

function isOver(task) {
  return task.status === "succeeded" || task.status === "failed";
}
