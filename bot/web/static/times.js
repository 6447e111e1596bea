// Moments and spans in words. Moments are UTC, as everywhere in an incident.

export function utc(value) {
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime())) return String(value ?? "");
  return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

// `2026-02-14 10:00 – 10:30 UTC`; an end that is not given is `…`.
export function span(start, end) {
  const [from, until] = [start, end].map((value) => (value ? utc(value) : "…"));
  const [day] = from.split(" ");
  const later = until.startsWith(`${day} `) ? until.slice(day.length + 1) : until;
  return later.endsWith(" UTC") ? `${from.replace(" UTC", "")} – ${later}` : `${from} – ${later}`;
}

export function isoSeconds(moment) {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

export function ago(value, now = Date.now()) {
  const seconds = Math.round((now - new Date(value).getTime()) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 45) return "just now";
  if (seconds < 90 * 60) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 14 * 86400) return `${Math.round(seconds / 86400)} days ago`;
  return new Date(value).toISOString().slice(0, 10);
}

export function duration(milliseconds) {
  if (milliseconds === null) return "";
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

// What a person types or pastes as a moment; what is not understood stays, for the API to say what is wrong with it.
export function readMoment(typed) {
  const trimmed = typed.trim();
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i.exec(trimmed);
  if (!match) return trimmed;
  const zone = !match[4] || /^(z|utc)$/i.test(match[4]) ? "Z" : match[4];
  return `${match[1]}T${match[2]}${match[3] ?? ":00"}${zone}`;
}
