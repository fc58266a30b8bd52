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

// On a wide screen the panel is always there, so that the page stays where it is.
function show(shown) {
  panel.dataset.empty = String(!shown);
  document.body.classList.toggle("paneled", shown);
}
export function close() { showHelp(matchMedia("(pointer: coarse)").matches); }

/* Shows an area. `does` has: choose(color), clear(), scope(name), pipette(), close(), preview(color) */
export function showArea(area, candidates, cast, references, scope, does) {
  const choices = candidates.map((one, i) =>
    element(
      "button",
      { onclick: () => does.choose(one.color), onfocus: () => does.preview(one.color),
        onpointerenter: () => does.preview(one.color), "data-key": String(i + 1),
        "aria-pressed": String(area.how === "given" && one.color === area.color),
        title: `${one.called} ${one.color}, ${HOW[one.how]}` },
      one.ref && references[one.ref[0]] ? crop(references[one.ref[0]], one.ref.slice(1))
        : flat(one.color),
      element("span", { className: "row" }, element("b", {}, String(i + 1)), swatch(one.color),
        one.how === "matched" ? percent(one.sure) : one.how === "guessed" ? "guess" : "yours"),
      element("small", {}, one.called),
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
      element("p", {}, element("b", {}, `${area.called} ${area.color}`), element("br"),
        HOW[area.how] + (["matched", "guessed", "follows"].includes(area.how)
          ? `, ${percent(area.sure)} sure` : "")),
      area.how === "given"
        ? element("button", { onclick: does.clear, title: "Take back what you said" }, "As found")
        : null,
      cross(does)),
    scopes(scope, does),
    element("h3", {}, "It may be"), element("div", { className: "choices" }, ...choices),
    element("h3", {}, "or"),
    element("div", { className: "row3" }, field, text,
      element("button", { onclick: does.pipette, title: "From the page (E)" }, "Pipette"),
      element("button", { onclick: () => does.choose("#ffffff"), title: "White (P)" }, "Paper")),
    area.how === "matched" && references[area.ref[0]]
      ? element("div", { className: "taken" }, element("h3", {}, "It was taken for"),
        crop(references[area.ref[0]], area.ref.slice(1), [300, 110])) : "",
    element("h3", {}, "Colours of the references"),
    element("div", { className: "names" }, ...[...names].map(([name, color]) =>
      element("button", { onclick: () => does.choose(color), onfocus: () => does.preview(color),
        onpointerenter: () => does.preview(color) }, swatch(color), name))),
  );
  show(true);
  panel.scrollTop = kept;
}

const cross = (does) =>
  element("button", { onclick: does.close, "aria-label": "Close", title: "Close (Esc)" }, "✕");

function scopes(scope, does) {
  return element("fieldset", { className: "scopes" },
    element("legend", {}, "Who takes the colour (S) ", element("span", { id: "counted" })),
    ...SCOPES.map(([name, words]) =>
      element("label", {},
        element("input", { type: "radio", name: "scope", value: name, checked: name === scope,
          onchange: () => does.scope(name) }),
        element("span", {}, words),
        element("output", { id: `count-${name}` }, name === "this" ? "1 area" : "…"))));
}

/* Says how many areas would follow: of a scope, in words. */
export function showCount(scope, words) {
  const place = document.getElementById(`count-${scope}`);
  if (place) place.textContent = words;
}

/* And which colour they would take. */
export function showCounted(color) {
  document.getElementById("counted")?.replaceChildren(swatch(color));
}

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
    const w = (x1 - x0) * image.naturalWidth, h = (y1 - y0) * image.naturalHeight;
    const scale = Math.min(200 / w, 200 / h);
    made.getContext("2d").drawImage(image, x0 * image.naturalWidth, y0 * image.naturalHeight, w, h,
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

/* Asks for finer or coarser areas in a circle. `does` has: grain(level), close() */
export function showGrain(level, does) {
  const most = 3, steps = Math.abs(level) === 1 ? "step" : "steps";
  const words = !level ? "as they were found"
    : `${Math.abs(level)} ${steps} ${level > 0 ? "finer" : "coarser"}`;
  panel.replaceChildren(
    element("div", { className: "top" }, element("p", {}, element("b", {}, "Areas in this circle"),
      element("br"), words), cross(does)),
    element("div", { className: "row3" },
      ...[["Finer", level + 1], ["Coarser", level - 1], ["As found", 0]].map(([word, to], i) =>
        element("button", { onclick: () => does.grain(to), "data-key": String(i + 1),
          disabled: Math.abs(to) > most || to === level },
        element("b", {}, String(i + 1)), ` ${word}`))),
    element("p", { className: "hint" }, "Finer parts what is one area and holds several things;"
      + " coarser makes one of what fell into pieces. Draw a smaller circle to touch less."));
  show(true);
}

/* What can be done, for whoever has chosen nothing. */
export function showHelp(coarse) {
  const keys = [["space", "the least sure area"], ["1 … 7", "choose what it is"],
    ["S", "who takes the colour"], ["E  P", "pipette, paper"], ["← →", "other pages"],
    ["↑ ↓", "numbered areas"], ["C  J  G  F", "cut, join, finer, who"],
    ["Z  shift+Z", "undo, redo"], ["T  B", "page done, black and white"], ["+  −", "zoom"]];
  panel.replaceChildren(
    element("h2", {}, "Click what is wrong"),
    element("p", { className: "hint" }, "An area opens here, with what else it may be. Numbers mark"
      + " the least sure ones of the page; Next unsure goes through the chapter."),
    coarse ? "" : element("dl", {}, ...keys.flatMap(([key, words]) =>
      [element("dt", {}, element("kbd", {}, key)), element("dd", {}, words)])));
  show(false);
}

function where(reference, image, choose) {
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
    choose({ sha256: reference.sha256, piece: reference.piece, box: [xs[0], ys[0], xs[1], ys[1]] });
  });
  show();
  return element("div", { className: "where" }, made);
}

export function press(key) {
  const button = panel.querySelector(`[data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

export { element, hex, panel };
