// What a person says of an area, a figure or a circle.
import { canvas, draw, showPoint, view } from "./canvas.js";
import { showState } from "./list.js";
import { closeAll, load, loaded } from "./pages.js";
import { showArea, showCount, showCounted, showGrain } from "./panel.js";
import { showFigure } from "./figures.js";
import { get, guarded, now, say, toast } from "./talk.js";

// One area.
export const choose = guarded(async (n, again = false) => {
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

export const give = (area, color) => {
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
export function pipette() {
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

// Acts. What is drawn while one is under way is about the page that comes of it.
let latest = Promise.resolve();
export const settled = () => latest.then(loaded);
export const act = (record) => (latest = done(record));
const done = guarded(async (record) => {
  now.began = performance.now();
  counting++;
  view.followers = [];
  document.body.classList.add("busy");
  try {
    const state = await get("api/act", record);
    showState(state);
    await load();
    if (["undo", "redo"].includes(record.act) && !state.about) {
      toast(`Nothing is left to be ${record.act === "undo" ? "undone" : "done again"}.`);
    }
    // What changes on another page would not be seen.
    if (["undo", "redo"].includes(record.act) && state.about && state.about !== now.state.pages[now.number].name) {
      toast(`${record.act === "undo" ? "Undone" : "Done again"} on ${state.about}`);
    }
  } finally { document.body.classList.remove("busy"); }
});

// Who is in a box, and whether others like them follow.
export function askWho(said) {
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

export function askGrain(level) {
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
