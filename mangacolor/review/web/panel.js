// What an area is, what else it may be, and who follows.
import { crop, element, flat, swatch } from "./pieces.js";

const panel = document.getElementById("panel");
export const HOW = {
  matched: "matched", guessed: "guessed: no reference shows it", given: "you said so",
  follows: "follows what you said", remembered: "known from pages it was taught by", beside: "too small: coloured like its neighbour",
  painted: "the painter's", paper: "paper",
};
const SCOPES = [
  ["this", "this one"], ["page", "its like on this page"], ["chapter", "in the chapter"],
];

export const percent = (sure) => `${Math.round(100 * sure)}\u202f%`;

// On a wide screen the panel is always there, so that the page stays where it is.
export function show(shown) {
  panel.dataset.empty = String(!shown);
  document.body.classList.toggle("paneled", shown);
}
export function close() { showHelp(matchMedia("(pointer: coarse)").matches); }

/* Shows an area. `does` has: choose(color), clear(), scope(name), pipette(), close(), preview(color) */
export function showArea(area, candidates, cast, references, scope, does) {
  const kept = panel.scrollTop;
  panel.replaceChildren(
    element("div", { className: "top" }, swatch(area.color),
      element("p", {}, element("b", {}, `${area.called} ${area.color}`), element("br"),
        HOW[area.how] + (["matched", "guessed", "follows", "remembered"].includes(area.how)
          ? `, ${percent(area.sure)} sure` : "")),
      area.how === "given"
        ? element("button", { onclick: does.clear, title: "Take back what you said" }, "As found")
        : null,
      cross(does)),
    scopes(scope, does),
    element("h3", {}, "It may be"),
    element("div", { className: "choices" },
      ...candidates.map((one, i) => choice(area, one, i, references, does))),
    element("h3", {}, "or"), anyColor(area, does),
    area.how === "matched" && references[area.ref[0]]
      ? element("div", { className: "taken" }, element("h3", {}, "It was taken for"),
        crop(references[area.ref[0]], area.ref.slice(1), [300, 110])) : "",
    element("h3", {}, "Colours of the references"), named(cast, does),
  );
  show(true);
  panel.scrollTop = kept;
}

const choice = (area, one, i, references, does) =>
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
  );

function anyColor(area, does) {
  const field = element("input", { type: "color", value: area.color, "aria-label": "Colour",
    onchange: (event) => does.choose(event.target.value) });
  const text = element("input", { type: "text", value: area.color, maxLength: 7,
    "aria-label": "Colour as #rrggbb",
    onchange: (event) => {
      const value = event.target.value.trim();
      if (/^#?[0-9a-f]{6}$/i.test(value)) does.choose(`#${value.replace("#", "")}`);
    } });
  return element("div", { className: "row3" }, field, text,
    element("button", { onclick: does.pipette, title: "From the page (E)" }, "Pipette"),
    element("button", { onclick: () => does.choose("#ffffff"), title: "White (P)" }, "Paper"));
}

// The named colours of all references.
function named(cast, does) {
  const names = new Map();
  for (const reference of cast) for (const group of reference.groups) {
    for (const { name, color } of group.colors) names.set(name, color);
  }
  return element("div", { className: "names" }, ...[...names].map(([name, color]) =>
    element("button", { onclick: () => does.choose(color), onfocus: () => does.preview(color),
      onpointerenter: () => does.preview(color) }, swatch(color), name)));
}

export const cross = (does) =>
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

export function press(key) {
  const button = panel.querySelector(`[data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

export { panel };
