// The page of `mangacolor review`: its buttons and keys, and what goes on behind.
import { draw, fit, scroll, view } from "./canvas.js";
import { act, choose, give, pipette } from "./choosing.js";
import { nextUnsure, showList, showState } from "./list.js";
import { closeAll, decoded, load, open, sharpen } from "./pages.js";
import { close as closePanel, panel, press } from "./panel.js";
import { $, ask, get, guarded, now, toast } from "./talk.js";
import { setTool } from "./tools.js";

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
// First what is open is left, then the tool.
function leave() {
  if (panel.dataset.empty === "true" && !now.pipette) setTool("pick");
  closeAll();
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
  Escape: leave, p: () => view.chosen && give(now.areas.get(view.chosen), "#ffffff"),
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
