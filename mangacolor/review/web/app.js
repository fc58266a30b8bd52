// The page of `mangacolor review`: pages, the least sure areas, and what a person says.
import { areaAt, canvas, colorAt, draw, fit, loadAreas, paper, picture, pointOf, scroll, showPoint,
  toPage, view } from "./canvas.js";
import { HOW, close as closePanel, crop, element, panel, percent, press, showArea, showCount, showCounted,
  showFigure, showGrain } from "./panel.js";

const $ = (id) => document.getElementById(id);
const now = {
  state: null, number: -1, seen: "", areas: new Map(), scope: "this", tool: "pick", tab: "pages",
  references: [], cast: [], color: null, before: false, figure: null, circle: null, loading: 0, pipette: false,
  width: 0, began: 0,
};

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try { answer = await fetch(path, options); } catch {
    throw new Error("The program has ended. What you did is kept; start it again to go on.");
  }
  if (!answer.ok) {
    const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    throw new Error(told?.error || await answer.text?.() || answer.statusText);
  }
  return answer;
}
const get = async (path, body) => (await ask(path, body)).json();

let timer = 0;
function toast(words) {
  $("toast").textContent = words; $("toast").hidden = false;
  clearTimeout(timer); timer = setTimeout(() => { $("toast").hidden = true; }, 6000);
}
const guarded = (work) => async (...values) => {
  try { return await work(...values); } catch (error) { toast(error.message); return null; }
};

// Pages and what is told of them.
const MARKS = { waiting: ["…", "waiting"], done: ["●", "coloured"], kept: ["◐", "in colour already"],
  several: ["▤", "several pages"], edited: ["✎", "edited by you"], failed: ["✗", "failed"] };

function showState(state) {
  now.state = state;
  const done = state.pages.filter((page) => page.state !== "waiting").length;
  $("chapter").textContent = state.chapter;
  document.title = `${state.chapter} – mangacolor review`;
  const writing = state.pages.filter((page) => page.state === "waiting").length;
  $("progress").textContent = state.error || (!state.open ? "The model is being opened …"
    : !writing ? "all pages are written"
      : state.pages.every((page) => page.made) ? `${writing} pages are written anew …`
        : `${done} of ${state.pages.length} pages`);
  $("undo").disabled = !state.undo; $("redo").disabled = !state.redo;
  const last = (path) => path.split(/[\\/]/).at(-1);
  $("output").textContent = `Pages are in ${last(state.output)}, what you did in ${last(state.acts)}.`;
  $("output").title = `${state.output}\n${state.acts}`;
  $("pack").hidden = !state.packed;
  const page = state.pages[now.number];
  $("tick").setAttribute("aria-pressed", String(Boolean(page?.ticked)));
  view.badges = (page?.unsure || []).slice(0, 9);
  showList();
  if (state.told.length && state.told.at(-1) !== now.told) { now.told = state.told.at(-1); toast(now.told); }
}

function allUnsure() {
  const found = [];
  now.state?.pages.forEach((page, number) => {
    if (!page.ticked) page.unsure.forEach((area, i) => found.push({ ...area, number, i }));
  });
  return found.sort((a, b) => Math.round(10 * a.sure) - Math.round(10 * b.sure) ||
    a.number - b.number || a.i - b.i);
}

function showList() {
  const list = $("list");
  const rows = now.tab === "pages" ? now.state.pages.map((page, number) => {
    const [mark, word] = page.ticked ? ["✓", "done"] : MARKS[page.state];
    return element("li", {}, element("button", {
      onclick: () => open(number), title: page.reason || `${page.name}: ${word}`,
      "aria-current": String(number === now.number) },
    element("span", { "aria-label": word }, mark), element("span", { className: "name" }, page.name),
    element("small", {}, page.unsure.length ? `${page.unsure.length} unsure` : "")));
  }) : allUnsure().slice(0, 200).map((area) => {
    const mark = element("span", { className: "swatch" });
    mark.style.background = area.color;
    return element("li", {}, element("button", { onclick: () => goTo(area) }, mark,
      element("span", { className: "name" }, now.state.pages[area.number].name),
      element("small", {}, `${area.i + 1}: ${area.called}, ${percent(area.sure)}`)));
  });
  const kept = list.scrollTop;
  list.replaceChildren(...rows);
  list.scrollTop = kept;
}

