// Two steps, of one run or of two, side by side, with the differences of their instructions.
"use strict";

collide.views.compare = {
  // Parts of the address: a run and its step, twice.
  async show(view, parts) {
    const index = await collide.load("index");
    const sides = [0, 5].map((place) => ({ run: parts.slice(place, place + 4).join("/"), step: Number(parts[place + 4] || 0) }));
    const runs = await Promise.all(sides.map((side) => collide.load(`runs/${side.run}`)));
    sides.forEach((side, place) => { side.data = runs[place]; side.step = Math.min(side.step, runs[place].steps.length - 1); });
    const names = [...new Set(sides.flatMap((side) => side.data.criteria.map(({ name }) => name)))];
    view.replaceChildren(
      collide.make("h1", {}, "Compare"),
      collide.make("div", { class: "two" }, sides.map((side, place) => this.chooseSide(index, sides, side, place))),
      this.scores(sides, names),
      ...names.map((name) => this.instruction(sides, name)));
  },

  chooseSide(index, sides, side, place) {
    const go = (change) => {
      const [a, b] = sides.map((entry, at) => (at === place ? { ...entry, ...change } : entry));
      location.hash = collide.address("compare", a.run, a.step, b.run, b.step);
    };
    const label = place ? "Second" : "First";
    const gate = side.data.steps[side.step].gate;
    return collide.make("section", { "aria-label": `${label} step` },
      collide.make("h2", {}, label),
      collide.make("div", { class: "choices" },
        collide.choose("Run", index.runs.filter((entry) => entry.decisions).map((entry) => [entry.run, entry.run]), side.run, (run) => go({ run })),
        collide.choose("Step", side.data.steps.map((step, number) => [number, `${number}${step.gate ? (step.gate.accepted ? " accepted" : " rejected") : ""}`]), side.step, (step) => go({ step }))),
      collide.make("p", {}, collide.link("Open this step", "run", side.run, "step", side.step), gate ? ` ${gate.reason}` : ""));
  },

  scores(sides, names) {
    const role = collide.kept.role;
    const value = (side, name) => (((side.data.trajectories.test || {})[role] || {})[name] || [])[side.step];
    const rows = ["average", ...names].map((name) => {
      const [a, b] = sides.map((side) => value(side, name));
      return [collide.make("th", { scope: "row" }, name), collide.number(a), collide.number(b), collide.signed(collide.minus(b, a))];
    });
    return collide.table(`${sides[0].data.roles[role].label} on the test pairs`, ["Criterion", "#First", "#Second", "#Difference"], rows);
  },

  instruction(sides, name) {
    const [a, b] = sides.map((side) => side.data.steps[side.step].instructions[name]);
    if (a === undefined || b === undefined) return collide.make("section", {}, collide.make("h2", {}, name), collide.make("p", {}, "Only one of the two prompts rates this criterion."), collide.make("p", { class: "text" }, a ?? b));
    return collide.make("section", {}, collide.make("h2", {}, name),
      collide.make("div", { class: "two" },
        collide.make("div", {}, collide.make("h3", {}, "First"), collide.make("p", { class: "text" }, a)),
        collide.make("div", {}, collide.make("h3", {}, "Second, with what changed"), collide.differences.show(a, b))));
  },
};
