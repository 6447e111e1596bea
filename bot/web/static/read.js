// Reading JSON that may be of an older release, of another shape, or not there at all.

export function record(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

export function isRecord(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function list(value) {
  return Array.isArray(value) ? value : [];
}

export function records(value) {
  return list(value).filter(isRecord);
}

// A string for a person; JSON for what is neither text nor number; "" for nothing.
export function text(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value);
}

export function texts(value) {
  if (typeof value === "string") return value ? [value] : [];
  return list(value).map(text).filter(Boolean);
}

export function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function pretty(value) {
  return JSON.stringify(value, null, 2);
}
