// The plan with what came of each call.

import { callBadge, pendingBadge } from "./badges.js";
import { badge, el } from "./dom.js";
import { list, number, pretty, record, records, text, texts } from "./read.js";
import { duration } from "./times.js";

export function renderPlan(task) {
  const planned = records(record(task.plan_json).steps);
  const ran = records(record(task.result_json).steps);
  const steps = planned.length ? planned : ran;
  if (!steps.length) return task.status === "running" ? el("section", { class: "panel" }, el("p", { class: "note" }, "Planning …")) : null;
  const results = new Map(ran.map((step) => [text(step.step_id), step]));
  const calls = steps.reduce((sum, step) => sum + list(step.tool_calls ?? step.tool_results).length, 0);
  return el("section", { class: "panel", "aria-labelledby": "plan" },
    el("h2", { id: "plan", tabindex: "-1" }, "Plan and calls", el("span", { class: "count" }, `${steps.length} steps, ${calls} calls`)),
    totals(task),
    el("ol", { class: "steps" }, steps.map((step) => renderStep(task, step, results.get(text(step.step_id))))),
    understood(record(task.plan_json)));
}

function totals(task) {
  const metadata = record(record(task.result_json).execution_metadata);
  const took = number(metadata.total_duration_ms);
  if (took === null) return null;
  const errors = number(metadata.error_count) ?? 0;
  return el("p", { class: "note" }, `Took ${duration(took)}; ${errors ? `${errors} ${errors === 1 ? "error" : "errors"}` : "no errors"}.`);
}

function renderStep(task, step, ran) {
  const planned = records(step.tool_calls);
  const results = records(record(ran).tool_results ?? step.tool_results);
  const after = texts(step.depends_on);
  const count = Math.max(planned.length, results.length);
  const rows = Array.from({ length: count }, (_, index) => renderCall(task, text(step.step_id), index, planned[index], results[index]));
  return el("li", {},
    el("p", { class: "step-head" },
      el("span", { class: "code" }, text(step.step_id)), " ",
      el("strong", {}, text(step.purpose)),
      after.length ? el("span", { class: "note" }, ` after ${after.join(", ")}`) : null),
    el("ul", { class: "calls" }, rows));
}

function renderCall(task, stepId, index, planned, result) {
  const error = record(result?.error);
  const attempts = number(result?.attempts);
  const facts = [duration(number(result?.duration_ms)), attempts !== null && attempts !== 1 ? `${attempts} attempts` : "", brought(result)];
  const failure = text(error.message) || (typeof result?.error === "string" ? result.error : "");
  return el("li", { class: result ? `call call-${text(result.status)}` : "call" },
    el("details", { "data-key": `call-${stepId}-${index}` },
      el("summary", {},
        badge(result ? callBadge(statusOf(result)) : pendingBadge(task.status), "small call-badge"),
        el("span", { class: "tool" }, text(result?.tool ?? planned?.tool)),
        el("span", { class: "subject" }, subject(result?.arguments ?? planned?.arguments)),
        el("span", { class: "facts" }, facts.filter(Boolean).join(" · "))),
      el("pre", { class: "quote", tabindex: "0" }, pretty(result?.arguments ?? planned?.arguments ?? {}))),
    failure ? el("p", { class: "call-error" }, text(error.kind) ? el("strong", {}, `${text(error.kind)}: `) : null, failure) : null);
}

// Rows of before calls had a status: an error means that it failed.
function statusOf(result) {
  return result.status ?? (result.error ? "failed" : "ok");
}

function brought(result) {
  const cited = list(result?.citations).length;
  return cited ? `${cited} ${cited === 1 ? "passage" : "passages"}` : "";
}

// The argument that tells this call from its neighbours.
function subject(given) {
  const values = record(given);
  const name = ["service", "source", "project_key", "query", "text"].find((key) => text(values[key]));
  const told = name ? text(values[name]) : "";
  return told.length > 60 ? `${told.slice(0, 59)}…` : told;
}

function understood(plan) {
  const brief = record(plan.brief);
  const notes = [...texts(plan.notes), ...texts(brief.assumptions)];
  if (!notes.length && !Object.keys(brief).length) return null;
  return el("details", { class: "understood", "data-key": "understood" },
    el("summary", {}, "What was understood of the task"),
    text(plan.planner) ? el("p", { class: "note" }, `Planner: ${text(plan.planner)}`) : null,
    notes.length ? el("ul", {}, notes.map((note) => el("li", {}, note))) : null,
    el("dl", { class: "brief" }, Object.entries(brief).filter(([name, value]) => name !== "assumptions" && isTold(value)).map(([name, value]) =>
      el("div", {}, el("dt", {}, name.replaceAll("_", " ")), el("dd", {}, told(value))))));
}

const isTold = (value) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0);

function told(value) {
  if (Array.isArray(value)) return value.map(told).join(", ");
  const { start, end, quote } = record(value);
  if (start && end) return `${start} – ${end}`;
  return quote ? `“${quote}”` : text(value);
}
