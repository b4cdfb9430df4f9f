// Comfort for readers with script; every page says all it has to say without.
"use strict";
document.documentElement.dataset.script = "";

// The columns of the table under a chart.
const columns = ["from", "share", "interval", "n", "authors", "agree", "disagree", "discuss"];

// Reading a chart: a line follows the pointer or the arrow keys, and a sentence says what stands there. The numbers are
// those of the table under the chart.
function readable(figure) {
  const rows = [...figure.querySelectorAll("table[data-readout] tbody tr")];
  const out = figure.querySelector("output");
  if (!rows.length || !out) return;
  const words = figure.querySelector("table[data-readout]").dataset.readout;
  const say = (i) => {
    const cell = (name) => rows[i].cells[columns.indexOf(name)].textContent;
    const day = (iso) => new Date(iso + "T00:00Z").toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    const to = rows[i].dataset.to, from = cell("from");
    let s = day(from) + (to && to !== from ? " to " + day(to) : "") + ": ";
    const share = cell("share");
    s += /\d/.test(share) ? share + " (" + cell("interval") + ") " + words + ", " : share === "too few" ? "too few posts for a share, " : "no share, ";
    s += cell("n") + " posts take a side";
    if (cell("agree")) s += ": " + cell("agree") + " agree, " + (cell("disagree") || "0") + " disagree";
    return s + "; " + cell("discuss") + " discuss.";
  };
  for (const svg of figure.querySelectorAll("svg[data-x]")) {
    const xs = svg.dataset.x.split(" ").map(Number);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    line.setAttribute("class", "cursor");
    line.setAttribute("y1", svg.dataset.top);
    line.setAttribute("y2", svg.dataset.bottom);
    let at = -1;
    const show = (i) => {
      if (i < 0 || i >= rows.length) return;
      at = i;
      line.setAttribute("x1", xs[i]);
      line.setAttribute("x2", xs[i]);
      svg.append(line);
      out.textContent = say(i);
      out.classList.add("on");
    };
    const hide = () => { line.remove(); out.classList.remove("on"); at = -1; };
    svg.addEventListener("pointermove", (e) => {
      const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
      let best = 0;
      xs.forEach((x, i) => { if (Math.abs(x - p.x) < Math.abs(xs[best] - p.x)) best = i; });
      if (best !== at) show(best);
    });
    svg.addEventListener("pointerleave", () => { if (document.activeElement !== svg) hide(); });
    svg.tabIndex = 0;
    svg.addEventListener("keydown", (e) => {
      const last = rows.length - 1;
      const to = { ArrowRight: at < 0 ? 0 : Math.min(last, at + 1), ArrowLeft: at < 0 ? last : Math.max(0, at - 1), Home: 0, End: last }[e.key];
      if (e.key === "Escape") hide();
      if (to === undefined) return;
      e.preventDefault();
      show(to);
    });
    svg.addEventListener("blur", hide);
  }
}

// Walking a list of posts with the arrow keys, once one of them has the focus.
function walkable(list) {
  const items = [...list.children];
  for (const item of items) item.tabIndex = item === items[0] ? 0 : -1;
  list.addEventListener("keydown", (e) => {
    const i = items.indexOf(document.activeElement);
    if (i < 0) return;
    const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: items.length - 1 }[e.key];
    if (to === undefined || !items[to]) return;
    e.preventDefault();
    items[i].tabIndex = -1;
    items[to].tabIndex = 0;
    items[to].focus();
  });
}

function prepare() {
  document.querySelectorAll("figure").forEach(readable);
  document.querySelectorAll("[data-walk]").forEach(walkable);
}

// The button that copies what stands beside it.
document.addEventListener("click", (e) => {
  const button = e.target.closest("button[data-copy]");
  if (!button) return;
  navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim()).then(() => {
    const was = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = was; }, 1500);
  });
});

// Live: when the store has changed, the page is asked for again and its main part exchanged, unless the reader is in the
// middle of something. Closed and opened parts stay as they are. A list of posts stays too, but for the marks in their texts.
function follow() {
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  let shown = null, busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { cache: "no-cache" });
      if (answer.ok) replace(await answer.text());
    } catch { /* the server is away; the next event tells */ }
    busy = false;
    if (again) { again = false; refresh(); }
  };
  const replace = (text) => {
    if (text === shown) return;
    const first = shown === null;
    shown = text;
    const now = document.querySelector("main"), next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (!next || (first && next.innerHTML === arrived)) return;
    if (String(getSelection())) return;
    if (now.dataset.live === "marks") return remark(now, next);
    if (now.contains(document.activeElement)) return;
    now.querySelectorAll("details").forEach((d, i) => { const n = next.querySelectorAll("details")[i]; if (n) n.open = d.open; });
    now.replaceWith(next);
    prepare();
  };
  const remark = (now, next) => {
    for (const li of now.querySelectorAll("li[id]")) {
      const same = next.querySelector("#" + CSS.escape(li.id) + " blockquote");
      if (same) li.querySelector("blockquote").replaceWith(same);
    }
    const notes = [now, next].map((m) => m.querySelector("h1 + .note"));
    if (notes[0] && notes[1]) notes[0].replaceWith(notes[1]);
  };
  const stream = new EventSource("/live");
  stream.addEventListener("change", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}

const arrived = document.querySelector("main")?.innerHTML; // before this script touched it
prepare();
follow();
