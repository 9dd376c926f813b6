// Search over all texts of one run: instructions, candidates, critiques, textual gradients, and texts of its pairs.
"use strict";

collide.views.search = {
  MOST: 200,
  AROUND: 90,

  // Parts of the address: the run, and the words to look for.
  async show(view, parts) {
    const run = parts.slice(0, 4).join("/");
    const data = await collide.load(`runs/${run}`);
    const texts = await collide.views.run.loadTexts(data);
    const passages = this.collect(data, texts);
    const found = collide.make("div", { "aria-live": "polite" });
    const input = collide.make("input", { type: "search", id: "words", value: parts.slice(4).join("/"), oninput: (event) => {
      const words = event.target.value;
      found.replaceChildren(this.list(passages, words));
      // A link to this search, without a further entry in the history for each letter.
      history.replaceState(null, "", collide.address("search", run) + (words ? "/" + encodeURIComponent(words) : ""));
    } });
    view.replaceChildren(collide.make("h1", {}, `Search ${run}`),
      collide.make("div", { class: "choices" }, collide.make("label", { for: "words" }, "Words "), input), found);
    found.replaceChildren(this.list(passages, input.value));
    input.focus();
  },

  // Return all texts as {kind, text, parts}; parts are the address.
  collect(data, texts) {
    const found = [];
    const seen = new Set();
    const add = (kind, text, ...parts) => { if (text) found.push({ kind, text, lower: text.toLowerCase(), parts }); };
    data.steps.forEach((step, number) => {
      const address = ["run", data.run, "step", number];
      for (const [name, text] of Object.entries(step.candidate || step.instructions)) add(`Step ${number}: ${step.candidate ? "candidate" : "instruction"}, ${name}`, text, ...address);
      for (const [kind, list] of [["critique", step.critiques], ["textual gradient", step.gradients]]) {
        for (const message of list || []) add(`Step ${number}: ${kind}, ${message.criteria.join(", ")}, ${message.pair}`, message.text, ...address, ...(step.batch.includes(message.pair) ? ["pair", message.pair] : []));
      }
      if (step.gate) add(`Step ${number}: reason of the gate`, step.gate.reason, ...address);
      for (const pair of step.batch || []) this.addPair(add, seen, texts, pair, address);
    });
    return found;
  },

  addPair(add, seen, texts, pair, address) {
    const known = texts && (texts.pairs[pair] || texts.pairs[pair.replace(/\/expert\d+$/, "")]);
    if (!known || seen.has(pair)) return;
    seen.add(pair);
    known[0].forEach((place, number) => add(`${texts.inputs[number] || "input"} of ${pair}`, texts.texts[place], ...address, "pair", pair));
    add(`${texts.output} of ${pair}`, texts.texts[known[1]], ...address, "pair", pair);
  },

  list(passages, words) {
    const wanted = words.trim().toLowerCase();
    if (wanted.length < 2) return collide.make("p", {}, `${passages.length} texts. Type at least two letters.`);
    const hits = passages.filter((passage) => passage.lower.includes(wanted));
    return collide.make("div", {}, collide.make("p", {}, `${hits.length} texts` + (hits.length > this.MOST ? `, of which ${this.MOST} are shown` : "")),
      collide.make("ul", {}, hits.slice(0, this.MOST).map((hit) => this.hit(hit, wanted))));
  },

  hit({ kind, text, lower, parts }, wanted) {
    const start = lower.indexOf(wanted);
    const [from, to] = [Math.max(0, start - this.AROUND), start + wanted.length + this.AROUND];
    return collide.make("li", {}, collide.link(kind, ...parts), ": ", from > 0 ? "…" : "", text.slice(from, start),
      collide.make("mark", {}, text.slice(start, start + wanted.length)), text.slice(start + wanted.length, to), to < text.length ? "…" : "");
  },
};
