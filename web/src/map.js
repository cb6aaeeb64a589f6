// The map: countries from our own polygons on a canvas, regions of the shutdowns in view, a mark for each shutdown.
// Marks differ in shape as well as in colour, for eyes that don't tell colours apart.
import { geoGraticule10, geoNaturalEarth1, geoPath } from "d3-geo";
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";

const BASE = { width: 960, height: 500 };
export const COLOURS = { corroborated: "#ff6b5e", measured: "#5cb8ff", reported: "#ffc74a", contradicted: "#a9b6c2" };
const ORDER = ["contradicted", "reported", "measured", "corroborated"];

function unpack({ step, outlines }) {
  const found = {};
  for (const [name, rings] of Object.entries(outlines)) {
    found[name] = { type: "MultiPolygon", coordinates: group(rings.map((ring) => points(ring, step))) };
  }
  return found;
}

function points(ring, step) {
  const line = [];
  let x = 0, y = 0;
  for (let i = 0; i < ring.length; i += 2) {
    x += ring[i]; y += ring[i + 1];
    line.push([x * step, y * step]);
  }
  return line;
}

// Holes run the other way round, and follow their polygon.
function group(rings) {
  const polygons = [];
  for (const ring of rings) {
    if (area(ring) <= 0 || !polygons.length) polygons.push([ring]);
    else polygons[polygons.length - 1].push(ring);
  }
  return polygons;
}

function area(ring) {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) sum += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return sum;
}

