// The form that makes a task.

import { ApiError, createTask, newKey } from "./api.js";
import { byId, el, fill, setText } from "./dom.js";
import { isRecord, record, text, texts } from "./read.js";
import { isoSeconds, readMoment } from "./times.js";

// Where a problem document points, and the field that shows it.
const FIELDS = {
  "/task": "task-text",
  "/context": "context",
  "/context/service": "service",
  "/context/project_key": "project-key",
  "/context/severity": "severity",
  "/context/start_time": "start-time",
  "/context/end_time": "end-time",
  "/context/required_citations": "required-citations",
};
const INPUT_OF = { "required-citations": "other-sources" };
const SIMPLE = { service: "service", project_key: "project-key", severity: "severity" };
const KNOWN_KEYS = new Set([...Object.keys(SIMPLE), "start_time", "end_time", "required_citations"]);
const COUNT_FROM = 0.8;

const sources = new Set();
const chosen = new Set();
let key = newKey();
let sent = "";

export function startForm({ onCreated, example }) {
  const form = byId("task-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(onCreated);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("input", summarise);
  form.addEventListener("change", summarise);
  byId("task-text").addEventListener("input", count);
  byId("quick-windows").addEventListener("click", (event) => {
    const minutes = event.target.dataset?.minutes;
    if (minutes !== undefined) setWindow(minutes === "" ? null : Number(minutes));
  });
  for (const id of ["start-time", "end-time"]) {
    const input = byId(id);
    input.addEventListener("blur", () => { input.value = readMoment(input.value); });
  }
  byId("example").addEventListener("click", () => prefill(example));
  offerSources(texts(example.context?.required_citations));
}

// Sources that can be required; those that a new name joins stay as they were chosen.
export function offerSources(names) {
  const before = sources.size;
  for (const name of names) sources.add(name);
  if (sources.size !== before) drawSources();
}

export function prefill({ task, context }) {
  const given = record(context);
  clearProblems();
  byId("task-text").value = text(task);
  for (const [name, id] of Object.entries(SIMPLE)) byId(id).value = text(given[name]);
  byId("start-time").value = text(given.start_time);
  byId("end-time").value = text(given.end_time);
  chosen.clear();
  for (const name of texts(given.required_citations)) chosen.add(name);
  offerSources([...chosen]);
  drawSources();
  byId("other-sources").value = "";
  const more = Object.entries(given).filter(([name]) => !KNOWN_KEYS.has(name));
  byId("more-context").value = more.length ? JSON.stringify(Object.fromEntries(more), null, 2) : "";
  byId("context").open = Object.keys(given).length > 0;
  summarise();
  count();
  byId("task-text").focus();
}

function drawSources() {
  fill(byId("source-choices"), [...sources].map((name) => {
    const box = el("input", { type: "checkbox", checked: chosen.has(name) });
    box.addEventListener("change", () => (box.checked ? chosen.add(name) : chosen.delete(name)));
    return el("label", { class: "choice" }, box, el("span", {}, name));
  }));
}

function setWindow(minutes) {
  const now = new Date();
  byId("end-time").value = minutes === null ? "" : isoSeconds(now);
  byId("start-time").value = minutes === null ? "" : isoSeconds(new Date(now.getTime() - minutes * 60_000));
  summarise();
}

function count() {
  const field = byId("task-text");
  const most = Number(field.dataset.max);
  const length = [...field.value].length;
  const near = length > most * COUNT_FROM;
  setText(byId("task-text-hint"), near
    ? `${length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`
    : "A service, a severity and times in the text are understood, too.");
}

function summarise() {
  const parts = [byId("service").value, byId("severity").value, byId("start-time").value && "window"];
  const cited = chosen.size + otherSources().length;
  if (cited) parts.push(`${cited} required ${cited === 1 ? "source" : "sources"}`);
  const said = parts.map((part) => part.trim()).filter(Boolean).join(" · ");
  setText(byId("context-summary"), said.length > 80 ? `${said.slice(0, 79)}…` : said || "optional");
}

function otherSources() {
  return byId("other-sources").value.split(",").map((name) => name.trim()).filter(Boolean);
}

function readBody() {
  const context = {};
  const more = byId("more-context").value.trim();
  if (more) {
    let read = null;
    try {
      read = JSON.parse(more);
    } catch (error) {
      throw new ApiError(`this is not JSON: ${error.message}`, { faults: [{ pointer: "more-context", detail: `this is not JSON: ${error.message}` }] });
    }
    if (!isRecord(read)) {
      throw new ApiError("this is not a JSON object", { faults: [{ pointer: "more-context", detail: "this must be a JSON object: {\"name\": \"value\"}" }] });
    }
    Object.assign(context, read);
  }
  for (const [name, id] of Object.entries(SIMPLE)) {
    const value = byId(id).value.trim();
    if (value) context[name] = value;
  }
  for (const [name, id] of [["start_time", "start-time"], ["end_time", "end-time"]]) {
    const value = readMoment(byId(id).value);
    if (value) context[name] = value;
  }
  const cited = [...new Set([...chosen, ...otherSources()])];
  if (cited.length) context.required_citations = cited;
  return { task: byId("task-text").value, context };
}

async function submit(onCreated) {
  const button = byId("submit");
  if (button.disabled) return;
  clearProblems();
  button.disabled = true;
  try {
    const body = readBody();
    const now = JSON.stringify(body);
    if (now !== sent) key = newKey();
    sent = now;
    const task = await createTask(body, key);
    sent = "";
    onCreated(task);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The same key may only be sent again where it is not known whether the task was stored.
    if (error.status !== 0 && error.status < 500 && error.status !== 409) sent = "";
    showProblem(error);
  } finally {
    button.disabled = false;
  }
}

function showProblem(error) {
  let first = null;
  const elsewhere = [];
  for (const { pointer, detail } of error.faults) {
    const field = pointer === "more-context" ? pointer : fieldOf(pointer);
    if (!field) {
      elsewhere.push(pointer ? `${pointer}: ${detail}` : detail);
      continue;
    }
    setText(byId(`${field}-error`), detail);
    if (field !== "task-text") byId("context").open = true;
    const input = byId(INPUT_OF[field] ?? (field === "context" ? "start-time" : field));
    input.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  if (!first || elsewhere.length) {
    const problem = byId("form-problem");
    const said = elsewhere.length ? elsewhere.join("; ") : error.message;
    fill(problem, el("strong", {}, `${error.title || "The task was not taken"}: `), said);
    problem.hidden = false;
    first ??= problem;
  }
  first.focus();
}

// The field of the longest pointer that begins this one: `/context/required_citations/2` belongs to the list.
function fieldOf(pointer) {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    if (Object.hasOwn(FIELDS, at)) {
      const exact = at === pointer || at === "/context/required_citations";
      return at === "/context" && !exact ? "more-context" : FIELDS[at];
    }
  }
  return null;
}

function clearProblems() {
  byId("form-problem").hidden = true;
  for (const field of [...Object.values(FIELDS), "more-context"]) {
    setText(byId(`${field}-error`), "");
    if (field !== "context") byId(INPUT_OF[field] ?? field).removeAttribute("aria-invalid");
  }
}

// Values of earlier tasks, offered while typing.
export function offerSeen(contexts) {
  const lists = { service: "seen-services", project_key: "seen-projects", severity: "seen-severities" };
  for (const [name, id] of Object.entries(lists)) {
    const seen = [...new Set(contexts.map((context) => text(record(context)[name])).filter(Boolean))].sort();
    fill(byId(id), seen.slice(0, 50).map((value) => el("option", { value })));
  }
  offerSources(contexts.flatMap((context) => texts(record(context).required_citations)));
}
