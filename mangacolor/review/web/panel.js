// What an area is, what else it may be, and who follows.
import { hex } from "./canvas.js";

const panel = document.getElementById("panel");
export const HOW = {
  matched: "matched", guessed: "guessed: no reference shows it", given: "you said so",
  follows: "follows what you said", beside: "too small: coloured like its neighbour",
  painted: "the painter's", paper: "paper",
};
const SCOPES = [
  ["this", "this one"], ["page", "its like on this page"], ["chapter", "in the chapter"],
];

export const percent = (sure) => `${Math.round(100 * sure)}\u202f%`;

function element(tag, values = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const swatch = (color) => {
  const made = element("span", { className: "swatch", title: color });
  made.style.background = color;
  return made;
};

// A piece of a reference around a point, which is marked.
function crop(image, [x, y], shape = [96, 62]) {
  const made = element("canvas", { width: shape[0] * 2, height: shape[1] * 2 });
  const own = made.getContext("2d");
  const side = 0.2 * Math.max(image.naturalWidth, image.naturalHeight);
  const w = side, h = (side * shape[1]) / shape[0];
  // Within the picture, as far as it is that large.
  const inside = (value, size, part) => Math.max(0, Math.min(value - part / 2, size - part));
  const left = inside(x * image.naturalWidth, image.naturalWidth, w);
  const top = inside(y * image.naturalHeight, image.naturalHeight, h);
  const scale = made.width / w;
  own.fillStyle = "#888"; own.fillRect(0, 0, made.width, made.height);
  own.drawImage(image, left, top, w, h, 0, 0, made.width, made.height);
  own.beginPath();
  own.arc((x * image.naturalWidth - left) * scale, (y * image.naturalHeight - top) * scale, 7, 0, 7);
  own.lineWidth = 6; own.strokeStyle = "#fff"; own.stroke();
  own.lineWidth = 3; own.strokeStyle = "#000"; own.stroke();
  return made;
}

// What no reference shows: nothing but its colour.
function flat(color) {
  const made = element("canvas", { width: 96, height: 62 });
  const own = made.getContext("2d");
  own.fillStyle = color; own.fillRect(0, 0, 96, 62);
  return made;
}

function show(shown) {
  panel.hidden = !shown;
  document.body.classList.toggle("paneled", shown);
}
export function close() { show(false); panel.replaceChildren(); }

/* Shows an area. `does` has: choose(color), clear(), scope(name), pipette(), close(), preview(color) */
export function showArea(area, candidates, cast, references, scope, does) {
  const choices = candidates.map((one, i) =>
    element(
      "button",
      { onclick: () => does.choose(one.color), onfocus: () => does.preview(one.color),
        onpointerenter: () => does.preview(one.color), "data-key": String(i + 1),
        title: `${one.color}, ${HOW[one.how]}` },
      one.ref && references[one.ref[0]] ? crop(references[one.ref[0]], one.ref.slice(1))
        : flat(one.color),
      element("span", { className: "row" }, element("b", {}, String(i + 1)), swatch(one.color),
        one.how === "matched" ? percent(one.sure) : one.how === "guessed" ? "guess" : "yours"),
    ));
  const names = new Map();
  for (const reference of cast) for (const group of reference.groups) {
    for (const { name, color } of group.colors) names.set(name, color);
  }
  const field = element("input", { type: "color", value: area.color, "aria-label": "Colour",
    onchange: (event) => does.choose(event.target.value) });
  const text = element("input", { type: "text", value: area.color, maxLength: 7,
    "aria-label": "Colour as #rrggbb",
    onchange: (event) => {
      const value = event.target.value.trim();
      if (/^#?[0-9a-f]{6}$/i.test(value)) does.choose(`#${value.replace("#", "")}`);
    } });
  const kept = panel.scrollTop;
  panel.replaceChildren(
    element("div", { className: "top" }, swatch(area.color),
      element("p", {}, element("b", {}, area.color), element("br"),
        HOW[area.how] + (["matched", "guessed", "follows"].includes(area.how)
          ? `, ${percent(area.sure)} sure` : "")),
      element("button", { onclick: does.close, "aria-label": "Close", title: "Close (Esc)" }, "✕")),
    area.how === "matched" && references[area.ref[0]]
      ? element("div", { className: "taken" }, element("h3", {}, "taken for"),
        crop(references[area.ref[0]], area.ref.slice(1), [300, 110])) : "",
    element("h3", {}, "It may be"), element("div", { className: "choices" }, ...choices),
    element("h3", {}, "or"),
    element("div", { className: "row3" }, field, text,
      element("button", { onclick: does.pipette, title: "From the page (E)" }, "Pipette"),
      element("button", { onclick: () => does.choose("#ffffff"), title: "White (P)" }, "Paper"),
      area.how === "given"
        ? element("button", { onclick: does.clear, title: "Take back what you said" }, "As found")
        : null),
    scopes(scope, does),
    element("h3", {}, "Colours of the references"),
    element("div", { className: "names" }, ...[...names].map(([name, color]) =>
      element("button", { onclick: () => does.choose(color),
        onpointerenter: () => does.preview(color) }, swatch(color), name))),
  );
  show(true);
  panel.scrollTop = kept;
}

function scopes(scope, does) {
  return element("fieldset", {}, element("legend", {}, "Who follows (S)"),
    ...SCOPES.map(([name, words]) =>
      element("label", {},
        element("input", { type: "radio", name: "scope", value: name, checked: name === scope,
          onchange: () => does.scope(name) }),
        words, element("output", { id: `count-${name}` }, name === "this" ? "1 area" : ""))));
}

export function showCount(scope, words) {
  const place = document.getElementById(`count-${scope}`);
  if (place) place.textContent = words;
}

/* Shows who a box may be. `does` has: figure(of), close() */
export function showFigure(cast, references, does) {
  const found = [];
  cast.forEach((reference, number) => {
    for (const group of reference.groups) {
      if (group.background) continue;
      found.push({ number, reference, box: group.box, name: group.name });
    }
  });
  const cut = ({ number, box: [x0, y0, x1, y1] }) => {
    const image = references[number], made = element("canvas", { width: 200, height: 124 });
    if (!image) return made;
    const w = (x1 - x0) * image.naturalWidth, h = (y1 - y0) * image.naturalHeight;
    const scale = Math.min(200 / w, 124 / h);
    made.getContext("2d").drawImage(image, x0 * image.naturalWidth, y0 * image.naturalHeight, w, h,
      (200 - w * scale) / 2, (124 - h * scale) / 2, w * scale, h * scale);
    return made;
  };
  panel.replaceChildren(
    element("div", { className: "top" }, element("p", {}, element("b", {}, "Who is this?"),
      element("br"), "Its areas are matched with that figure alone."),
    element("button", { onclick: does.close, "aria-label": "Close" }, "✕")),
    element("div", { className: "choices" }, ...found.map((one, i) =>
      element("button", { "data-key": String(i + 1), onclick: () => does.figure(
        { sha256: one.reference.sha256, piece: one.reference.piece, box: one.box }) },
      cut(one), element("span", { className: "row" }, element("b", {}, String(i + 1)),
        one.name)))),
    element("h3", {}, "or draw a box around them"),
    ...cast.map((reference, number) => where(reference, references[number], does)),
  );
  show(true);
}

function where(reference, image, does) {
  if (!image) return "";
  const made = element("canvas", { width: image.naturalWidth, height: image.naturalHeight });
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
    does.figure({ sha256: reference.sha256, piece: reference.piece,
      box: [xs[0], ys[0], xs[1], ys[1]] });
  });
  show();
  return element("div", { className: "where" }, made);
}

export function press(key) {
  const button = panel.hidden ? null : panel.querySelector(`[data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

export { element, hex, panel };
