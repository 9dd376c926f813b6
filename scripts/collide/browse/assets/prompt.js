// One prompt: ratings against human scores, calibration, halo, and the pairs that it rates better or worse than another prompt.
"use strict";

collide.views.prompt = {
  MOST: 10,

  // Parts of the address: the run, the prompt, and, if chosen, split, criterion, the prompt to compare with, "pair" and a pair.
  async show(view, parts) {
    const run = parts.slice(0, 4).join("/");
    const data = await collide.load(`runs/${run}`);
    const texts = await collide.views.run.loadTexts(data);
    const prompt = parts[4];
    const splits = Object.keys(data.ratings.prompts[prompt] || {});
    if (!splits.length) {
      view.replaceChildren(collide.make("h1", {}, `Prompt ${prompt}`), collide.make("p", {}, "This prompt has no ratings yet, or is a rejected candidate without validation."));
      return;
    }
    const split = splits.includes(parts[5]) ? parts[5] : splits[0];
    const others = this.list(data).filter((entry) => entry.prompt !== prompt && (data.ratings.prompts[entry.prompt] || {})[split]);
    const chosen = {
      data, texts, prompt, split,
      criterion: data.criteria.find(({ name }) => name === parts[6]) || data.criteria[0],
      other: (others.find((entry) => entry.prompt === parts[7]) || this.before(data, prompt, others) || {}).prompt,
      part: data.ratings.prompts[prompt][split],
    };
    view.replaceChildren(this.head(chosen, splits, others), this.grid(chosen), this.halo(chosen), this.changes(chosen));
    if (parts[8] === "pair") collide.views.run.open(view, parts.slice(9).join("/"));
  },

  // Return the prompts of a run with a name for each, in the order of steps.
  list(data) {
    const found = new Map();
    data.steps.forEach((step, number) => {
      if (step.candidate_prompt && !found.has(step.candidate_prompt)) found.set(step.candidate_prompt, { prompt: step.candidate_prompt, step: number, name: `step ${number}, ${step.gate.accepted ? "in force" : "rejected candidate"}` });
      if (!found.has(step.prompt)) found.set(step.prompt, { prompt: step.prompt, step: number, name: number ? `step ${number}, in force` : "initial prompt" });
    });
    return [...found.values()];
  },

  // A prompt is compared with the one in force before it, the initial prompt with the last one.
  before(data, prompt, others) {
    const own = this.list(data).find((entry) => entry.prompt === prompt);
    const earlier = own && own.step > 0 ? data.steps[own.step - 1].prompt : data.steps[data.steps.length - 1].prompt;
    return others.find((entry) => entry.prompt === earlier) || others[0];
  },

  head({ data, prompt, split, criterion, other }, splits, others) {
    const own = this.list(data).find((entry) => entry.prompt === prompt);
    const go = (change) => {
      const next = { split, criterion: criterion.name, other: other || "", prompt, ...change };
      location.hash = collide.address("prompt", data.run, next.prompt, next.split, next.criterion, ...(next.other ? [next.other] : []));
    };
    const known = this.list(data).filter((entry) => data.ratings.prompts[entry.prompt]);
    return collide.make("div", {},
      collide.make("h1", {}, `Prompt ${prompt}`),
      collide.make("p", {}, `${own ? own.name[0].toUpperCase() + own.name.slice(1) : "Unknown"}; run `, collide.link(data.run, "run", data.run, "step", own ? own.step : 0)),
      collide.make("div", { class: "choices" },
        collide.choose("Prompt", known.map((entry) => [entry.prompt, entry.name]), prompt, (value) => go({ prompt: value, other: "" })),
        collide.choose("Split", splits.map((name) => [name, name]), split, (value) => go({ split: value })),
        collide.choose("Criterion", data.criteria.map(({ name }) => [name, name]), criterion.name, (value) => go({ criterion: value })),
        others.length ? collide.choose("Compare with", others.map((entry) => [entry.prompt, entry.name]), other, (value) => go({ other: value })) : null));
  },

  // Return counts by human score, rounded to the nearest rating, and by the judge's rating.
  count({ part, data, split, criterion }) {
    const human = data.ratings.human[split][criterion.name];
    const counts = criterion.values.map(() => criterion.values.map(() => 0));
    const sums = criterion.values.map(() => [0, 0]);
    part.ratings[criterion.name].forEach((rating, pair) => {
      if (rating === null || human[pair] === null || human[pair] === undefined) return;
      const column = criterion.values.indexOf(rating);
      const row = criterion.values.reduce((best, value, place) => (Math.abs(value - human[pair]) < Math.abs(criterion.values[best] - human[pair]) ? place : best), 0);
      counts[row][column] += 1;
      sums[column][0] += human[pair];
      sums[column][1] += 1;
    });
    return { counts, sums };
  },

  grid(chosen) {
    const { criterion, part } = chosen;
    const { counts, sums } = this.count(chosen);
    const most = Math.max(1, ...counts.flat());
    const missing = part.ratings[criterion.name].filter((rating) => rating === null).length;
    const rows = counts.map((row, place) => ({ row, place })).reverse().map(({ row, place }) => [
      collide.make("th", { scope: "row" }, `human ${criterion.labels[place]}`),
      ...row.map((count, column) => collide.make("td", { class: column === place ? "diagonal" : null, style: `background: rgba(var(--cell), ${(0.45 * count) / most})` }, count)),
    ]);
    const calibration = criterion.nominal ? [] : [[collide.make("th", { scope: "row" }, "mean human score"), ...sums.map(([sum, n]) => collide.make("td", {}, n ? (sum / n).toFixed(2) : "–"))]];
    return collide.make("section", { "aria-label": "Predictions" },
      collide.make("h2", {}, `Ratings against human scores: ${criterion.name}`),
      collide.scroll("Ratings against human scores", collide.table(`Number of pairs; missing: ${missing}. Human scores are rounded to the nearest rating. The last row is the calibration: for a calibrated judge it equals the rating.`,
        ["Human score", ...criterion.labels.map((label) => `#judge ${label}`)], [...rows, ...calibration], { class: "grid" })));
  },

  halo({ data, split, part }) {
    const human = data.ratings.human_halo[split] || {};
    const rows = [
      ["Share of pairs with the same rating on all criteria", collide.number(part.halo.equal_ratings), collide.number(human.equal_ratings)],
      ["Mean Spearman correlation between criteria", collide.number(part.halo.criteria_correlation), collide.number(human.criteria_correlation)],
    ];
    return collide.make("section", { "aria-label": "Halo" }, collide.make("h2", {}, "Halo"),
      collide.table("How alike the ratings of different criteria are; needs two criteria with an order", ["Measure", "#This prompt", "#Human scores"], rows));
  },

  changes(chosen) {
    const { data, split, criterion, other, part } = chosen;
    if (!other) return collide.make("p", {}, "No other prompt of this run has ratings of these pairs.");
    const human = data.ratings.human[split][criterion.name];
    const before = data.ratings.prompts[other][split].ratings[criterion.name];
    const now = part.ratings[criterion.name];
    const size = (rating, place) => { const error = collide.error(criterion, rating, human[place]); return error === null ? null : Math.abs(error); };
    const found = data.ratings.pairs[split].map((pair, place) => ({ pair, place, before: size(before[place], place), now: size(now[place], place) }))
      .filter((entry) => entry.before !== null && entry.now !== null)
      .map((entry) => ({ ...entry, change: entry.now - entry.before })).sort((a, b) => a.change - b.change);
    const helped = found.filter((entry) => entry.change < 0);
    const hurt = found.filter((entry) => entry.change > 0).reverse();
    const name = this.list(data).find((entry) => entry.prompt === other).name;
    const section = (title, entries) => collide.make("div", {}, collide.make("h3", {}, `${title}: ${entries.length} of ${found.length} pairs`),
      entries.slice(0, this.MOST).map((entry) => this.pair(chosen, entry, before, now, human)));
    return collide.make("section", { "aria-label": "Pairs" },
      collide.make("h2", {}, `Change of the error against ${name}`),
      collide.make("div", { class: "two" }, section("Helped", helped), section("Hurt", hurt)));
  },

  pair({ data, texts, prompt, split, criterion, other }, entry, before, now, human) {
    const show = (rating) => collide.rated(criterion, rating);
    return collide.make("article", { class: "card", "data-pair": entry.pair },
      collide.make("h4", {}, collide.link(entry.pair, "prompt", data.run, prompt, split, criterion.name, other, "pair", entry.pair)),
      collide.make("p", {}, `Human ${show(human[entry.place])}; judge ${show(before[entry.place])} → ${show(now[entry.place])}; error ${collide.signed(entry.change, 2)}.`),
      collide.pairTexts(texts, entry.pair));
  },
};
