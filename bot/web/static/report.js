// The answer with what backs it: verdict, causes, actions, gaps, statements, sources, checks.

import { checkBadge, statusBadge, verdictBadge } from "./badges.js";
import { charts } from "./charts.js";
import { badge, el, icon, isWebAddress, prose } from "./dom.js";
import { Marks } from "./marks.js";
import { number, record, records, text, texts } from "./read.js";
import { renderPlan } from "./run.js";

const HEALTH = {
  degraded: { tone: "bad", mark: "pulse", word: "Service degraded" },
  recovered: { tone: "good", mark: "pulse", word: "Service recovered" },
  healthy: { tone: "calm", mark: "pulse", word: "Service healthy" },
  unknown: { tone: "mute", mark: "pulse", word: "Service state unknown" },
};

// The sections of a task in the order a person needs them, led by links to them.
export function renderParts(task) {
  const report = record(record(task.result_json).report);
  const marks = new Marks(report, text(task.task_id));
  const parts = [
    answer(task, report, marks), causes(report, marks), actions(report, marks), gaps(report), checks(task.verification_json),
    claims(report, marks), renderPlan(task), sources(marks),
  ].filter(Boolean);
  return [contents(task, parts), ...parts];
}

function contents(task, parts) {
  const links = parts.map((part) => part.querySelector("h2")).filter(Boolean).map((heading) => el("a", {
    class: "jump", href: `#/tasks/${encodeURIComponent(text(task.task_id))}/${heading.id}`,
  }, heading.firstChild.textContent));
  return links.length > 1 ? el("nav", { class: "contents", "aria-label": "Parts of the report" }, links) : null;
}

function section(id, title, count, ...content) {
  const heading = el("h2", { id, tabindex: "-1" }, title, count === null ? null : el("span", { class: "count" }, count));
  return el("section", { class: "panel", "aria-labelledby": id }, heading, content);
}

function answer(task, report, marks) {
  const verdict = verdictBadge(task.verification_json);
  const reasons = texts(record(task.verification_json).reasons);
  const tone = (verdict ?? statusBadge(task.status)).tone;
  const health = Object.hasOwn(HEALTH, text(report.health)) ? HEALTH[report.health] : null;
  const running = !verdict && (task.status === "running" || task.status === "queued");
  return el("section", { class: `panel verdict edge-${tone}`, "aria-labelledby": "answer" },
    el("h2", { id: "answer", class: "visually-hidden", tabindex: "-1" }, "Answer"),
    el("p", { class: "verdict-line" },
      badge(verdict ?? statusBadge(task.status), "large"),
      health ? badge(health) : null,
      running ? el("span", { class: "note", id: "run-clock" }) : null),
    reasons.length === 1 ? el("p", { class: "reasons" }, prose(reasons[0])) : null,
    reasons.length > 1 ? el("ul", { class: "reasons" }, reasons.map((reason) => el("li", {}, prose(reason)))) : null,
    !verdict && !running ? el("p", { class: "note" }, "No verdict is stored for this task.") : null,
    answerLines(report, marks),
    charts(task));
}

// A line of the answer that is a statement, word for word, has that statement's sources.
function answerLines(report, marks) {
  const lines = text(report.answer).split("\n").map((line) => line.trim()).filter(Boolean);
  if (!lines.length) return null;
  const cited = new Map(records(report.claims).map((claim) => [text(claim.text).trim(), claim.citation_ids]));
  return el("ul", { class: "answer" }, lines.map((line) => el("li", {}, prose(line), marks.of(cited.get(line)))));
}

function causes(report, marks) {
  const found = records(report.hypotheses);
  if (!found.length) return null;
  const ranked = found.toSorted((one, other) => (number(other.confidence) ?? 0) - (number(one.confidence) ?? 0));
  return section("causes", "Causes", ranked.length, el("ol", { class: "causes" }, ranked.map((cause) => {
    const confidence = number(cause.confidence);
    const percent = confidence === null ? null : Math.round(confidence * 100);
    const against = texts(cause.contradicted_by);
    return el("li", {},
      el("div", { class: "cause-head" },
        percent === null ? null : el("span", { class: "confidence" },
          el("meter", { min: 0, max: 100, value: percent, "aria-label": "Confidence" }), `${percent} %`),
        text(cause.service) ? el("span", { class: "tag" }, text(cause.service)) : null),
      el("p", {}, prose(text(cause.cause)), marks.of(cause.supported_by)),
      against.length ? el("p", { class: "against" }, icon("cross"), "Against it:", marks.of(against)) : null,
      text(cause.next_check) ? el("p", { class: "next" }, el("strong", {}, "Next check: "), prose(text(cause.next_check))) : null);
  })));
}

function actions(report, marks) {
  const found = records(report.actions);
  if (!found.length) return null;
  return section("actions", "Actions", found.length, el("ol", { class: "actions" }, found.map((action) => el("li", {},
    el("p", {}, prose(text(action.text)), marks.of(action.citation_ids)),
    el("p", { class: "who" },
      el("span", {}, el("span", { class: "label" }, "Owner "), text(action.owner) || "nobody named"),
      text(action.due) ? el("span", {}, el("span", { class: "label" }, "Due "), prose(text(action.due))) : null)))));
}

function gaps(report) {
  const found = records(report.gaps);
  if (!found.length) return null;
  return section("gaps", "Not shown", found.length, el("ul", { class: "gaps" }, found.map((gap) => el("li", {},
    el("p", {},
      gap.essential === true ? badge({ tone: "open", mark: "warning", word: "leaves the question open" }, "small") : null,
      el("strong", {}, text(gap.what)), text(gap.reason) ? `: ${text(gap.reason)}` : ""),
    text(gap.next_check) ? el("p", { class: "next" }, el("strong", {}, "Next check: "), text(gap.next_check)) : null))));
}

function checks(verification) {
  const found = records(record(verification).checks);
  if (!found.length) return null;
  const failed = found.filter((check) => check.passed === false).length;
  const said = failed ? `${failed} of ${found.length} failed` : `${found.length} passed`;
  return section("checks", "Checks", said, el("ul", { class: "checks" }, found.map((check) => el("li", {},
    badge(checkBadge(check.passed), "small"),
    el("span", { class: "check-name" }, text(check.name).replaceAll("_", " ")),
    el("span", { class: "check-reason" }, text(check.reason))))));
}

function claims(report, marks) {
  const found = records(report.claims);
  if (!found.length) return null;
  return section("evidence", "Evidence", found.length, el("ol", { class: "claims" }, found.map((claim) => el("li", {},
    el("span", { class: `kind kind-${["fact", "inference", "recommendation"].includes(claim.kind) ? claim.kind : "other"}` }, text(claim.kind)),
    el("span", { class: "claim" }, prose(text(claim.text)), marks.of(claim.citation_ids))))));
}

function sources(marks) {
  if (!marks.citations.length) return null;
  return section("sources", "Sources", marks.citations.length, el("ol", { class: "citations" }, marks.citations.map((citation, index) => {
    const locator = text(citation.locator);
    return el("li", { id: `source-${index + 1}`, tabindex: "-1" },
      el("p", { class: "citation-head" },
        el("span", { class: "citation-number" }, `[${index + 1}]`), " ",
        el("strong", {}, text(citation.citation_source)), " ",
        isWebAddress(locator)
          ? el("a", { class: "locator", href: locator, target: "_blank", rel: "noopener noreferrer" }, locator)
          : el("span", { class: "locator" }, prose(locator))),
      el("blockquote", { class: "quote", tabindex: "0", "aria-label": `Quote of source ${index + 1}` }, prose(text(citation.quote))));
  })));
}
