// The page and what is drawn over it: outlines of areas, lines that cut, boxes.
import { forgetOutlines, outlined } from "./outlines.js";

const picture = document.getElementById("picture");
const canvas = document.getElementById("marks");
const paper = document.getElementById("paper");
const scroll = document.getElementById("scroll");
const context = canvas.getContext("2d");

export const view = {
  labels: null, width: 0, height: 0, page: null, boxes: null,
  hovered: 0, chosen: 0, followers: [], badges: [], zoom: 1, drawn: null, preview: null,
};

// Numbers of areas by pixel, from a PNG whose red and green are the low and high byte.
export async function loadAreas(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const off = new OffscreenCanvas(bitmap.width, bitmap.height);
  const own = off.getContext("2d", { willReadFrequently: true });
  own.drawImage(bitmap, 0, 0);
  const data = own.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const labels = new Uint16Array(bitmap.width * bitmap.height);
  let most = 0;
  for (let i = 0; i < labels.length; i++) {
    labels[i] = data[4 * i] | (data[4 * i + 1] << 8);
    if (labels[i] > most) most = labels[i];
  }
  view.labels = labels; view.width = bitmap.width; view.height = bitmap.height;
  view.boxes = boxesOf(labels, bitmap.width, bitmap.height, most);
  canvas.width = bitmap.width; canvas.height = bitmap.height;
  forgetOutlines();
}

function boxesOf(labels, w, h, most) {
  const boxes = new Int32Array(4 * (most + 1));
  for (let i = 0; i <= most; i++) boxes.set([w, h, -1, -1], 4 * i);
  for (let y = 0, i = 0; y < h; y++) for (let x = 0; x < w; x++, i++) {
    const at = 4 * labels[i];
    if (x < boxes[at]) boxes[at] = x;
    if (y < boxes[at + 1]) boxes[at + 1] = y;
    if (x > boxes[at + 2]) boxes[at + 2] = x;
    if (y > boxes[at + 3]) boxes[at + 3] = y;
  }
  return boxes;
}

// A point of an event, in pixels of the picture of areas.
export function pointOf(event) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * canvas.width,
    ((event.clientY - box.top) / box.height) * canvas.height,
  ];
}

export function areaAt([x, y]) {
  const column = Math.floor(x), row = Math.floor(y);
  if (!view.labels || column < 0 || row < 0 || column >= view.width || row >= view.height) return 0;
  return view.labels[row * view.width + column];
}

// The same point in pixels of the page.
export const toPage = ([x, y]) => [
  Math.max(0, Math.round((x / view.width) * view.page.width * 10) / 10),
  Math.max(0, Math.round((y / view.height) * view.page.height * 10) / 10),
];
export const fromPage = ([x, y]) => [
  (x / view.page.width) * view.width, (y / view.page.height) * view.height,
];

function outline(area, wide, hatched) {
  if (!area || !view.boxes || view.boxes[4 * area + 2] < 0) return;
  const { off, left, top } = outlined(view, area, wide, hatched);
  context.drawImage(off, left, top);
}

export function draw() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!view.page) return;
  const step = Math.max(1, canvas.width / Math.max(1, canvas.clientWidth));
  for (const area of view.followers) outline(area, Math.round(step), true);
  if (view.hovered !== view.chosen) outline(view.hovered, Math.round(step), false);
  outline(view.chosen, Math.round(2 * step), false);
  for (const [x0, y0, x1, y1] of view.page.figures || []) {
    box([...fromPage([x0, y0]), ...fromPage([x1, y1])], step, true);
  }
  view.badges.forEach(({ at }, i) => badge(fromPage(at), i + 1, step));
  if (view.drawn?.box) box(view.drawn.box, step, false);
  if (view.drawn?.line) line(view.drawn.line, step);
  if (view.drawn?.circle) circle(view.drawn.circle, step);
}

function line(points, step) {
  for (const [width, color] of [[5, "#fff"], [2.5, "#000"]]) {
    context.beginPath();
    points.forEach(([x, y]) => context.lineTo(x, y));
    context.lineWidth = width * step; context.strokeStyle = color; context.stroke();
  }
}

function circle([x, y, radius], step) {
  for (const [width, color] of [[4, "#fff"], [2, "#000"]]) {
    context.beginPath(); context.arc(x, y, radius, 0, 7);
    context.lineWidth = width * step; context.strokeStyle = color; context.stroke();
  }
}

function box([x0, y0, x1, y1], step, dashed) {
  for (const [width, color] of [[4, "#fff"], [2, "#000"]]) {
    context.setLineDash(dashed ? [8 * step, 6 * step] : []);
    context.lineWidth = width * step; context.strokeStyle = color;
    context.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
  }
  context.setLineDash([]);
}

function badge([x, y], number, step) {
  context.beginPath();
  context.arc(x, y, 10 * step, 0, 7);
  context.fillStyle = "#fff"; context.fill();
  context.lineWidth = 2 * step; context.strokeStyle = "#000"; context.stroke();
  context.fillStyle = "#000"; context.font = `bold ${12 * step}px system-ui, sans-serif`;
  context.textAlign = "center"; context.textBaseline = "middle";
  context.fillText(String(number), x, y + step);
}

// The page as wide as there is room, times the zoom.
export function fit() {
  const size = view.page?.width ? view.page : view.preview;
  if (!size) return;
  const room = scroll.clientWidth - 16, high = scroll.clientHeight - 12;
  const whole = Math.min(room / size.width, high / size.height);
  const least = room < 500 ? room / size.width : whole;
  const scale = least * view.zoom;
  paper.style.width = `${Math.round(size.width * scale)}px`;
  paper.style.height = `${Math.round(size.height * scale)}px`;
  draw();
}

export function showPoint(at) {
  const box = canvas.getBoundingClientRect(), frame = scroll.getBoundingClientRect();
  const x = box.left + (at[0] / view.page.width) * box.width;
  const y = box.top + (at[1] / view.page.height) * box.height;
  // What a panel lies over cannot be seen.
  const panel = document.getElementById("panel");
  const low = innerWidth <= 860 && panel.dataset.empty !== "true" ? panel.getBoundingClientRect().top : frame.bottom;
  scroll.scrollBy({
    left: x < frame.left + 40 || x > frame.right - 40 ? x - frame.left - frame.width / 2 : 0,
    top: y < frame.top + 40 || y > low - 40 ? y - (frame.top + low) / 2 : 0,
  });
}

// The colour of the picture at a point of the page, as #rrggbb.
export function colorAt(at) {
  const off = new OffscreenCanvas(1, 1), own = off.getContext("2d");
  const scale = picture.naturalWidth / view.page.width;
  own.drawImage(picture, Math.floor(at[0] * scale), Math.floor(at[1] * scale), 1, 1, 0, 0, 1, 1);
  return hex(own.getImageData(0, 0, 1, 1).data);
}

const hex = ([r, g, b]) =>
  "#" + [r, g, b].map((x) => Math.round(x).toString(16).padStart(2, "0")).join("");

export { canvas, paper, picture, scroll };
