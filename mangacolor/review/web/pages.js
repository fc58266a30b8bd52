// The page that is shown.
import { canvas, draw, fit, loadAreas, paper, picture, scroll, view } from "./canvas.js";
import { choose } from "./choosing.js";
import { showState } from "./list.js";
import { close as closePanel } from "./panel.js";
import { $, ask, get, guarded, now, tip } from "./talk.js";

// One page.
export const open = guarded(async (number) => {
  if (number < 0 || number >= now.state.pages.length) return;
  const another = number !== now.number;
  now.number = number;
  closeAll();
  if (another) leave();
  $("pages").classList.remove("open");
  showState(now.state);
  await load();
});

// A page that is loaded anew meanwhile is waited for.
let latest = Promise.resolve();
export const load = () => (latest = loadNow());
export async function loaded() {
  for (let awaited = null; awaited !== latest;) await (awaited = latest);
}

async function loadNow() {
  const number = now.number, turn = ++now.loading;
  const page = now.state.pages[number];
  now.seen = page.seen;
  if (page.state === "failed") { $("empty").textContent = page.reason; picture.removeAttribute("src"); }
  else if (!view.page) preview(turn);
  if (!now.state.open) return;
  const { found, shown, areas } = await fetched(number, page);
  if (turn !== now.loading) return;
  if (areas) { await loadAreas(areas); view.shape = `${number} ${found.shape}`; }
  if (turn !== now.loading) return;
  // At once with what says that it is there: until then the page is shown as it came.
  picture.src = shown.image.src;
  now.width = shown.width;
  lay(found, shown.image);
  $("empty").textContent = STAYS[found.kind] || (page.state === "failed" ? page.reason : "");
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
const STAYS = {
  kept: "This page is in colour already, and stays so.",
  edited: "You edited this page: it stays as it is, and others learn from it.",
  several: "This file has several pages: they are coloured, not shown.",
};

// A page, its picture, and where its areas are, if those are others than before.
async function fetched(number, page) {
  const size = now.before ? "grey" : "color";
  const [found, shown] = await Promise.all([
    get(`api/page/${number}`), shownPage(number, page.seen, size)]);
  const areas = found.kind === "page" && `${number} ${found.shape}` !== view.shape
    ? await ask(`api/page/${number}/areas.png`).then((answer) => answer.blob()) : null;
  return { found, shown, areas };
}

function lay(found, image) {
  if (found.kind !== "page") {
    view.shape = ""; view.labels = null;
    found.width = image.naturalWidth; found.height = image.naturalHeight;
  }
  view.page = found;
  now.areas = new Map(found.areas.map((area) => [area.n, area]));
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
export function sharpen() {
  clearTimeout(sharper);
  sharper = setTimeout(guarded(async () => {
    if (view.page?.kind === "page" && widthShown() > now.width && now.width < view.page.width) {
      await load();
    }
  }), 300);
}

export async function decoded(path) {
  const image = new Image();
  image.src = path;
  await image.decode();
  return image;
}

export function closeAll() {
  view.chosen = 0; view.followers = []; view.drawn = null; now.color = null; now.figure = null;
  now.circle = null;
  now.pipette = false;
  closePanel();
  draw();
}
