// The report as Markdown, for a ticket or a chat. Texts are data there, too: their markup is escaped.

import { verdictBadge } from "./badges.js";
import { plain } from "./dom.js";
import { Marks } from "./marks.js";
import { number, record, records, text, texts } from "./read.js";
import { utc } from "./times.js";

// An underscore within a word is no markup: `error_rate` stays as it is.
const MARKUP = /[\\`*[\]<>#|~@]|(?<!\w)_|_(?!\w)/g;

function words(value) {
  return plain(text(value)).replace(/\s+/g, " ").replace(MARKUP, "\\$&").trim();
}

// A fence longer than any run of backticks within.
function fenced(value) {
  const quote = plain(text(value));
  const longest = Math.max(2, ...[...quote.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${quote}\n${fence}`;
}

export function toMarkdown(task, address) {
  const report = record(record(task.result_json).report);
  const verification = record(task.verification_json);
  const marks = new Marks(report, text(task.task_id));
  const cited = (ids) => (texts(ids).length ? ` ${marks.words(ids)}` : "");
  const lines = [`# ${words(task.input_task)}`, "", `${utc(task.created_at)} · ${address}`];
  const add = (title, rows) => {
    if (rows.length) lines.push("", `## ${title}`, "", ...rows);
  };
  add(`Verdict: ${words(verdictBadge(verification)?.word ?? task.status)}`, texts(verification.reasons).map((reason) => `- ${words(reason)}`));
  const statements = new Map(records(report.claims).map((claim) => [text(claim.text).trim(), claim.citation_ids]));
  add("Answer", text(report.answer).split("\n").filter((line) => line.trim()).map((line) => `- ${words(line)}${cited(statements.get(line.trim()))}`));
  add("Possible causes", records(report.hypotheses).map((cause, index) => {
    const confidence = number(cause.confidence);
    const against = texts(cause.contradicted_by).length ? ` Against it: ${marks.words(cause.contradicted_by)}.` : "";
    return `${index + 1}. ${words(cause.cause)}${confidence === null ? "" : ` (${Math.round(confidence * 100)} %)`}${cited(cause.supported_by)}.${against} Next check: ${words(cause.next_check)}`;
  }));
  add("What to do", records(report.actions).map((action) =>
    `- [ ] ${words(action.text)}: ${words(action.owner) || "nobody named"}${action.due ? `, due ${words(action.due)}` : ""}${cited(action.citation_ids)}`));
  add("Could not be shown", records(report.gaps).map((gap) => `- ${words(gap.what)}: ${words(gap.reason)}. Next check: ${words(gap.next_check)}`));
  add("Evidence", records(report.claims).map((claim) => `- ${words(claim.kind)}: ${words(claim.text)}${cited(claim.citation_ids)}`));
  add("Checks", records(verification.checks).map((check) => `- ${check.passed === true ? "pass" : "FAIL"}: ${words(check.name)}: ${words(check.reason)}`));
  add("Sources", marks.citations.flatMap((citation, index) => [
    `[${index + 1}] ${words(citation.citation_source)}: ${words(citation.locator)}`, "", fenced(citation.quote), "",
  ]));
  return `${lines.join("\n").trimEnd()}\n`;
}
