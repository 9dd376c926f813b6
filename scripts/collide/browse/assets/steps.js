// One step of a run: instructions with differences, batch, critiques, textual gradients, candidate and decision.
"use strict";

collide.steps = {
  show(data, number, texts) {
    const step = data.steps[number];
    const before = number ? data.steps[number - 1] : null;
    return collide.make("section", { id: "step", "aria-label": `Step ${number}` },
      collide.make("h2", {}, `Step ${number} of ${data.steps.length - 1}`),
      collide.make("p", { class: "links" },
        number > 0 ? collide.link("← Previous step", "run", data.run, "step", number - 1) : null, " ",
        number + 1 < data.steps.length ? collide.link("Next step →", "run", data.run, "step", number + 1) : null),
      before ? this.decision(data, step) : null,
      this.instructions(data, step, before),
      before ? this.diagnostics(step) : null,
      before ? this.feedback(data, step, texts) : null);
  },

  decision(data, step) {
    const [mark, word] = collide.GATE_MARKS[step.gate.accepted];
    const { current, candidate } = step.validation || {};
    const metrics = Object.keys(current || {}).filter((name) => current[name] !== null && typeof current[name] === "object");
    const rows = metrics.flatMap((name) => Object.keys(current[name]).map((criterion) => {
      const change = collide.minus(((candidate || {})[name] || {})[criterion], current[name][criterion]);
      return [`${name} of ${criterion}`, collide.number(current[name][criterion]), collide.number(((candidate || {})[name] || {})[criterion]), collide.signed(change)];
    }));
    return collide.make("div", {},
      collide.make("p", { class: `decision ${word}` }, `${mark} Candidate ${word} by gate ${step.gate.name}: ${step.gate.reason}. `,
        data.ratings.prompts[step.candidate_prompt] ? collide.link("Ratings of the candidate", "prompt", data.run, step.candidate_prompt) : null),
      rows.length ? collide.make("details", {}, collide.make("summary", {}, "Validation values that the gate saw"),
        collide.table(`Validation, ${current.n} pairs, missing: ${current.missing ?? "–"} before and ${(candidate || {}).missing ?? "–"} of the candidate`, ["Metric", "#Before", "#Candidate", "#Change"], rows)) : null);
  },

  instructions(data, step, before) {
    const candidate = step.candidate || step.instructions;
    const missing = (step.rewrites || []).filter((rewrite) => rewrite.reason);
    const title = before ? "Instructions: candidate against the step before" : "Initial instructions";
    return collide.make("div", {},
      collide.make("h3", {}, title),
      step.output_format === false ? collide.make("p", { class: "odds" }, "The prompt in force does not state the output format.") : null,
      missing.map((rewrite) => collide.make("p", { class: "odds" }, `No rewrite of ${rewrite.criteria.join(", ")}: ${rewrite.reason}`)),
      collide.make("div", { class: "two" }, data.criteria.map(({ name }) => collide.make("article", { class: "card" },
        collide.make("h4", {}, name, collide.adherence(step, name)),
        before ? collide.differences.show(before.instructions[name], candidate[name]) : collide.make("p", { class: "text" }, step.instructions[name])))));
  },

  diagnostics(step) {
    const names = [...new Set(Object.values(step.diagnostics).flatMap(Object.keys))];
    if (!names.length) return collide.make("p", { class: "also" }, "Specificity and adherence are not rated.");
    const rows = Object.entries(step.diagnostics).map(([criterion, rated]) => [collide.make("th", { scope: "row" }, criterion), ...names.map((name) => this.rating(rated[name]))]);
    return collide.make("div", {}, collide.make("h3", {}, "Ratings of the evaluator"),
      collide.scroll("Ratings of the evaluator", collide.table("From 1 to 10, by criterion", ["Criterion", ...names.map((name) => "#" + name.replaceAll("_", " "))], rows)));
  },

  rating(value) {
    return value === undefined ? "–" : typeof value === "string" ? `missing (${value})` : String(value);
  },

  feedback(data, step, texts) {
    const together = step.gradients.filter((gradient) => !step.batch.includes(gradient.pair));
    return collide.make("div", {},
      collide.make("h3", {}, "Batch"),
      step.predictions.map((entry) => this.pair(data, step, entry, texts)),
      together.map((gradient) => this.message("Textual gradient of the whole batch", gradient, step)));
  },

  pair(data, step, entry, texts) {
    const rows = data.criteria.map((criterion) => [collide.make("th", { scope: "row" }, criterion.name), ...collide.ratingCells(criterion, (entry.scores || {})[criterion.name], entry.human[criterion.name])]);
    const of = (list) => (list || []).filter((message) => message.pair === entry.pair);
    return collide.make("article", { class: "card", "data-pair": entry.pair },
      collide.make("h4", {}, collide.link(entry.pair, "run", data.run, "step", step.step, "pair", entry.pair)),
      entry.reason ? collide.make("p", { class: "odds" }, `No ratings: ${entry.reason}`) : null,
      collide.table("Ratings", ["Criterion", "#Judge", "#Human", "#Error"], rows),
      collide.pairTexts(texts, entry.pair),
      collide.make("div", { class: "two" },
        collide.make("div", {}, of(step.critiques).map((critique) => this.message("Critique", critique, step))),
        collide.make("div", {}, of(step.gradients).map((gradient) => this.message("Textual gradient", gradient, step)))));
  },

  message(kind, message, step) {
    const rated = kind.startsWith("Textual") ? message.criteria.map((name) => (step.diagnostics[name] || {}).specificity).filter((value) => value !== undefined) : [];
    const notes = [message.cut_off ? "cut off" : "", rated.length ? `specificity of the step’s gradients: ${rated.map((value) => this.rating(value)).join(", ")}` : ""].filter(Boolean);
    return collide.make("details", { class: "message", open: true },
      collide.make("summary", {}, `${kind}: ${message.criteria.join(", ")}`, notes.length ? collide.make("span", { class: "also" }, ` (${notes.join("; ")})`) : null),
      collide.make("p", { class: "text" }, message.text || `Missing: ${message.reason}`));
  },
};

