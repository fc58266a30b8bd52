// Who somebody is: a figure of the references, or a box there.
import { cross, panel, show } from "./panel.js";
import { element } from "./pieces.js";

/* Shows who a box may be. `does` has: figure(of, follow), preview(of), close(); `said` is what was
   chosen of it, if anything was. */
export function showFigure(cast, references, said, does) {
  const found = [];
  cast.forEach((reference, number) => {
    for (const group of reference.groups) {
      if (group.background) continue;
      found.push({ number, reference, box: group.box, name: group.name });
    }
  });
  const cut = ({ number, box: [x0, y0, x1, y1] }) => {
    const image = references[number], made = element("canvas", { width: 200, height: 200 });
    if (!image) return made;
    const w = (x1 - x0) * image.width, h = (y1 - y0) * image.height;
    const scale = Math.min(200 / w, 200 / h);
    made.getContext("2d").drawImage(image, x0 * image.width, y0 * image.height, w, h,
      (200 - w * scale) / 2, (200 - h * scale) / 2, w * scale, h * scale);
    return made;
  };
  const follow = element("input", { type: "checkbox", checked: said?.scope === "chapter",
    disabled: !said, onchange: () => does.figure(said.of, follow.checked) });
  const kept = panel.scrollTop;
  const choose = (of) => does.figure(of, Boolean(said) && follow.checked);
  panel.replaceChildren(
    element("div", { className: "top" }, element("p", {}, element("b", {}, "Who is this?"),
      element("br"), "Areas in the box are matched with that figure alone."), cross(does)),
    element("label", { className: "follow" }, follow, element("span", {}, said
      ? "figures like this one in the chapter, too" : "choose below; others like it can follow"),
    element("output", { id: "count-figure" })),
    element("div", { className: "choices figures" }, ...found.map((one, i) => {
      const of = { sha256: one.reference.sha256, piece: one.reference.piece, box: one.box };
      return element("button", { "data-key": String(i + 1), onclick: () => choose(of),
        "aria-pressed": String(JSON.stringify(said?.of) === JSON.stringify(of)) },
      cut(one), element("span", { className: "row" }, element("b", {}, String(i + 1)), one.name));
    })),
    element("h3", {}, "or draw a box around them here"),
    ...cast.map((reference, number) => where(reference, references[number], choose)),
  );
  show(true);
  panel.scrollTop = kept;
}

function where(reference, image, choose) {
  if (!image) return "";
  const made = element("canvas", { width: image.width, height: image.height });
  const own = made.getContext("2d");
  let from = null, to = null;
  const show = () => {
    own.drawImage(image, 0, 0);
    if (!from) return;
    for (const [width, color] of [[8, "#fff"], [4, "#000"]]) {
      own.lineWidth = width; own.strokeStyle = color;
      own.strokeRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
    }
  };
  const point = (event) => {
    const box = made.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * made.width,
      ((event.clientY - box.top) / box.height) * made.height];
  };
  made.addEventListener("pointerdown", (event) => {
    from = to = point(event); made.setPointerCapture(event.pointerId);
  });
  made.addEventListener("pointermove", (event) => { if (from) { to = point(event); show(); } });
  made.addEventListener("pointerup", () => {
    if (!from) return;
    const share = (value, size) => Math.min(1, Math.max(0, value / size));
    const xs = [from[0], to[0]].map((x) => share(x, made.width)).sort((a, b) => a - b);
    const ys = [from[1], to[1]].map((y) => share(y, made.height)).sort((a, b) => a - b);
    from = null; show();
    if (xs[1] - xs[0] < 0.01 || ys[1] - ys[0] < 0.01) return;
    choose({ sha256: reference.sha256, piece: reference.piece, box: [xs[0], ys[0], xs[1], ys[1]] });
  });
  show();
  return element("div", { className: "where" }, made);
}