export function createMap(canvas, { onPick, describe }) {
  const context = canvas.getContext("2d");
  const projection = geoNaturalEarth1().fitExtent([[8, 8], [BASE.width - 8, BASE.height - 8]], { type: "Sphere" });
  const path = geoPath();
  const drawn = (geometry) => { const shape = new Path2D(); path.projection(projection).context(shape)(geometry); return shape; };
  const sphere = drawn({ type: "Sphere" });
  const graticule = drawn(geoGraticule10());
  const countries = new Map();
  const regions = new Map();
  const asked = new Set();
  const pulses = new Map();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let shutdowns = [], chosen = null, view = zoomIdentity, fit = { k: 1, x: 0, y: 0 }, pending = false, hover = null;

  const draw = () => { if (!pending) { pending = true; requestAnimationFrame(paint); } };
  const place = (one) => {
    const { latitude, longitude } = one.place;
    if (latitude === null || longitude === null) return null;
    const [x, y] = projection([longitude, latitude]);
    return [view.applyX(x * fit.k + fit.x), view.applyY(y * fit.k + fit.y)];
  };

  function paint() {
    pending = false;
    const ratio = devicePixelRatio || 1;
    const { width, height } = canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const k = fit.k * view.k;
    context.setTransform(ratio * k, 0, 0, ratio * k, ratio * (view.x + fit.x * view.k), ratio * (view.y + fit.y * view.k));
    context.fillStyle = "#101c28"; context.fill(sphere);
    context.lineWidth = 0.5 / k; context.strokeStyle = "#1c2c3c"; context.stroke(graticule);
    context.fillStyle = "#2a3b4c"; context.strokeStyle = "#101c28"; context.lineWidth = 0.7 / k;
    for (const shape of countries.values()) { context.fill(shape); context.stroke(shape); }
    for (const level of ORDER) {
      for (const one of shutdowns) if (one.level === level) fillPlace(one, k);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const level of ORDER) for (const one of shutdowns) if (one.level === level) mark(one);
    if (chosen) { const one = shutdowns.find((other) => other.id === chosen); if (one) ring(one, 13, "#fff", 2); }
    if (hover) label(hover);
    drawPulses();
  }

  function fillPlace(one, k) {
    const shape = one.place.kind === "country" ? countries.get(one.country) : regions.get(one.place.region);
    if (!shape) return;
    context.fillStyle = COLOURS[one.level] + (one.place.kind === "city" ? "33" : "59");
    context.fill(shape);
    context.strokeStyle = COLOURS[one.level]; context.lineWidth = 0.9 / k; context.stroke(shape);
  }

  function mark(one) {
    const at = place(one);
    if (!at) return;
    const [x, y] = at, size = one.scope === "national" ? 7 : 5;
    context.beginPath();
    if (one.level === "measured") context.rect(x - size + 1, y - size + 1, 2 * size - 2, 2 * size - 2);
    else if (one.level === "reported") { context.moveTo(x, y - size - 1); context.lineTo(x + size, y + size - 1); context.lineTo(x - size, y + size - 1); context.closePath(); }
    else context.arc(x, y, size, 0, 2 * Math.PI);
    context.lineWidth = 2.5; context.strokeStyle = "#0b131b"; context.stroke();
    if (one.level === "contradicted") { context.lineWidth = 1.6; context.strokeStyle = COLOURS[one.level]; context.stroke(); }
    else { context.fillStyle = COLOURS[one.level]; context.fill(); }
    if (one.status === "open") ring(one, size + 4, COLOURS[one.level], 1.3);
  }

  function ring(one, radius, colour, width) {
    const at = place(one);
    if (!at) return;
    context.beginPath(); context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    context.lineWidth = width; context.strokeStyle = colour; context.stroke();
  }

  function label(one) {
    const at = place(one);
    if (!at) return;
    const text = describe(one);
    context.font = "600 13px system-ui, sans-serif";
    const wide = context.measureText(text).width + 16, room = canvas.clientWidth;
    const x = Math.min(Math.max(4, at[0] - wide / 2), room - wide - 4), y = Math.max(4, at[1] - 38);
    context.fillStyle = "#0b131bee"; context.beginPath(); context.roundRect(x, y, wide, 25, 6); context.fill();
    context.fillStyle = "#f2f6fa"; context.textAlign = "center"; context.textBaseline = "middle";
    context.fillText(text, x + wide / 2, y + 13);
  }

  function drawPulses() {
    const now = performance.now();
    for (const [id, since] of pulses) {
      const one = shutdowns.find((other) => other.id === id), part = (now - since) / 1600;
      if (!one || part >= 1) { pulses.delete(id); continue; }
      context.globalAlpha = 1 - part; ring(one, 8 + 34 * part, COLOURS[one.level], 3); context.globalAlpha = 1;
    }
    if (pulses.size) draw();
  }

  const zooming = zoom().scaleExtent([0.8, 40]).on("zoom", (event) => { view = event.transform; draw(); });
  const selection = select(canvas).call(zooming).on("dblclick.zoom", null);

  function resize() {
    const ratio = devicePixelRatio || 1, { clientWidth: wide, clientHeight: high } = canvas;
    canvas.width = Math.round(wide * ratio); canvas.height = Math.round(high * ratio);
    const k = Math.min(wide / BASE.width, high / BASE.height) || 1;
    fit = { k, x: (wide - BASE.width * k) / 2, y: (high - BASE.height * k) / 2 };
    zooming.extent([[0, 0], [wide, high]]);
    draw();
  }
  new ResizeObserver(resize).observe(canvas);

  const nearest = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    let best = null, least = 18;
    for (const one of shutdowns) {
      const at = place(one);
      if (!at) continue;
      const far = Math.hypot(at[0] - (event.clientX - left), at[1] - (event.clientY - top));
      if (far < least) [best, least] = [one, far];
    }
    return best;
  };
  canvas.addEventListener("pointermove", (event) => {
    const found = nearest(event);
    if (found !== hover) { hover = found; canvas.style.cursor = found ? "pointer" : "grab"; draw(); }
  });
  canvas.addEventListener("pointerleave", () => { hover = null; draw(); });
  canvas.addEventListener("click", (event) => { const found = nearest(event); if (found) onPick(found.id); });
  canvas.addEventListener("keydown", (event) => {
    const step = 60, moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.key in moves) zooming.translateBy(selection, moves[event.key][0] / view.k, moves[event.key][1] / view.k);
    else if (event.key === "+" || event.key === "=") zooming.scaleBy(selection, 1.5);
    else if (event.key === "-") zooming.scaleBy(selection, 1 / 1.5);
    else return;
    event.preventDefault();
  });

  async function loadRegions() {
    for (const one of shutdowns) {
      if (!one.place.region || asked.has(one.country) || asked.size >= 40) continue;
      asked.add(one.country);
      fetch(`/map/${one.country}.json`).then((answer) => (answer.ok ? answer.json() : null)).then((content) => {
        if (!content) return;
        for (const [key, geometry] of Object.entries(unpack(content))) regions.set(key, drawn(geometry));
        draw();
      }).catch(() => asked.delete(one.country));
    }
  }

  return {
    async load() {
      const answer = await fetch("/static/map.json");
      for (const [code, geometry] of Object.entries(unpack(await answer.json()))) countries.set(code, drawn(geometry));
      draw();
    },
    show(list) { shutdowns = list; loadRegions(); draw(); },
    choose(id) { chosen = id; draw(); },
    pulse(id) { if (!still.matches) { pulses.set(id, performance.now()); draw(); } },
    scale(factor) { zooming.scaleBy(selection, factor); },
    whole() { selection.call(zooming.transform, zoomIdentity); },
    // Moves so that these are all in view, but never nearer than a country's size.
    frame(list) {
      const spots = list.filter((one) => one.place.latitude !== null).map((one) => projection([one.place.longitude, one.place.latitude]));
      if (!spots.length) { this.whole(); return; }
      const xs = spots.map((one) => one[0] * fit.k + fit.x), ys = spots.map((one) => one[1] * fit.k + fit.y);
      const wide = Math.max(...xs) - Math.min(...xs), high = Math.max(...ys) - Math.min(...ys);
      const k = Math.max(1, Math.min(9, 0.55 * canvas.clientWidth / (wide || 1), 0.55 * canvas.clientHeight / (high || 1)));
      const x = (Math.max(...xs) + Math.min(...xs)) / 2, y = (Math.max(...ys) + Math.min(...ys)) / 2;
      selection.call(zooming.transform, zoomIdentity.translate(canvas.clientWidth / 2 - k * x, canvas.clientHeight / 2 - k * y).scale(k));
    },
  };
}
