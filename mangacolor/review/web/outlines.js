// Outlines of areas as pictures.
const outlines = new Map();

// Of other areas.
export const forgetOutlines = () => outlines.clear();

// What is set, and what is no farther from it than so many pixels, across and down.
function widened(mask, w, h, reach) {
  const out = mask.slice();
  const along = (lines, length, line, step) => {
    for (let l = 0; l < lines; l++) {
      for (const [first, way] of [[0, 1], [length - 1, -1]]) {
        let left = 0;
        for (let i = 0, at = l * line + first * step; i < length; i++, at += way * step) {
          if (out[at] === 1) left = reach;
          else if (left > 0) { left--; if (!out[at]) out[at] = 2; }
        }
      }
      for (let i = 0, at = l * line; i < length; i++, at += step) if (out[at]) out[at] = 1;
    }
  };
  along(h, w, w, 1); along(w, h, 1, w);
  return out;
}

// An area's outline as a picture, dark within and white around, so that it is seen on any colour:
// made once, for it is drawn with every move.
const WHITE = 0xffffffff, BLACK = 0xff000000;
export function outlined(view, area, wide, hatched) {
  const key = `${area} ${wide} ${hatched}`, known = outlines.get(key);
  if (known) return known;
  const [x0, y0, x1, y1] = view.boxes.subarray(4 * area, 4 * area + 4), reach = wide + 2;
  const left = x0 - reach, top = y0 - reach, w = x1 - x0 + 1 + 2 * reach, h = y1 - y0 + 1 + 2 * reach;
  const mask = new Uint8Array(w * h), rim = new Uint8Array(w * h);
  for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) {
    if (view.labels[y * view.width + x] === area) mask[(y - top) * w + x - left] = 1;
  }
  for (let i = w; i < mask.length - w; i++) {
    rim[i] = mask[i] && !(mask[i - 1] && mask[i + 1] && mask[i - w] && mask[i + w]) ? 1 : 0;
  }
  const image = new ImageData(w, h), pixels = new Uint32Array(image.data.buffer);
  const white = widened(rim, w, h, wide + 1), black = widened(rim, w, h, Math.max(0, wide - 1));
  for (let y = 0, i = 0; y < h; y++) for (let x = 0; x < w; x++, i++) {
    if (black[i]) pixels[i] = BLACK;
    else if (white[i]) pixels[i] = WHITE;
    else if (hatched && mask[i] && (x + y + left + top) % 14 < 2) {
      pixels[i] = (x + y + left + top) % 28 < 14 ? WHITE : BLACK;
    }
  }
  const off = new OffscreenCanvas(w, h);
  off.getContext("2d").putImageData(image, 0, 0);
  if (outlines.size > 100) outlines.clear();
  const found = { off, left, top };
  outlines.set(key, found);
  return found;
}
