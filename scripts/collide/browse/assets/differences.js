// Differences between two texts by sentence and, where sentences differ, by word, from the longest common subsequence.
"use strict";

collide.differences = {
  // A table of more cells would take too much memory; longer passages count as replaced.
  MOST_CELLS: 4e6,

  split(text, bySentence) {
    return text.match(bySentence ? /[^.!?\n]+[.!?\n]*\s*/g : /\s+|[\p{L}\p{N}_'’-]+|[^\s\p{L}\p{N}_'’-]/gu) || [];
  },

  // Return a list of [kind, text]; kind is "same", "removed" or "added".
  compare(before, after) {
    const sentences = this.alignOrReplace(this.split(before, true), this.split(after, true));
    return this.join(this.group(sentences).flatMap(({ same, removed, added }) => (same ? [["same", same]] : this.alignOrReplace(this.split(removed), this.split(added)))));
  },

  // Return sentences as {same} or {removed, added}: equal sentences keep their words together, others are compared by word.
  group(parts) {
    const groups = [];
    for (const [kind, text] of parts) {
      const last = groups[groups.length - 1];
      if (kind === "same") groups.push({ same: text });
      else if (last && !last.same) last[kind] += text;
      else groups.push({ removed: "", added: "", [kind]: text });
    }
    return groups;
  },

  alignOrReplace(a, b) {
    if (a.length * b.length > this.MOST_CELLS) return [["removed", a.join("")], ["added", b.join("")]];
    return this.align(a, b);
  },

  align(a, b) {
    const width = b.length + 1;
    const lengths = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    const found = [];
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) found.push(["same", a[i++]]) && j++;
      else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) found.push(["removed", a[i++]]);
      else found.push(["added", b[j++]]);
    }
    return found;
  },

  // Fewer characters in common between two changes are chance, such as "the".
  SHORTEST: 8,

  // Join neighbours of one kind. A short passage between two changes counts as changed, so that changed passages stay whole.
  join(parts) {
    const whole = this.joinSame(parts);
    const marked = whole.flatMap(([kind, text], index) => {
      const between = kind === "same" && text.trim().length < this.SHORTEST && index > 0 && index + 1 < whole.length;
      return between ? [["removed", text], ["added", text]] : [[kind, text]];
    });
    const joined = [];
    let changes = { removed: "", added: "" };
    const flush = () => {
      for (const kind of ["removed", "added"]) if (changes[kind]) joined.push([kind, changes[kind]]);
      changes = { removed: "", added: "" };
    };
    for (const [kind, text] of marked) {
      if (kind !== "same") changes[kind] += text;
      else {
        flush();
        if (joined.length && joined[joined.length - 1][0] === "same") joined[joined.length - 1][1] += text;
        else joined.push([kind, text]);
      }
    }
    flush();
    return joined;
  },

  joinSame(parts) {
    const joined = [];
    for (const [kind, text] of parts) {
      const last = joined[joined.length - 1];
      if (kind === "same" && last && last[0] === "same") last[1] += text;
      else joined.push([kind, text]);
    }
    return joined;
  },

  // Return a paragraph that marks removed and added words; <del> and <ins> have a meaning for screen readers, too.
  show(before, after) {
    if (before === after) return collide.make("p", { class: "text" }, after);
    const tags = { same: "span", removed: "del", added: "ins" };
    return collide.make("p", { class: "text" }, this.compare(before, after).map(([kind, text]) => collide.make(tags[kind], {}, text)));
  },
};