const goTo = guarded(async (area) => {
  if (area.number !== now.number) await open(area.number);
  $("pages").classList.remove("open");
  choose(area.n);
});

const nextUnsure = guarded(async () => {
  const found = allUnsure();
  if (!found.length) { toast("Nothing is unsure any more."); return; }
  const at = found.findIndex((x) => x.number === now.number && x.n === view.chosen);
  await goTo(found[(at + 1) % found.length]);
});

// One page.
const open = guarded(async (number) => {
  if (number < 0 || number >= now.state.pages.length) return;
  const another = number !== now.number;
  now.number = number;
  closeAll();
  if (another) leave();
  $("pages").classList.remove("open");
  showState(now.state);
  await load();
});

async function load() {
  const number = now.number, turn = ++now.loading;
  const page = now.state.pages[number];
  now.seen = page.seen;
  if (page.state === "failed") { $("empty").textContent = page.reason; picture.removeAttribute("src"); }
  else if (!view.page) preview(turn);
  if (!now.state.open) return;
  const size = now.before ? "grey" : "color";
  const [found, shown] = await Promise.all([
    get(`api/page/${number}`), shownPage(number, page.seen, size)]);
  const shape = `${number} ${found.shape}`;
  const areas = found.kind === "page" && shape !== view.shape
    ? await ask(`api/page/${number}/areas.png`).then((answer) => answer.blob()) : null;
  if (turn !== now.loading) return;
  now.width = shown.width;
  picture.src = shown.image.src;
  if (areas) { await loadAreas(areas); view.shape = shape; }
  if (found.kind !== "page") {
    view.shape = ""; view.labels = null; found.width = shown.image.naturalWidth;
    found.height = shown.image.naturalHeight; }
  view.page = found;
  now.areas = new Map(found.areas.map((area) => [area.n, area]));
  $("empty").textContent = found.kind === "kept" ? "This page is in colour already, and stays so."
    : found.kind === "edited" ? "You edited this page: it stays as it is, and others learn from it."
    : found.kind === "several" ? "This file has several pages: they are coloured, not shown." : "";
  fit();
  const began = now.began;
  if (began) requestAnimationFrame(() => {
    canvas.dataset.took = String(Math.round(performance.now() - began));
  });
  now.began = 0;
  canvas.dataset.shown = `${number} ${page.seen}`;
  if (view.chosen) {
    if (now.areas.has(view.chosen)) await choose(view.chosen, true); else closeAll();
  }
}

// What was shown of another page is not clicked on.
function leave() {
  view.page = null; view.labels = null; view.shape = ""; view.hovered = 0; view.preview = null;
  now.areas = new Map();
  $("glance").hidden = true; tip("");
  draw();
}

// Until a page is coloured it is seen as it came; one that is there at once is not preceded by it.
const PATIENCE = 250;
async function preview(turn) {
  if (now.state.open) await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const stale = () => turn !== now.loading || view.page;
  // Pages that stay as they are are there at once.
  if (stale() || !["waiting", "done"].includes(now.state.pages[now.number].state)) return;
  $("empty").textContent = now.state.open ? "This page is being coloured …" : "The model is being opened …";
  if (view.preview) return;
  picture.removeAttribute("src");
  const shown = await shownPage(now.number, "", "grey").catch(() => null);
  if (!shown || stale()) return;
  view.preview = { width: shown.image.naturalWidth, height: shown.image.naturalHeight };
  picture.src = shown.image.src;
  fit();
}

// As wide as it is on the screen, in steps: more takes longer to be shown, and nobody sees it.
const widthShown = () =>
  Math.ceil(Math.max(paper.clientWidth, scroll.clientWidth / 2, 1) * devicePixelRatio / 256) * 256;
async function shownPage(number, seen, size) {
  const width = widthShown();
  return { width, image: await decoded(`api/page/${number}/${size}.jpg?width=${width}&${seen}`) };
}
// Larger than it was when it came, it comes again.
let sharper = 0;
function sharpen() {
  clearTimeout(sharper);
  sharper = setTimeout(guarded(async () => {
    if (view.page?.kind === "page" && widthShown() > now.width && now.width < view.page.width) {
      await load();
    }
  }), 300);
}

