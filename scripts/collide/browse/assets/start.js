// The address after # names the view; each change of it shows another one. Keys move between steps and runs.
"use strict";

collide.parse = () => {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  return { view: parts[0] in collide.views ? parts[0] : "runs", parts: parts.slice(1), query: new URLSearchParams(query || "") };
};

collide.show = async () => {
  const { view, parts, query } = collide.parse();
  const main = document.getElementById("view");
  try {
    const index = await collide.load("index");
    collide.showFrame(index, view, parts);
    await collide.views[view].show(main, parts, query);
    main.dataset.shown = location.hash;
  } catch (error) {
    main.replaceChildren(collide.make("h1", {}, "This view cannot be shown"), collide.make("p", {}, error.message), collide.make("p", {}, collide.link("All runs", "runs")));
  }
  document.title = [main.querySelector("h1").textContent, collide.loaded.get("index")?.notice ? "SIMULATED" : "", "runs"].filter(Boolean).join(" – ");
};

// The line of places and the notice of simulated replies stand above every view.
collide.showFrame = (index, view, parts) => {
  const notice = document.getElementById("notice");
  notice.textContent = index.notice;
  notice.hidden = !index.notice;
  const run = view === "runs" ? null : parts.slice(0, 4).join("/");
  document.getElementById("places").replaceChildren(...(run ? [" / ", collide.link(run, "run", run)] : []),
    ...(index.claims ? [" · ", collide.make("a", { href: "../claims.html" }, "Claims of the paper")] : []));
};

// Return the address that a key leads to from here, or null.
collide.follow = (key) => {
  const { view, parts } = collide.parse();
  const run = parts.slice(0, 4).join("/");
  if (key === "u") return view === "runs" ? null : view === "run" ? "#/runs" : collide.address("run", run);
  if (view !== "run" || !["j", "k"].includes(key)) return null;
  const steps = collide.loaded.get(`runs/${run}`)?.steps.length || 1;
  const step = Number(parts[5] || 0) + (key === "j" ? 1 : -1);
  return step >= 0 && step < steps ? collide.address("run", run, "step", step) : null;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const { view, parts } = collide.parse();
  if (event.key === "/") {
    event.preventDefault();
    if (view === "runs") document.getElementById("filter").focus();
    else location.hash = collide.address("search", parts.slice(0, 4).join("/"));
    return;
  }
  if (view === "runs" && ["j", "k"].includes(event.key)) {
    const links = [...document.querySelectorAll("table.runs th a")];
    const place = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    links[Math.max(0, Math.min(place, links.length - 1))]?.focus();
    return;
  }
  const address = collide.follow(event.key);
  if (address) location.hash = address;
});

document.getElementById("skip").addEventListener("click", (event) => {
  // The address is that of the view, so that the link must not replace it.
  event.preventDefault();
  document.getElementById("view").focus();
});
window.addEventListener("hashchange", async () => {
  window.scrollTo(0, 0);
  await collide.show();
});
collide.show();
