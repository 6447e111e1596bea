// Whether the answer helped: two buttons below the report of a task that has ended.

import { getFeedback, giveFeedback, PAGE_USER } from "./api.js";
import { el, setText } from "./dom.js";
import { number, record, records, text } from "./read.js";

const CHOICES = [
  { value: "helpful", word: "Helpful" },
  { value: "rejected", word: "Wrong" },
];

// The buttons, with what was said before; null while there is nothing to judge.
export function renderFeedback(task) {
  if (!record(task.result_json).report) return null;
  const id = text(task.task_id);
  const said = el("span", { class: "note", id: "feedback-said", role: "status" });
  const buttons = CHOICES.map(({ value, word }) => {
    const button = el("button", { type: "button", id: `feedback-${value}`, "aria-pressed": "false", onclick: () => send(value) }, word);
    return { value, button };
  });

  function show(document) {
    const own = records(document.feedback).find((item) => item.user === PAGE_USER);
    for (const { value, button } of buttons) button.setAttribute("aria-pressed", String(own?.value === value));
    const [helpful, rejected] = [number(document.helpful) ?? 0, number(document.rejected) ?? 0];
    setText(said, helpful + rejected ? `${helpful} found it helpful, ${rejected} wrong` : "");
  }

  async function send(value) {
    for (const { button } of buttons) button.disabled = true;
    try {
      show(record(await giveFeedback(id, value)));
    } catch (error) {
      setText(said, `It was not kept: ${error.message}`);
    } finally {
      for (const { button } of buttons) button.disabled = false;
    }
  }

  getFeedback(id).then((document) => show(record(document)), () => {});
  return el("section", { class: "panel feedback", "aria-labelledby": "feedback-title" },
    el("h2", { id: "feedback-title", tabindex: "-1" }, "Did this help?"),
    el("p", { class: "buttons" }, buttons.map(({ button }) => button), said));
}
