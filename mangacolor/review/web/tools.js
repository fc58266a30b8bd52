// What the pointer does on the page.
import { areaAt, canvas, colorAt, draw, pointOf, toPage, view } from "./canvas.js";
import { act, askGrain, askWho, choose, give, settled } from "./choosing.js";
import { closeAll } from "./pages.js";
import { HOW, percent } from "./panel.js";
import { crop } from "./pieces.js";
import { $, now, say, tip } from "./talk.js";

// Tools.
export function setTool(name) {
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
  } else if (now.tool === "join") {
    join(page, start, to);
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

async function join(page, start, to) {
  await settled();
  if (view.page?.name !== page || !areaAt(start) || !areaAt(to) || areaAt(start) === areaAt(to)) return;
  view.chosen = 0;
  act({ act: "join", page, at: toPage(start), to: toPage(to) });
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
