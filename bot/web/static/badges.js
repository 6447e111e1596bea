// How states look: a tone (colour), a mark (icon) and a word each.

import { record, texts } from "./read.js";

const VERDICTS = {
  confirmed: { tone: "good", mark: "ok", word: "Confirmed" },
  not_confirmed: { tone: "open", mark: "question", word: "Not confirmed" },
  healthy: { tone: "calm", mark: "pulse", word: "Healthy" },
  failed: { tone: "bad", mark: "cross", word: "Failed" },
};
const STATUSES = {
  queued: { tone: "mute", mark: "clock", word: "Queued" },
  running: { tone: "busy", mark: "running", word: "Running" },
  succeeded: { tone: "good", mark: "ok", word: "Succeeded" },
  failed: { tone: "bad", mark: "cross", word: "Failed" },
};
const CALLS = {
  ok: { tone: "good", mark: "ok", word: "ok" },
  empty: { tone: "mute", mark: "empty", word: "found nothing" },
  partial: { tone: "open", mark: "partial", word: "partial" },
  failed: { tone: "bad", mark: "cross", word: "failed" },
  refused: { tone: "refused", mark: "refused", word: "refused" },
  cancelled: { tone: "mute", mark: "off", word: "cancelled" },
};
const WAITING = {
  queued: { tone: "mute", mark: "clock", word: "waiting" },
  running: { tone: "busy", mark: "running", word: "asking" },
};
const PARTS = {
  ok: { tone: "good", mark: "ok", word: "ok" },
  starting: { tone: "busy", mark: "clock", word: "starting" },
  closed: { tone: "mute", mark: "off", word: "closed" },
  degraded: { tone: "open", mark: "warning", word: "degraded" },
  failed: { tone: "bad", mark: "cross", word: "failed" },
  down: { tone: "bad", mark: "cross", word: "down" },
};

function look(table, name) {
  if (typeof name === "string" && Object.hasOwn(table, name)) return table[name];
  return { tone: "mute", mark: "question", word: name ? String(name).slice(0, 40).replaceAll("_", " ") : "unknown" };
}

export const statusBadge = (status) => look(STATUSES, status);
export const partBadge = (status) => look(PARTS, status);
export const callBadge = (status) => look(CALLS, status);

export function verdictBadge(verification) {
  const { verdict, passed, reasons } = record(verification);
  if (texts(reasons).some((reason) => reason.startsWith("cancelled: "))) return { ...VERDICTS.failed, mark: "off", word: "Cancelled" };
  if (verdict) return look(VERDICTS, verdict);
  if (passed === true) return { ...VERDICTS.confirmed, word: "Passed" };
  if (passed === false) return { ...VERDICTS.failed, word: "Not passed" };
  return null;
}

// A call of the plan of which there is no result: still to come, or never made. Results are stored when a run ends,
// so of a step that waits for others it is not known whether it has begun.
export function pendingBadge(taskStatus, waits) {
  if (waits && taskStatus === "running") return WAITING.queued;
  return WAITING[taskStatus] ?? { tone: "mute", mark: "off", word: "no result" };
}

export const checkBadge = (passed) =>
  passed === true
    ? { tone: "good", mark: "ok", word: "pass" }
    : passed === false
      ? { tone: "bad", mark: "cross", word: "fail" }
      : { tone: "mute", mark: "question", word: "unknown" };