collide.adherence = (step, criterion) => {
  const value = ((step.diagnostics || {})[criterion] || {}).adherence;
  return value === undefined ? null : collide.make("span", { class: "also" }, ` adherence ${collide.steps.rating(value)}`);
};

// Return a rating as its label on the scale; a human score between two ratings as a number.
collide.rated = (criterion, value) => {
  if (value === null || value === undefined) return "–";
  const place = criterion.values.indexOf(value);
  return place < 0 ? value.toFixed(2) : criterion.labels[place];
};

// Return the error of a rating in the unit of the data set, or null.
collide.error = (criterion, rating, human) => {
  if (rating === null || rating === undefined || human === null || human === undefined) return null;
  return criterion.nominal ? Number(rating !== human) : (rating - human) / criterion.unit;
};

collide.ratingCells = (criterion, rating, human) => {
  const error = collide.error(criterion, rating, human);
  return [collide.rated(criterion, rating), collide.rated(criterion, human), criterion.nominal ? (error === null ? "–" : error ? "wrong" : "right") : collide.signed(error, 2)];
};

// Return the inputs and the output of a pair, closed until the reader opens them.
collide.pairTexts = (texts, pair) => {
  // Where each expert's score is a pair of its own, the texts are those of the pair without the expert.
  const found = texts && (texts.pairs[pair] || texts.pairs[pair.replace(/\/expert\d+$/, "")]);
  if (!found) return collide.make("p", { class: "also" }, "The texts of this pair are not among the files.");
  const [inputs, output] = found;
  return collide.make("details", { class: "texts" }, collide.make("summary", {}, [...texts.inputs, texts.output].join(", ")),
    inputs.map((place, index) => [collide.make("h5", {}, texts.inputs[index] || "input"), collide.make("p", { class: "text" }, texts.texts[place])]),
    collide.make("h5", {}, texts.output), collide.make("p", { class: "text" }, texts.texts[output]));
};
