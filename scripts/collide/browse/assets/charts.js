// Charts as inline SVG: small ones for the list of runs, a large one for a run, and the grid of ratings.
"use strict";

collide.charts = {
  range(lists) {
    const values = lists.flat().filter((value) => value !== null && value !== undefined);
    if (!values.length) return [0, 1];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const edge = (high - low || 0.1) * 0.08;
    return [low - edge, high + edge];
  },

  // Return the path of a line that is interrupted where values are missing.
  line(values, x, y) {
    let pen = false;
    return values.map((value, step) => {
      if (value === null || value === undefined) { pen = false; return ""; }
      const command = `${pen ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
      return command;
    }).join("");
  },

  small(entry, role, [low, high]) {
    const values = (entry.scores.test || {})[role] || [];
    const [width, height] = [150, 44];
    const x = (step) => 5 + (step * (width - 10)) / Math.max(1, entry.steps);
    const y = (value) => 4 + (1 - (value - low) / (high - low)) * (height - 16);
    const accepted = entry.decisions.filter((decision) => decision === true).length;
    const known = values.filter((value) => value !== null);
    const said = `${role} on test from ${collide.number(known[0])} to ${collide.number(known[known.length - 1])}, ${accepted} of ${entry.steps} candidates accepted`;
    return collide.make("svg", { class: "small", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": said },
      collide.make("path", { d: this.line(values, x, y), class: "curve test" }),
      entry.decisions.map((decision, step) => (step ? this.mark(decision, x(step), height - 5, 2.4) : null)));
  },

  mark(decision, x, y, r) {
    if (decision === true) return collide.make("circle", { cx: x, cy: y, r, class: "accepted" });
    return collide.make("path", { d: `M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}`, class: decision === false ? "rejected" : "none" });
  },

  // The large chart. `curves` are {name, kind, values}; `onstep` is called with a step that was clicked.
  large(curves, decisions, chosen, label, onstep) {
    const [width, height, left, bottom] = [820, 270, 52, 44];
    const steps = Math.max(1, decisions.length - 1);
    const [low, high] = this.range(curves.map((curve) => curve.values));
    const x = (step) => left + 8 + (step * (width - left - 24)) / steps;
    const y = (value) => 8 + (1 - (value - low) / (high - low)) * (height - bottom - 12);
    const ticks = [0, 1, 2, 3, 4].map((part) => low + ((high - low) * part) / 4);
    return collide.make("svg", { class: "large", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${label} by step; the table below the chart has the values` },
      ticks.map((tick) => [
        collide.make("line", { x1: left, x2: width - 10, y1: y(tick), y2: y(tick), class: "rule" }),
        collide.make("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, collide.number(tick, 2)),
      ]),
      decisions.map((decision, step) => collide.make("g", { class: "step" + (step === chosen ? " chosen" : ""), onclick: () => onstep(step) },
        collide.make("title", {}, `Step ${step}` + (decision === null || decision === undefined ? "" : `, candidate ${collide.GATE_MARKS[decision][1]}`)),
        collide.make("rect", { x: x(step) - (width - left) / steps / 2, y: 0, width: (width - left) / steps, height }),
        collide.make("text", { x: x(step), y: height - 22, "text-anchor": "middle" }, String(step)),
        step ? this.mark(decision, x(step), height - 9, 4) : null)),
      curves.map((curve) => [
        collide.make("path", { d: this.line(curve.values, x, y), class: `curve ${curve.kind}` }),
        curve.values.map((value, step) => (value === null || value === undefined ? null : collide.make("circle", { cx: x(step), cy: y(value), r: 2.6, class: `point ${curve.kind}` }))),
      ]));
  },

  legend(curves) {
    return collide.make("p", { class: "legend" },
      curves.map((curve) => [collide.make("span", { class: `key ${curve.kind}`, "aria-hidden": "true" }), curve.name + "  "]),
      collide.make("span", { class: "accepted" }, "● "), "candidate accepted  ", collide.make("span", { class: "rejected" }, "✕ "), "rejected");
  },
};
