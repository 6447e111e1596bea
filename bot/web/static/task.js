// One task: read, run, follow until it ends.

import { ApiError, cancelTask, getTask, runTask, taskAddress } from "./api.js";
import { verdictBadge } from "./badges.js";
import { byId, el, fill, icon, setText } from "./dom.js";
import { copyText } from "./clipboard.js";
import { toMarkdown } from "./markdown.js";
import { renderFeedback } from "./feedback.js";
import { renderParts } from "./report.js";
import { isRecord, list, record, records, text } from "./read.js";
import { ago, duration, span, utc } from "./times.js";

const FIRST_PAUSE_MS = 300;
const LAST_PAUSE_MS = 2000;
const GROWTH = 1.4;
const COPY = "Copy report";
const OVER = new Set(["succeeded", "failed"]);

let current = null; // {id, document, drawn, timer, pause, lost}
let callbacks = { onChange() {}, onAgain() {} };

export function startTask(given) {
  callbacks = given;
  setInterval(tick, 1000);
}

// Shows the task; `run` starts it first. Resolves when it is on the page.
export async function openTask(id, { run = false } = {}) {
  closeTask();
  const view = { id, document: null, drawn: "", timer: 0, pause: FIRST_PAUSE_MS, lost: false, problem: null };
  current = view;
  fill(byId("task"), el("p", { class: "loading" }, "Reading the task …"));
  if (run) await start(view);
  await look(view);
}

export function closeTask() {
  clearTimeout(current?.timer);
  current = null;
}

export const openedTask = () => current?.id ?? null;

async function start(view) {
  try {
    await runTask(view.id);
    view.problem = null;
  } catch (error) {
    // 409: somebody else's request runs it already, which is as good.
    if (!(error instanceof ApiError) || error.status !== 409) view.problem = `It could not be started: ${error.message}`;
  }
}

async function look(view) {
  let found = null;
  try {
    found = record(await getTask(view.id));
    view.lost = false;
  } catch (error) {
    if (view !== current) return;
    if (error.status === 404) {
      missing(view);
      return;
    }
    view.lost = true;
    view.reason = error.message;
  }
  if (view !== current) return;
  if (found) {
    view.previous = view.document;
    view.document = found;
    draw(view);
  } else if (!view.document) {
    fill(byId("task"), el("p", { class: "problem", role: "alert" }, `The task cannot be read: ${view.reason}. Trying again …`));
  } else {
    showLost(view);
  }
  if (found && OVER.has(found.status)) return;
  const changed = !view.previous || view.previous.updated_at !== view.document?.updated_at;
  view.pause = found && changed ? FIRST_PAUSE_MS : Math.min(view.pause * GROWTH, LAST_PAUSE_MS);
  view.timer = setTimeout(() => look(view), view.pause);
}

function missing(view) {
  fill(byId("task"),
    el("h1", { tabindex: "-1" }, "There is no such task"),
    el("p", {}, `Nothing is stored under ${view.id}. `, el("a", { href: "#/" }, "Hand in a new one")));
}

function draw(view) {
  const task = view.document;
  const state = `${text(task.status)} ${text(task.updated_at)} ${isRecord(task.plan_json)} ${view.problem ?? ""}`;
  if (state === view.drawn) {
    showLost(view);
    return;
  }
  const before = view.drawn;
  view.drawn = state;
  // What was open or focused stays so when the page is drawn anew.
  const open = new Set([...byId("task").querySelectorAll("details[open][data-key]")].map((item) => item.dataset.key));
  const focused = byId("task").contains(document.activeElement) ? document.activeElement.id : "";
  fill(byId("task"), header(view), problems(view), ...renderParts(task), unread(task), renderFeedback(task));
  for (const item of byId("task").querySelectorAll("details[data-key]")) if (open.has(item.dataset.key)) item.open = true;
  if (focused) document.getElementById(focused)?.focus();
  document.title = `${text(task.input_task).slice(0, 60)} · orch`;
  announce(task, before);
  callbacks.onChange();
}

