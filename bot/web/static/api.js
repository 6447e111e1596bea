// The REST API. Addresses are relative to the page, so that a proxy may serve it below a prefix.

import { isRecord, list, record, text } from "./read.js";

export class ApiError extends Error {
  // `faults` are {pointer, detail}; `status` is 0 where no answer came.
  constructor(message, { status = 0, title = "", faults = [] } = {}) {
    super(message);
    this.status = status;
    this.title = title;
    this.faults = faults;
  }
}

const ANSWER_WITHIN_MS = 20_000;
// The page knows nobody's name: whoever uses it speaks as one.
export const PAGE_USER = "web";

async function ask(path, { method = "GET", headers = {}, body, accepts = [] } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      cache: "no-store",
    });
  } catch (error) {
    const slow = error.name === "TimeoutError";
    throw new ApiError(slow ? `orch has not answered within ${ANSWER_WITHIN_MS / 1000} s` : "orch cannot be reached", { title: "No answer" });
  }
  const document = await response.json().catch(() => null);
  if (response.ok || accepts.includes(response.status)) {
    if (document === null) throw new ApiError("the answer is not JSON: is a proxy in between?", { status: response.status });
    return document;
  }
  const problem = record(document);
  throw new ApiError(text(problem.detail) || `orch answered ${response.status}`, {
    status: response.status,
    title: text(problem.title) || `Error ${response.status}`,
    faults: list(problem.errors).filter(isRecord).map((fault) => ({ pointer: text(fault.pointer), detail: text(fault.detail) })),
  });
}

export function taskAddress(taskId) {
  return `tasks/${encodeURIComponent(taskId)}`;
}

export function createTask(body, key) {
  return ask("tasks", { method: "POST", body, headers: { "Idempotency-Key": key } });
}

export function runTask(taskId) {
  return ask(`${taskAddress(taskId)}/run`, { method: "POST", body: {}, headers: { Prefer: "respond-async" } });
}

export function cancelTask(taskId) {
  return ask(`${taskAddress(taskId)}/cancel`, { method: "POST", body: { user: "somebody on the web page" } });
}

export function getTask(taskId) {
  return ask(taskAddress(taskId));
}

export function giveFeedback(taskId, value) {
  return ask(`${taskAddress(taskId)}/feedback`, { method: "POST", body: { value, user: PAGE_USER } });
}

export function getFeedback(taskId) {
  return ask(`${taskAddress(taskId)}/feedback`);
}

export function listTasks({ status, words, cursor, limit }) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (status) query.set("status", status);
  if (words) query.set("q", words);
  if (cursor) query.set("cursor", cursor);
  return ask(`tasks?${query}`);
}

export function getTools() {
  return ask("tools");
}

export function getHealth() {
  return ask("health", { accepts: [503] });
}

// `crypto.randomUUID` is missing where the page is served over plain HTTP by another host.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