async function decoded(path) {
  const image = new Image();
  image.src = path;
  await image.decode();
  return image;
}

function closeAll() {
  view.chosen = 0; view.followers = []; view.drawn = null; now.color = null; now.figure = null;
  now.circle = null;
  now.pipette = false;
  closePanel();
  draw();
}

// One area.
const choose = guarded(async (n, again = false) => {
  const area = now.areas.get(n), began = performance.now();
  if (!area) return;
  view.chosen = n;
  if (!again) { view.followers = []; now.color = null; }
  const number = now.number, answer = get(`api/page/${number}/area/${n}`);
  draw();
  const { candidates } = await answer;
  if (view.chosen !== n || now.number !== number) return;
  showArea(area, candidates, now.cast, now.references, now.scope, {
    choose: (color) => give(area, color),
    clear: () => act({ act: "clear", page: view.page.name, at: area.at }),
    scope: (name) => setScope(area, name),
    pipette,
    preview: (color) => count(area, color),
    close: closeAll,
  });
  canvas.dataset.opened = String(Math.round(performance.now() - began));
  showPoint(area.at);
  const likely = now.color || (area.how === "given" ? area.color : candidates[1]?.color);
  if (likely) count(area, likely, true);
});

const give = (area, color) => {
  now.color = color;
  return act({ act: "set", page: view.page.name, at: area.at, color: color.toLowerCase(),
    scope: now.scope });
};

function setScope(area, name) {
  now.scope = name;
  if (now.color) give(area, now.color);
  else if (area.how === "given") give(area, area.color);
}

// How many areas follow: asked again until it is known of all pages that were seen.
function pipette() {
  now.pipette = true;
  say("Click the colour on the page.");
}

let counting = 0;
async function counted(record, told) {
  const turn = ++counting;
  for (const scope of ["page", "chapter"]) {
    if (record.act === "figure" && scope === "page") continue;
    for (;;) {
      const found = await get("api/count", { ...record, scope });
      if (turn !== counting) return;
      const more = found.areas.length + found.others;
      const where = scope === "chapter" && found.pages ? ` on ${found.pages + 1} pages` : "";
      told(scope, found.whole || more ? `+${more}${where}${found.whole ? "" : " …"}` : "…",
        found.areas);
      if (found.whole) break;
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (turn !== counting) return;
    }
  }
}

const count = guarded((area, color, quiet = false) => {
  showCounted(color);
  return counted(
    { act: "set", page: view.page.name, at: area.at, color: color.toLowerCase() },
    (scope, words, areas) => {
      showCount(scope, words);
      if (scope === "page" && !quiet) { view.followers = areas; draw(); }
    });
});

// Acts.
const act = guarded(async (record) => {
  now.began = performance.now();
  counting++;
  view.followers = [];
  document.body.classList.add("busy");
  try {
    const state = await get("api/act", record);
    showState(state);
    await load();
    // What changes on another page would not be seen.
    if (["undo", "redo"].includes(record.act) && state.about && state.about !== page().name) {
      toast(`${record.act === "undo" ? "Undone" : "Done again"} on ${state.about}`);
    }
  } finally { document.body.classList.remove("busy"); }
});

// Tools.
function setTool(name) {
  now.tool = name;
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }
  canvas.classList.toggle("draws", name !== "pick");
  const words = { cut: "Draw a line through an area: it cuts it.", pick: "",
    join: "Drag from one area to another: they become one.",
    grain: "Drag a circle, from its middle, in which areas are to be finer or coarser.",
    figure: "Drag a box around somebody, and say who it is." }[name];
  say(words);
}
const tip = (words) => { $("tip").textContent = words; };
// What is to be done next; a narrow screen has no line for it.
function say(words) {
  tip(words);
  if (words && !$("tip").offsetHeight) toast(words);
}

function describe(n) {
  const area = now.areas.get(n);
  // What it was taken for is seen before it is clicked; a finger clicks at once.
  const image = area?.how === "matched" && area.ref && now.references[area.ref[0]];
  $("glance").hidden = !image;
  if (image) $("glance").replaceChildren(crop(image, area.ref.slice(1), [120, 78]), "taken for");
  if (area) {
    tip(`${HOW[area.how]}${area.how === "matched" ? `, ${percent(area.sure)} sure` : ""}: `
      + `${area.called} ${area.color}`);
  }
}

