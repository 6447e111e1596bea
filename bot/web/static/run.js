// The plan with what came of each call.

import { callBadge, pendingBadge } from "./badges.js";
import { badge, el } from "./dom.js";
import { list, number, pretty, record, records, text, texts } from "./read.js";
import { duration, span } from "./times.js";

export function renderPlan(task) {
  const planned = records(record(task.plan_json).steps);
  const ran = records(record(task.result_json).steps);
  const steps = planned.length ? planned : ran;
  if (!steps.length) return task.status === "running" ? el("section", { class: "panel" }, el("p", { class: "note" }, "Planning …")) : null;
  const results = new Map(ran.map((step) => [text(step.step_id), step]));
  const drawn = steps.map((step) => renderStep(task, step, results.get(text(step.step_id))));
  const calls = drawn.reduce((sum, step) => sum + step.querySelectorAll(".call").length, 0);
  return el("section", { class: "panel", "aria-labelledby": "plan" },
    el("h2", { id: "plan", tabindex: "-1" }, "Plan", el("span", { class: "count" }, `${counted(steps.length, "step")}, ${counted(calls, "call")}`)),
    totals(task),
    el("ol", { class: "steps" }, drawn),
    understood(record(task.plan_json)));
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function totals(task) {
  const metadata = record(record(task.result_json).execution_metadata);
  const took = number(metadata.total_duration_ms);
  if (took === null) return null;
  const errors = number(metadata.error_count) ?? 0;
  return el("p", { class: "note" }, `Took ${duration(took)}; ${errors ? counted(errors, "error") : "no errors"}.`);
}

function renderStep(task, step, ran) {
  const planned = records(step.tool_calls);
  const results = records(record(ran).tool_results ?? step.tool_results);
  const after = texts(step.depends_on);
  const count = Math.max(planned.length, results.length);
  const rows = Array.from({ length: count }, (_, index) => renderCall(pendingBadge(task.status, after.length > 0), `${text(step.step_id)}-${index}`, planned[index], results[index]));
  return el("li", {},
    el("p", { class: "step-head" },
      el("span", { class: "code" }, text(step.step_id)), " ",
      el("strong", {}, text(step.purpose)),
      after.length ? el("span", { class: "note" }, ` after ${after.join(", ")}`) : null),
    el("ul", { class: "calls" }, rows));
}

function renderCall(pending, key, planned, result) {
  const error = record(result?.error);
  const attempts = number(result?.attempts);
  const facts = [duration(number(result?.duration_ms)), attempts !== null && attempts !== 1 ? counted(attempts, "attempt") : "", brought(result)];
  const failure = text(error.message) || (typeof result?.error === "string" ? result.error : "");
  return el("li", { class: result ? `call call-${text(result.status)}` : "call" },
    el("details", { "data-key": `call-${key}` },
      el("summary", {},
        badge(result ? callBadge(statusOf(result)) : pending, "small call-badge"),
        el("span", { class: "tool" }, text(result?.tool ?? planned?.tool)),
        el("span", { class: "subject" }, subject(result?.arguments ?? planned?.arguments)),
        el("span", { class: "facts" }, facts.filter(Boolean).join(" · "))),
      el("pre", { class: "quote", tabindex: "0" }, pretty(result?.arguments ?? planned?.arguments ?? {}))),
    failure ? el("p", { class: "call-error" }, text(error.kind) ? el("strong", {}, `${text(error.kind)}: `) : null, failure) : null);
}

// Rows of before calls had a status: an error means that it failed.
function statusOf(result) {
  if (record(result.error).kind === "cancelled") return "cancelled";
  return result.status ?? (result.error ? "failed" : "ok");
}

function brought(result) {
  const cited = list(result?.citations).length;
  return cited ? counted(cited, "citation") : "";
}

// The argument that tells this call from its neighbours.
function subject(given) {
  const values = record(given);
  const name = ["service", "source", "project_key", "query", "text"].find((key) => text(values[key]));
  const told = name ? text(values[name]) : "";
  const window = values.start_time && values.end_time ? span(values.start_time, values.end_time) : "";
  return [told.length > 60 ? `${told.slice(0, 59)}…` : told, window].filter(Boolean).join(", ");
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
