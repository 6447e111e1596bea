// Wires the page: which address shows what.

import { getTools } from "./api.js";
import { byId } from "./dom.js";
import { offerSeen, offerSources, prefill, startForm } from "./form.js";
import { startHealth } from "./health.js";
import { refresh, select, startList } from "./list.js";
import { record, records, texts } from "./read.js";
import { closeTask, openTask, openedTask, startTask } from "./task.js";

const ADDRESS = /^#\/tasks\/([^/]+)(?:\/([\w-]+))?$/;

let toRun = null;
let toPrefill = null;
let started = false;

async function route() {
  const match = ADDRESS.exec(location.hash);
  if (match) await showTask(decode(match[1]), match[2] ?? null);
  else showForm();
  started = true;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function showTask(id, place) {
  byId("create").hidden = true;
  byId("task").hidden = false;
  byId("columns").dataset.view = "task";
  select(id);
  if (openedTask() !== id) {
    const run = toRun === id;
    toRun = null;
    scrollTo(0, 0);
    const byPerson = started;
    await openTask(id, { run });
    if (openedTask() !== id) return;
    if (!place && byPerson) document.getElementById("task-title")?.focus({ preventScroll: true });
  }
  if (place) goTo(place);
}

function goTo(place) {
  const target = document.getElementById(place);
  if (!target || !byId("task").contains(target)) return;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

function showForm() {
  closeTask();
  byId("task").replaceChildren();
  byId("task").hidden = true;
  byId("create").hidden = false;
  byId("columns").dataset.view = "form";
  document.title = "orch";
  select(null);
  if (toPrefill) {
    prefill(toPrefill);
    toPrefill = null;
  }
  if (started) {
    scrollTo(0, 0);
    byId("task-text").focus({ preventScroll: true });
  }
}

async function nameSources() {
  const tools = records(record(await getTools().catch(() => null)).tools);
  const fetching = record(tools.find((tool) => tool.name === "fetch_company_reference")?.input_schema);
  const source = record(record(fetching.properties).source);
  offerSources([...texts(source.enum), ...texts(source.examples)]);
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
startForm({
  example: JSON.parse(byId("example").dataset.example),
  onCreated(task) {
    toRun = task.task_id;
    location.hash = `#/tasks/${task.task_id}`;
    refresh();
  },
});
// A second click on a marker changes no address, yet should lead there again.
byId("task").addEventListener("click", (event) => {
  const link = event.target.closest?.("a.marker, a.jump");
  if (link && link.getAttribute("href") === location.hash) route();
});
startTask({
  onChange: refresh,
  onAgain(task) {
    toPrefill = { task: task.input_task, context: task.context_json };
    location.hash = "#/";
  },
});
startList(offerSeen);
startHealth();
nameSources();
addEventListener("hashchange", route);
route();
