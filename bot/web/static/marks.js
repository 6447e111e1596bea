// Citations by number, in the order in which the report lists them, and the markers that lead to them.

import { el } from "./dom.js";
import { records, text, texts } from "./read.js";

export class Marks {
  constructor(report, taskId) {
    this.citations = records(report.citations);
    this.taskId = taskId;
    this.numbers = new Map(this.citations.map((citation, index) => [text(citation.citation_id), index + 1]));
  }

  numberOf(citationId) {
    return this.numbers.get(citationId) ?? null;
  }

  // `[1] [4]`; an id without its citation is shown as such, for the verifier has something to say about it.
  of(citationIds) {
    return texts(citationIds).flatMap((id) => {
      const number = this.numberOf(id);
      if (number === null) return [" ", el("span", { class: "marker missing", title: `no citation ${id}` }, "[?]")];
      const source = text(this.citations[number - 1].citation_source);
      return [" ", el("a", {
        class: "marker", href: `#/tasks/${encodeURIComponent(this.taskId)}/source-${number}`, title: source, "aria-label": `Source ${number}: ${source}`,
      }, `[${number}]`)];
    });
  }

  words(citationIds) {
    return texts(citationIds).map((id) => `[${this.numberOf(id) ?? "?"}]`).join("");
  }
}