function header(view) {
  const task = view.document;
  const id = text(task.task_id);
  const copy = el("button", { type: "button", id: "copy-markdown", title: "Copy the report as Markdown", onclick: () => copyReport(view, copy) }, COPY);
  const runs = text(task.status) === "queued"
    ? el("button", { type: "button", class: "primary", id: "run-task", onclick: () => runNow(view) }, "Run")
    : null;
  return el("header", { class: "task-head" },
    el("a", { class: "back", href: "#/" }, "← All tasks"),
    el("h1", { tabindex: "-1", id: "task-title" }, text(task.input_task)),
    el("p", { class: "meta" },
      el("span", {}, `${utc(task.created_at)} (${ago(task.created_at)})`),
      el("span", { class: "code" }, id.slice(0, 8)),
      contextWords(task)),
    el("p", { class: "buttons" },
      runs,
      OVER.has(task.status) ? null : el("button", { type: "button", id: "cancel-task", title: "Stop it now, and keep what it has found", onclick: () => cancelNow(view) }, "Cancel"),
      task.result_json ? copy : null,
      runs ? null : el("button", { type: "button", id: "run-again", title: "Fill in a new task like this one", onclick: () => callbacks.onAgain(task) }, "Run again"),
      el("a", { class: "button", href: taskAddress(id), target: "_blank", rel: "noopener", title: "The task as it is stored" }, "Raw JSON")));
}

function contextWords(task) {
  const context = record(task.context_json);
  const words = [text(context.service), text(context.severity), text(context.project_key)].filter(Boolean);
  if (context.start_time || context.end_time) words.push(span(context.start_time, context.end_time));
  return words.map((word) => el("span", { class: "tag" }, word));
}

function tick() {
  const task = current?.document;
  const place = document.getElementById("run-clock");
  if (!task || !place || OVER.has(task.status)) return;
  const since = new Date(task.created_at).getTime();
  setText(place, duration(Math.max(0, Math.round((Date.now() - since) / 1000) * 1000)));
}

function problems(view) {
  return [
    el("p", { class: "problem", id: "lost", role: "alert", hidden: !view.lost }, view.lost ? lostWords(view) : ""),
    view.problem ? el("p", { class: "problem", role: "alert" }, icon("warning"), view.problem) : null,
  ];
}

const lostWords = (view) => `${view.reason}. What you see may be old; trying again …`;

function showLost(view) {
  const place = document.getElementById("lost");
  if (!place) return;
  place.hidden = !view.lost;
  setText(place, view.lost ? lostWords(view) : "");
}

// Rows of an older release: what could not be read as today's shape is shown as it is stored.
function unread(task) {
  const odd = [["plan_json", (it) => Array.isArray(it?.steps)], ["result_json", (it) => isRecord(it?.report)], ["verification_json", isRecord]]
    .filter(([name, known]) => task[name] !== null && task[name] !== undefined && !known(task[name]));
  return odd.map(([name]) => el("section", { class: "panel" },
    el("h2", {}, `Stored ${name}`),
    el("p", { class: "note" }, "This was stored in another shape; here it is as it stands."),
    el("pre", { class: "quote", tabindex: "0" }, JSON.stringify(task[name], null, 2).slice(0, 20_000))));
}

async function runNow(view) {
  await start(view);
  clearTimeout(view.timer);
  view.pause = FIRST_PAUSE_MS;
  if (view === current) await look(view);
}

async function cancelNow(view) {
  try {
    await cancelTask(view.id);
    view.problem = null;
  } catch (error) {
    // 409: it has just ended by itself, which the page is about to show.
    if (!(error instanceof ApiError) || error.status !== 409) view.problem = `It could not be cancelled: ${error.message}`;
  }
  clearTimeout(view.timer);
  view.pause = FIRST_PAUSE_MS;
  if (view === current) await look(view);
}

async function copyReport(view, button) {
  const done = await copyText(toMarkdown(view.document, new URL(`#/tasks/${view.id}`, location.href).href));
  setText(button, done ? "Copied" : "Copying was refused");
  setText(byId("announcer"), done ? "The report was copied" : "The browser refused to copy");
  setTimeout(() => setText(button, COPY), 2000);
}

function announce(task, before) {
  const steps = records(record(task.plan_json).steps);
  const calls = steps.reduce((sum, step) => sum + list(step.tool_calls).length, 0);
  const said = OVER.has(task.status)
    ? before && `The run has ended: ${verdictBadge(task.verification_json)?.word ?? text(task.status)}`
    : steps.length && `Planned ${steps.length} steps with ${calls} calls; asking`;
  if (said) setText(byId("announcer"), said);
}
