// What a panel is made of: elements, colours, pieces of references.
export function element(tag, values = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const swatch = (color) => {
  const made = element("span", { className: "swatch", title: color });
  made.style.background = color;
  return made;
};

// A piece of a reference around a point, which is marked.
export function crop(image, [x, y], shape = [96, 62]) {
  const made = element("canvas", { width: shape[0] * 2, height: shape[1] * 2 });
  const own = made.getContext("2d");
  const side = 0.2 * Math.max(image.width, image.height);
  const w = side, h = (side * shape[1]) / shape[0];
  // Within the picture, as far as it is that large.
  const inside = (value, size, part) => Math.max(0, Math.min(value - part / 2, size - part));
  const left = inside(x * image.width, image.width, w);
  const top = inside(y * image.height, image.height, h);
  const scale = made.width / w;
  own.fillStyle = "#888"; own.fillRect(0, 0, made.width, made.height);
  own.drawImage(image, left, top, w, h, 0, 0, made.width, made.height);
  own.beginPath();
  own.arc((x * image.width - left) * scale, (y * image.height - top) * scale, 7, 0, 7);
  own.lineWidth = 6; own.strokeStyle = "#fff"; own.stroke();
  own.lineWidth = 3; own.strokeStyle = "#000"; own.stroke();
  return made;
}

// What no reference shows: nothing but its colour.
export function flat(color) {
  const made = element("canvas", { width: 96, height: 62 });
  const own = made.getContext("2d");
  own.fillStyle = color; own.fillRect(0, 0, 96, 62);
  return made;
}