const far = ([x, y], [u, v]) => Math.hypot(u - x, v - y);
document.addEventListener("pointerdown", () => { $("toast").hidden = true; }, true);
let from = null;
canvas.addEventListener("pointermove", (event) => {
  const point = pointOf(event);
  if (from && now.tool === "cut") view.drawn.line.push(point);
  else if (from && now.tool === "join") view.drawn = { line: [from, point] };
  else if (from && now.tool === "figure") view.drawn = { box: [...from, ...point] };
  else if (from && now.tool === "grain") view.drawn = { circle: [...from, far(from, point)] };
  else {
    const area = areaAt(point);
    if (area === view.hovered) return;
    view.hovered = area; describe(area);
  }
  draw();
});
canvas.addEventListener("pointerleave", () => { view.hovered = 0; $("glance").hidden = true; draw(); });
canvas.addEventListener("pointerdown", (event) => {
  if (now.tool === "pick" || !view.page) return;
  from = pointOf(event);
  canvas.setPointerCapture(event.pointerId);
  view.drawn = now.tool === "figure" ? { box: [...from, ...from] }
    : now.tool === "grain" ? { circle: [...from, 1] } : { line: [from] };
});
canvas.addEventListener("pointercancel", () => { from = null; view.drawn = null; draw(); });
canvas.addEventListener("pointerup", (event) => {
  if (!from) return;
  if (!view.page) { from = null; return; }
  const to = pointOf(event), start = from, drawn = view.drawn;
  from = null; view.drawn = null;
  const page = view.page.name;
  if (now.tool === "cut" && drawn.line.length > 1) {
    view.chosen = 0;
    act({ act: "cut", page, line: drawn.line.slice(0, 2000).map(toPage) });
  } else if (now.tool === "join" && areaAt(start) && areaAt(to) && areaAt(start) !== areaAt(to)) {
    view.chosen = 0;
    act({ act: "join", page, at: toPage(start), to: toPage(to) });
  } else if (now.tool === "figure") {
    const [x0, y0] = toPage([Math.min(start[0], to[0]), Math.min(start[1], to[1])]);
    const [x1, y1] = toPage([Math.max(start[0], to[0]), Math.max(start[1], to[1])]);
    if (x1 - x0 > 5 && y1 - y0 > 5) {
      closeAll();
      now.figure = { act: "figure", page, box: [x0, y0, x1, y1] };
      view.drawn = { box: [...start, ...to] };
      askWho(null);
    }
  } else if (now.tool === "grain" && far(start, to) > 5) {
    closeAll();
    const radius = Math.round((far(start, to) * view.page.width) / view.width * 10) / 10;
    now.circle = { act: "grain", page, circle: [...toPage(start), radius] };
    view.drawn = { circle: [...start, far(start, to)] };
    askGrain(0);
  }
  draw();
});
// Who is in a box, and whether others like them follow.
function askWho(said) {
  const record = now.figure;
  showFigure(now.cast, now.references, said, { close: closeAll,
    figure: guarded(async (of, follow) => {
      const drawn = view.drawn, scope = follow ? "chapter" : "this";
      await act({ ...record, of, scope });
      if (now.figure !== record) return;
      view.drawn = drawn; draw();
      askWho({ of, scope });
      await counted({ ...record, of }, (_, words) => showCount("figure", words));
    }) });
}

function askGrain(level) {
  const record = now.circle;
  showGrain(level, { close: closeAll,
    grain: guarded(async (to) => {
      const drawn = view.drawn;
      await act({ ...record, level: to });
      if (now.circle !== record) return;
      view.drawn = drawn; draw();
      askGrain(to);
    }) });
}

canvas.addEventListener("click", (event) => {
  if (now.tool !== "pick" || !view.page) return;
  if (now.pipette) {
    now.pipette = false; tip("");
    const area = now.areas.get(view.chosen);
    if (area) give(area, colorAt(toPage(pointOf(event))));
    return;
  }
  const area = areaAt(pointOf(event));
  if (area) choose(area); else closeAll();
});

