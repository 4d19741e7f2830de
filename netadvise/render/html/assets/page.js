"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  for (const tools of all(".tools")) tools.hidden = false;

  // the theme: the system's, or one of two
  const themes = ["system", "light", "dark"];
  const theme = one("#theme");
  const setTheme = (name) => {
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = "Theme: " + name;
  };
  let kept = null;
  try { kept = localStorage.getItem("netadvise-theme"); } catch { /* a page without storage forgets it */ }
  theme.hidden = false;
  setTheme(themes.includes(kept) ? kept : "system");
  theme.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || "system";
    const next = themes[(themes.indexOf(now) + 1) % themes.length];
    setTheme(next);
    try { localStorage.setItem("netadvise-theme", next); } catch { /* as above */ }
  });

  // a link into something that is folded opens it
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let at = target.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.hidden = false;
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);

  // the table of layers
  const table = one("#layer-table");
  if (table) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const order = new Map(rows.map((row, place) => [row, place]));
    const collator = new Intl.Collator("en", { numeric: true });
    const heads = all("thead th", table);
    const compare = (column) => (one, other) => {
      const [a, b] = [one.cells[column], other.cells[column]];
      if (a.dataset.k !== undefined) return Number(a.dataset.k) - Number(b.dataset.k);
      return collator.compare(a.textContent, b.textContent);
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", () => {
        // numbers are asked for largest first
        const numbers = rows.length > 0 && rows[0].cells[column].dataset.k !== undefined;
        const turns = numbers ? ["descending", "ascending", ""] : ["ascending", "descending", ""];
        const turn = turns[(turns.indexOf(head.getAttribute("aria-sort") || "") + 1) % 3];
        for (const other of heads) other.removeAttribute("aria-sort");
        if (turn) head.setAttribute("aria-sort", turn);
        const by = compare(column), sign = turn === "descending" ? -1 : 1;
        const sorted = turn ? rows.slice().sort((a, b) => sign * by(a, b) || order.get(a) - order.get(b)) : rows;
        body.append(...sorted);
      });
    });
    const search = one("#search"), count = one("#count");
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, place) => {
        const fits = words.every((word) => texts[place].includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        shown += fits;
      });
      count.textContent = words.length ? shown + " of " + rows.length + " rows" : "";
    };
    search.addEventListener("input", filter);
    filter();
  }

  // the network: what a quantity amounts to, folding, and the data flow between what is shown
  const net = one(".net");
  if (net) {
    const quantity = one("#quantity"), values = all(".val", net);
    const bars = values.map((value) => document.createElement("i"));
    const show = () => {
      const place = Number(quantity.value);
      one("#quantity-name").textContent = quantity.selectedOptions[0].textContent;
      values.forEach((value, index) => {
        const share = Number(value.dataset.s.split("|")[place]);
        value.textContent = value.dataset.t.split("|")[place];
        bars[index].style.transform = "scaleX(" + share / 100 + ")";
        if (share) value.append(bars[index]);
      });
    };
    quantity.addEventListener("change", show);
    show();

    const blocks = all("details", net);
    const level = (block) => { let depth = 0; for (let at = block; at !== net; at = at.parentElement) depth += at.tagName === "DETAILS"; return depth; };
    const folds = {
      all: () => blocks.forEach((block) => { block.open = false; }),
      none: () => blocks.forEach((block) => { block.open = true; }),
      more: () => {
        const closed = blocks.filter((block) => !block.open);
        const first = Math.min(...closed.map(level));
        closed.filter((block) => level(block) === first).forEach((block) => { block.open = true; });
      },
    };
    for (const button of all("[data-fold]")) button.addEventListener("click", () => folds[button.dataset.fold]());

    if ("flows" in net.dataset) {
      const svg = (tag, attributes) => {
        const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
        for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
        return made;
      };
      const lanes = svg("svg", { class: "lanes", "aria-hidden": "true" });
      net.append(lanes);
      const leaves = all(".leaf[data-r]", net);
      const MOST = 14, STEP = 9;

      // the row that stands for a leaf: itself, or the outermost folded block around it
      const standing = (leaf) => {
        let row = leaf;
        for (let at = leaf.parentElement; at !== net; at = at.parentElement) {
          if (at.tagName === "DETAILS" && !at.open) row = at.firstElementChild;
        }
        return row;
      };
      let marks = new Map();
      const draw = () => {
        const rows = [], place = new Map(), at = new Map();
        for (const leaf of leaves) {
          const row = standing(leaf);
          if (!place.has(row)) { place.set(row, rows.length); rows.push(row); }
          at.set(leaf.id.slice(1), place.get(row));
        }
        const reached = rows.map(() => new Set());
        for (const leaf of leaves) {
          const to = at.get(leaf.id.slice(1));
          for (const read of leaf.dataset.r.split(" ").filter(Boolean)) {
            const from = at.get(read);
            if (from !== undefined && from !== to) reached[from].add(to);
          }
        }
        // short ways go next to the column; all that one row sends off shares a lane
        const long = [];
        reached.forEach((targets, from) => {
          const far = Array.from(targets).filter((to) => to > from + 1);
          if (far.length) long.push({ from, far, end: Math.max(...far) });
        });
        long.sort((a, b) => (a.end - a.from) - (b.end - b.from) || a.from - b.from);
        const taken = [];
        for (const way of long) {
          let lane = taken.findIndex((spans) => spans.every(([a, b]) => b <= way.from || a >= way.end));
          if (lane < 0) { lane = taken.length; taken.push([]); }
          taken[lane].push([way.from, way.end]);
          way.lane = lane % MOST;
        }
        const column = 14 + STEP * Math.min(MOST, taken.length);
        net.style.setProperty("--gutter", column + 14 + "px");
        const top = net.getBoundingClientRect().top + net.clientTop;
        const ys = rows.map((row) => { const box = row.getBoundingClientRect(); return box.top + Math.min(box.height, 28) / 2 - top; });
        marks = new Map(rows.map((row) => [row, []]));
        const parts = [];
        const add = (from, to, part) => {
          parts.push(part);
          marks.get(rows[from]).push(part);
          marks.get(rows[to]).push(part);
        };
        reached.forEach((targets, from) => {
          if (targets.has(from + 1)) add(from, from + 1, svg("path", { d: `M${column} ${ys[from]}V${ys[from + 1]}` }));
        });
        for (const way of long) {
          const x = column - 8 - STEP * way.lane;
          for (const to of way.far) {
            const [a, b] = [ys[way.from], ys[to]], r = Math.min(9, (b - a) / 2);
            add(way.from, to, svg("path", { d: `M${column} ${a}Q${x} ${a} ${x} ${a + r}V${b - r}Q${x} ${b} ${column - 4} ${b}` }));
          }
        }
        ys.forEach((y) => parts.push(svg("circle", { cx: column, cy: y, r: 3 })));
        lanes.setAttribute("width", column + 8);
        lanes.setAttribute("height", net.scrollHeight);
        lanes.replaceChildren(...parts);
      };
      let asked = 0;
      const redraw = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(draw); };
      net.addEventListener("toggle", redraw, true);
      new ResizeObserver(redraw).observe(net);
      const light = (event, on) => {
        const row = event.target.closest && event.target.closest(".row");
        for (const part of marks.get(row) || []) part.classList.toggle("on", on);
      };
      for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
        net.addEventListener(name, (event) => light(event, on));
      }
      draw();
    }
  }
  reveal();
})();
