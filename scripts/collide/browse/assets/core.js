// Shared parts: data loaded as scripts, elements made without markup, numbers and addresses as text.
"use strict";

const collide = { views: {}, waiting: new Map(), loaded: new Map() };

// Called by each data file when the browser has loaded it.
collide.receive = (name, data) => {
  collide.loaded.set(name, data);
};

// Return a promise of data/{name}.js. Only the first call loads the file.
collide.load = (name) => {
  if (!collide.waiting.has(name)) {
    collide.waiting.set(name, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = "data/" + name.split("/").map(encodeURIComponent).join("/") + ".js";
      script.onload = () => (collide.loaded.has(name) ? resolve(collide.loaded.get(name)) : reject(new Error(`data/${name}.js is damaged`)));
      script.onerror = () => reject(new Error(`data/${name}.js does not exist; run snakemake browse again`));
      document.head.append(script);
    }));
  }
  return collide.waiting.get(name);
};

// Return an element. Children that are strings become text nodes, so that data is never read as markup.
collide.make = (tag, attributes = {}, ...children) => {
  const svg = collide.make.svg.has(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return node;
};
collide.make.svg = new Set(["svg", "g", "path", "line", "circle", "rect", "text", "title", "polyline"]);

// Return the address of a view: its parts follow one another, so that a link holds after the pages are made anew.
collide.address = (...parts) => "#/" + parts.map((part) => String(part).split("/").map(encodeURIComponent).join("/")).join("/");

collide.link = (text, ...parts) => collide.make("a", { href: collide.address(...parts) }, text);

// Return a number with three decimals, or a dash where it is missing.
collide.number = (value, digits = 3) => (value === null || value === undefined ? "–" : value.toFixed(digits));

collide.share = (value) => (value === null || value === undefined ? "–" : (100 * value).toFixed(1) + "%");

collide.signed = (value, digits = 3) => (value === null || value === undefined ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(digits));

// Return a difference, or null where one of the numbers is missing.
collide.minus = (a, b) => (a === null || a === undefined || b === null || b === undefined ? null : a - b);

collide.money = (value) => (value === null || value === undefined ? "–" : "$" + value.toFixed(value && value < 0.01 ? 4 : 2));

// Return a table. `columns` are headings; those that begin with # are of numbers.
collide.table = (caption, columns, rows, attributes = {}) => collide.make("table", attributes,
  collide.make("caption", {}, caption),
  collide.make("thead", {}, collide.make("tr", {}, columns.map((name) => collide.make("th", { scope: "col", class: name.startsWith("#") ? "number" : null }, name.replace(/^#/, ""))))),
  collide.make("tbody", {}, rows.map((cells) => collide.make("tr", {}, cells.map((cell, index) => (cell instanceof HTMLTableCellElement ? cell : collide.make("td", { class: columns[index].startsWith("#") ? "number" : null }, cell)))))));

// A wide table scrolls within its box, which the keyboard can reach.
collide.scroll = (name, node) => collide.make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name }, node);

// Return a labelled list of choices; `choices` are [value, text].
collide.choose = (label, choices, chosen, onchange) => collide.make("label", { class: "choice" }, label + " ",
  collide.make("select", { onchange: (event) => onchange(event.target.value) },
    choices.map(([value, text]) => collide.make("option", { value, selected: String(value) === String(chosen) }, text))));

// Choices that stay while the reader goes from view to view.
collide.kept = { role: "spearman", criterion: "average" };

collide.GATE_MARKS = { true: ["●", "accepted"], false: ["✕", "rejected"] };

collide.runPath = (run) => ["run", run];

collide.listRoles = (roles) => Object.entries(roles).map(([name, facts]) => [name, facts.label]);
