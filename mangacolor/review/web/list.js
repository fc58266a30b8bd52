// The pages of the chapter, and its least sure areas.
import { areaAt, fromPage, view } from "./canvas.js";
import { choose } from "./choosing.js";
import { loaded, open } from "./pages.js";
import { percent } from "./panel.js";
import { element } from "./pieces.js";
import { $, guarded, now, toast } from "./talk.js";
import { setTool } from "./tools.js";

// Pages and what is told of them.
const MARKS = { waiting: ["…", "waiting"], done: ["●", "coloured"], kept: ["◐", "in colour already"],
  several: ["▤", "several pages"], edited: ["✎", "edited by you"], failed: ["✗", "failed"] };

export function showState(state) {
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
  if (page?.state === "failed") $("empty").textContent = page.reason;
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

export function showList() {
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
      element("span", { className: "name" }, now.state.pages[area.number].name, element("br"),
        element("small", {}, `${area.i + 1}: ${area.called}, ${percent(area.sure)}`))));
  });
  const kept = list.scrollTop;
  list.replaceChildren(...rows);
  list.scrollTop = kept;
}

const goTo = guarded(async (area) => {
  setTool("pick");
  if (area.number !== now.number) await open(area.number);
  await loaded();
  $("pages").classList.remove("open");
  if (!view.page || now.number !== area.number) return;
  // By where it is: the list may be older than a cut, after which areas have other numbers.
  await choose(areaAt(fromPage(area.at)) || area.n);
});

export const nextUnsure = guarded(async () => {
  const found = allUnsure();
  if (!found.length) {
    const more = now.state.pages.some((page) => page.state === "waiting");
    toast(more ? "Pages are still being coloured: what is unsure is not known yet."
      : "Nothing is unsure any more.");
    return;
  }
  const at = found.findIndex((x) => x.number === now.number && x.n === view.chosen);
  await goTo(found[(at + 1) % found.length]);
});