// Buttons and keys.
const undo = () => act({ act: "undo" }), redo = () => act({ act: "redo" });
const page = () => now.state.pages[now.number];
const tick = () => act({ act: page().ticked ? "open" : "done", page: page().name });
const zoom = (factor) => { view.zoom = Math.min(6, Math.max(0.5, view.zoom * factor)); fit(); sharpen(); };
const before = () => {
  now.before = !now.before;
  $("before").setAttribute("aria-pressed", String(now.before));
  guarded(load)();
};
function step(by) {
  const badges = view.badges;
  if (!badges.length) return;
  const at = badges.findIndex((area) => area.n === view.chosen);
  choose(badges[(at + by + badges.length) % badges.length].n);
}
function cycleScope() {
  const names = ["this", "page", "chapter"];
  const radio = panel.querySelector(
    `[name="scope"][value="${names[(names.indexOf(now.scope) + 1) % 3]}"]`);
  radio?.click();
}
closePanel();
$("undo").onclick = undo; $("redo").onclick = redo; $("next").onclick = nextUnsure;
$("tick").onclick = tick; $("before").onclick = before;
$("larger").onclick = () => zoom(1.3); $("smaller").onclick = () => zoom(1 / 1.3);
$("menu").onclick = () => {
  $("menu").setAttribute("aria-expanded", String($("pages").classList.toggle("open")));
};
$("pack").onclick = guarded(async () => {
  await get("api/pack", {}); toast("The archive is put together as soon as all pages are done.");
});
$("quit").onclick = guarded(async () => {
  await get("api/quit", {}); clearInterval(poll); toast("Finished. This window can be closed.");
});
for (const name of ["pages", "unsure"]) {
  $(`tab-${name}`).onclick = () => {
    now.tab = name;
    for (const other of ["pages", "unsure"]) {
      $(`tab-${other}`).setAttribute("aria-selected", String(other === name));
    }
    showList();
  };
}
for (const button of document.querySelectorAll("[data-tool]")) {
  button.onclick = () => setTool(button.dataset.tool);
}
const KEYS = {
  ArrowLeft: () => open(now.number - 1), ArrowRight: () => open(now.number + 1),
  ArrowUp: () => step(-1), ArrowDown: () => step(1), " ": nextUnsure, t: tick, b: before,
  v: () => setTool("pick"), c: () => setTool("cut"), j: () => setTool("join"),
  f: () => setTool("figure"), g: () => setTool("grain"), s: cycleScope, "+": () => zoom(1.3), "-": () => zoom(1 / 1.3),
  Escape: closeAll, p: () => view.chosen && give(now.areas.get(view.chosen), "#ffffff"),
  e: () => { if (view.chosen) pipette(); },
};
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=text], input[type=color]") || event.ctrlKey || event.metaKey
    || event.altKey || !now.state) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "z") (event.shiftKey ? redo : undo)();
  else if (/^[1-9]$/.test(key)) { if (!press(key)) return; }
  else if (KEYS[key]) KEYS[key]();
  else return;
  event.preventDefault();
});
new ResizeObserver(() => requestAnimationFrame(() => { fit(); sharpen(); })).observe(scroll);

// What goes on behind.
const look = async () => {
  const answer = await ask(`api/state?version=${now.state ? now.state.version : ""}`);
  if (answer.status === 204) return;
  const state = await answer.json(), first = !now.state;
  const opened = state.open && !now.state?.open;
  showState(state);
  if (opened) {
    await Promise.all(Array.from({ length: state.references }, async (_, i) => {
      // As a bitmap it is decoded once, and not with every piece of it that is drawn.
      now.references[i] = await createImageBitmap(await decoded(`api/reference/${i}.jpg`));
    }));
    await open(Math.max(now.number, 0));
    now.cast = (await get("api/cast")).references;
  } else if (first) await open(0);
  else if (now.number >= 0 && state.pages[now.number].seen !== now.seen) await load();
  draw();
};
let busy = false;
const poll = setInterval(async () => {
  if (busy) return;
  busy = true;
  await guarded(look)();
  busy = false;
}, 1000);
guarded(look)();
