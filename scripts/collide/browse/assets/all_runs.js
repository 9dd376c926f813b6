// All runs: a row for each, with its trajectory, decisions, cost and missing share; sorted and filtered.
"use strict";

collide.views.runs = {
  COLUMNS: [
    ["run", "Run", null],
    ["", "Trajectory", null],
    ["initial", "#Initial", (entry, role) => collide.views.runs.ends(entry, role)[0]],
    ["final", "#Final", (entry, role) => collide.views.runs.ends(entry, role)[1]],
    ["change", "#Change", (entry, role) => collide.views.runs.ends(entry, role)[2]],
    ["worst", "#Worst step", (entry, role) => collide.views.runs.worst(entry, role)[0]],
    ["accepted", "#Accepted", (entry) => (entry.decisions ? entry.decisions.filter((d) => d === true).length : null)],
    ["missing", "#Missing", (entry) => entry.missing],
    ["calls", "#Calls", (entry) => entry.calls],
    ["cost", "#Cost", (entry) => entry.cost],
  ],
  state: { sort: "run", down: false, filter: "" },

  // Return the first and last test score, and their difference.
  ends(entry, role) {
    const values = (((entry.scores || {}).test || {})[role] || []).filter((value) => value !== null);
    if (!values.length) return [null, null, null];
    return [values[0], values[values.length - 1], values[values.length - 1] - values[0]];
  },

  // Return the change of the test score in the step that cost most, and the number of this step.
  worst(entry, role) {
    const values = ((entry.scores || {}).test || {})[role] || [];
    const sign = this.roles[role].higher_is_better ? 1 : -1;
    return values.map((value, step) => [collide.minus(value, values[step - 1]), step])
      .filter(([change]) => change !== null && sign * change < 0)
      .sort(([a], [b]) => sign * (a - b))[0] || [null, null];
  },

  async show(view, parts, query) {
    const index = await collide.load("index");
    this.roles = index.roles;
    if (query.has("filter")) this.state.filter = query.get("filter");
    else if (parts.length) this.state.filter = parts.join("/");
    const body = collide.make("div", {});
    const fill = () => body.replaceChildren(this.list(index, () => fill()));
    const finished = index.runs.filter((entry) => entry.state === "finished").length;
    const filter = collide.make("input", { type: "search", id: "filter", value: this.state.filter, placeholder: "main SSC mae", oninput: (event) => { this.state.filter = event.target.value; fill(); } });
    view.replaceChildren(
      collide.make("h1", {}, "All runs"),
      collide.make("p", {}, `${finished} of ${index.runs.length} runs have ended. `, "Each run optimizes a judge prompt in steps; the line is its agreement with humans on the test pairs, and a mark below each step shows the decision of the gate."),
      collide.make("div", { class: "choices" },
        collide.make("label", { class: "choice", for: "filter" }, "Filter "), filter,
        collide.choose("Metric", collide.listRoles(index.roles), collide.kept.role, (role) => { collide.kept.role = role; fill(); }),
        index.claims ? collide.make("a", { href: "../claims.html" }, "Claims of the paper") : null),
      body,
      index.left_out.length ? collide.make("details", {}, collide.make("summary", {}, `${index.left_out.length} folders left out`), collide.make("ul", {}, index.left_out.map((text) => collide.make("li", {}, text)))) : null);
    fill();
  },

  select(index) {
    const words = this.state.filter.toLowerCase().split(/[\s/]+/).filter(Boolean);
    const found = index.runs.filter((entry) => {
      const parts = entry.run.toLowerCase().split("/");
      return words.every((word) => parts.some((part) => part === word || part.startsWith(word)) || entry.state.startsWith(word));
    });
    const value = this.COLUMNS.find(([name]) => name === this.state.sort)[2];
    // The order of the design.
    if (this.state.sort === "run") return this.state.down ? found.reverse() : found;
    const sign = this.state.down ? -1 : 1;
    const keys = new Map(found.map((entry) => [entry, value(entry, collide.kept.role)]));
    // Runs without a value come last in both directions.
    return found.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (x === null || x === undefined || y === null || y === undefined) return (x === null || x === undefined) - (y === null || y === undefined);
      return sign * (x - y);
    });
  },

  list(index, refill) {
    const entries = this.select(index);
    if (!entries.length) return collide.make("p", {}, "No run fits the filter.");
    const role = collide.kept.role;
    const range = collide.charts.range(index.runs.map((entry) => ((entry.scores || {}).test || {})[role] || []));
    const head = this.COLUMNS.map(([name, text]) => collide.make("th", { scope: "col", class: text.startsWith("#") ? "number" : null, "aria-sort": name && name === this.state.sort ? (this.state.down ? "descending" : "ascending") : null },
      name ? collide.make("button", { type: "button", onclick: () => { this.state.down = name === this.state.sort && !this.state.down; this.state.sort = name; refill(); } }, text.replace("#", ""), name === this.state.sort ? (this.state.down ? " ▼" : " ▲") : "") : text));
    return collide.scroll("All runs", collide.make("table", { class: "runs" },
      collide.make("caption", {}, `${entries.length} runs; ${collide.listRoles(index.roles).find(([name]) => name === role)[1]}, mean over criteria`),
      collide.make("thead", {}, collide.make("tr", {}, head)),
      collide.make("tbody", {}, entries.map((entry) => this.row(entry, role, range)))));
  },

  row(entry, role, range) {
    const cell = (text) => collide.make("td", { class: "number" }, text);
    if (!entry.decisions) {
      const why = entry.why ? `: ${entry.why}` : "";
      return collide.make("tr", { class: "absent" }, collide.make("th", { scope: "row" }, entry.run), collide.make("td", { colspan: this.COLUMNS.length - 1 }, entry.state + why));
    }
    const [initial, final, change] = this.ends(entry, role);
    const better = change !== null && (this.roles[role].higher_is_better ? change > 0 : change < 0);
    const worst = this.worst(entry, role);
    return collide.make("tr", {},
      collide.make("th", { scope: "row" }, collide.link(entry.run, "run", entry.run), entry.state === "finished" ? null : collide.make("span", { class: "also" }, "not evaluated yet")),
      collide.make("td", {}, collide.charts.small(entry, role, range)),
      cell(collide.number(initial)), cell(collide.number(final)),
      collide.make("td", { class: `number ${change ? (better ? "better" : "worse") : ""}` }, collide.signed(change)),
      cell(worst[1] === null ? "–" : [collide.signed(worst[0]), " ", collide.link(`step ${worst[1]}`, "run", entry.run, "step", worst[1])]),
      cell(`${entry.decisions.filter((decision) => decision === true).length} of ${entry.steps}`),
      cell(collide.share(entry.missing)), cell(entry.calls === null || entry.calls === undefined ? "–" : entry.calls.toLocaleString("en")), cell(collide.money(entry.cost)));
  },
};
