// The pictures of a finished task, below its answer. A task without any shows nothing.

import { taskAddress } from "./api.js";
import { el, fill } from "./dom.js";
import { number, record, records, text } from "./read.js";

const kept = new Map(); // task id → its list of charts: a page is drawn anew more often than a task changes

export function charts(task) {
  const place = el("div", { class: "charts", hidden: true });
  if (task.status === "succeeded" || task.status === "failed") show(place, text(task.task_id));
  return place;
}

async function show(place, taskId) {
  if (!kept.has(taskId)) kept.set(taskId, await listed(taskId));
  const found = kept.get(taskId);
  if (!found.length) return;
  fill(place, found.map((chart) => {
    const address = `${taskAddress(taskId)}/charts/${number(chart.number)}.png`;
    return el("figure", { class: "chart" },
      el("a", { href: address, target: "_blank", rel: "noopener noreferrer" },
        el("img", { src: address, alt: text(chart.alt_text), width: "1200", height: "675", loading: "lazy", decoding: "async" })),
      el("figcaption", {}, text(chart.title)));
  }));
  place.hidden = false;
}

async function listed(taskId) {
  try {
    const response = await fetch(`${taskAddress(taskId)}/charts`);
    return response.ok ? records(record(await response.json()).charts) : [];
  } catch {
    return []; // the answer stands without its pictures
  }
}
