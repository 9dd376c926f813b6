// One run: its trajectory, a table of its steps, and the chosen step with all texts.
"use strict";

collide.views.run = {
  // Parts of the address: study, mode, gate, seed, then "step", a number, and "pair", a name.
  async show(view, parts) {
    const run = parts.slice(0, 4).join("/");
    const data = await collide.load(`runs/${run}`);
    const step = Math.min(Number(parts[5] || 0), data.steps.length - 1);
    const pair = parts[6] === "pair" ? parts.slice(7).join("/") : null;
    const texts = await this.loadTexts(data);
    view.replaceChildren(
      this.head(data, step),
      this.trajectory(data, step),
      collide.steps.show(data, step, texts));
    if (pair) this.open(view, pair);
    else if (parts.length > 4) document.getElementById("step").scrollIntoView();
  },

  // The texts of pairs are shown where the corpus exists.
  async loadTexts(data) {
    const index = await collide.load("index");
    return index.datasets[data.dataset] ? collide.load(`texts/${data.dataset}`) : null;
  },

  open(view, pair) {
    const found = [...view.querySelectorAll("[data-pair]")].find((node) => node.dataset.pair === pair);
    if (!found) return;
    found.querySelectorAll("details").forEach((node) => { node.open = true; });
    found.scrollIntoView();
    found.classList.add("target");
  },

  head(data, step) {
    return collide.make("div", {},
      collide.make("h1", {}, data.run),
      collide.make("p", {}, `Data set ${data.dataset}. Mode ${data.mode}, gate ${data.gate}, seed ${data.seed}. `,
        `${data.usage.calls === undefined ? "–" : data.usage.calls.toLocaleString("en")} calls, ${collide.money(data.usage.cost)}.`),
      collide.make("p", { class: "links" },
        collide.link("This prompt: predictions and errors", "prompt", data.run, data.steps[step].prompt), " ",
        collide.link("Compare two steps", "compare", data.run, step > 0 ? step - 1 : 0, data.run, step), " ",
        collide.link("Compare with another run", "compare", data.run, step, this.neighbour(data), step), " ",
        collide.link("Search the texts of this run", "search", data.run)));
  },

  neighbour(data) {
    const runs = collide.loaded.get("index").runs.filter((entry) => entry.decisions).map((entry) => entry.run);
    const place = runs.indexOf(data.run);
    return runs[place + 1] || runs[place - 1] || data.run;
  },

  curves(data) {
    const { role, criterion } = collide.kept;
    return [["test", "Test"], ["validation", "Validation"], ["batch", "Batch"]]
      .map(([kind, name]) => ({ kind, name, values: ((data.trajectories[kind] || {})[role] || {})[criterion] }))
      .filter((curve) => curve.values && curve.values.some((value) => value !== null));
  },

  trajectory(data, step) {
    const names = data.criteria.map((criterion) => criterion.name);
    if (![...names, "average"].includes(collide.kept.criterion)) collide.kept.criterion = "average";
    const refill = () => box.replaceWith(this.trajectory(data, step));
    const curves = this.curves(data);
    const label = `${data.roles[collide.kept.role].label}, ${collide.kept.criterion}`;
    const decisions = data.steps.map((entry) => (entry.gate ? entry.gate.accepted : null));
    const go = (number) => { location.hash = collide.address("run", data.run, "step", number); };
    const tested = curves.find((curve) => curve.kind === "test")?.values || [];
    const rows = data.steps.map((entry, number) => [
      collide.make("th", { scope: "row" }, collide.link(`Step ${number}`, "run", data.run, "step", number)),
      ...["test", "validation", "batch"].map((kind) => collide.number((((data.trajectories[kind] || {})[collide.kept.role] || {})[collide.kept.criterion] || [])[number])),
      collide.signed(collide.minus(tested[number], tested[number - 1])),
      entry.gate ? collide.GATE_MARKS[entry.gate.accepted].join(" ") : "",
      [entry.gate ? entry.gate.reason : "initial prompt", data.gaps[number] ? collide.make("span", { class: "odds" }, `; no test score: ${data.gaps[number]}`) : null],
    ]);
    const box = collide.make("section", { "aria-label": "Trajectory" },
      collide.make("h2", {}, "Trajectory"),
      collide.make("div", { class: "choices" },
        collide.choose("Metric", collide.listRoles(data.roles), collide.kept.role, (value) => { collide.kept.role = value; refill(); }),
        collide.choose("Criterion", ["average", ...names].map((name) => [name, name]), collide.kept.criterion, (value) => { collide.kept.criterion = value; refill(); })),
      collide.charts.large(curves, decisions, step, label, go),
      collide.charts.legend(curves),
      data.trajectories.batch[collide.kept.role] ? null : collide.make("p", { class: "also" }, "A batch has too few pairs for this metric."),
      collide.make("details", { open: true }, collide.make("summary", {}, "Values and decisions by step"),
        collide.scroll("Values by step", collide.table(label, ["Step", "#Test", "#Validation", "#Batch", "#Change on test", "Decision", "Reason"], rows))));
    return box;
  },
};
