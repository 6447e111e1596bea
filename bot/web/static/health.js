// The state of each part, at the foot of the page.

import { getHealth } from "./api.js";
import { partBadge } from "./badges.js";
import { append, badge, byId, el, fill } from "./dom.js";
import { record, text } from "./read.js";

const EVERY_MS = 60_000;

export function startHealth() {
  const again = () => {
    if (!document.hidden) show();
  };
  show();
  setInterval(again, EVERY_MS);
  document.addEventListener("visibilitychange", again);
}

async function show() {
  const summary = byId("health-summary");
  let report;
  try {
    report = record(await getHealth());
  } catch (error) {
    fill(summary, badge(partBadge("down"), "small"), ` Health: ${error.message}`);
    return;
  }
  const parts = Object.entries(record(report.parts)).map(([name, part]) => [name, record(part)]);
  const troubled = parts.filter(([, part]) => part.status === "failed" || part.status === "starting");
  fill(summary, "Health ", badge(partBadge(report.status), "small"));
  const said = troubled.map(([name, part]) => `${name} ${partBadge(part.status).word}`).join(", ");
  append(summary, [el("span", { class: "health-said" }, said || `${parts.length} parts`)]);
  fill(byId("health-parts"), parts.map(([name, part]) =>
    el("div", {}, el("dt", {}, name, " ", badge(partBadge(part.status), "small")), el("dd", {}, text(part.detail)))));
}
