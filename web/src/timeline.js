// The timeline: how many began when, by level, and a stretch of it that one drags; dates and buttons do the same.
import { COLOURS } from "./map.js";

const DAY = 86400;
const STACK = ["corroborated", "measured", "reported", "contradicted"];

export function createTimeline(canvas, { onRange, words }) {
  const context = canvas.getContext("2d");
  let bins = { from_s: 0, bin_s: DAY, counts: {} }, range = [0, 1], span = [0, 1], drag = null;

  const x = (at) => ((at - span[0]) / (span[1] - span[0])) * canvas.clientWidth;
  const time = (px) => span[0] + (px / canvas.clientWidth) * (span[1] - span[0]);

  function paint() {
    const ratio = devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
    canvas.width = Math.round(wide * ratio); canvas.height = Math.round(high * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const floor = high - 18;
    const totals = Array.from({ length: bins.counts.corroborated?.length ?? 0 }, (_, i) => STACK.reduce((sum, level) => sum + bins.counts[level][i], 0));
    const top = Math.max(1, ...totals);
    context.fillStyle = "#eaf1f71c"; context.fillRect(x(range[0]), 0, Math.max(2, x(range[1]) - x(range[0])), floor);
    totals.forEach((total, i) => {
      const left = x(bins.from_s + i * bins.bin_s), width = Math.max(1.5, x(bins.from_s + (i + 1) * bins.bin_s) - left - 0.5);
      let base = floor;
      for (const level of STACK) {
        const part = bins.counts[level][i];
        if (!part) continue;
        const tall = Math.max(2, (Math.sqrt(total / top) * (floor - 6) * part) / total);
        context.fillStyle = COLOURS[level]; context.fillRect(left, base - tall, width, tall); base -= tall;
      }
    });
    context.fillStyle = "#eaf1f7"; for (const end of range) context.fillRect(x(end) - 1.5, 0, 3, floor);
    context.fillStyle = "#b9c6d2"; context.font = "11px system-ui, sans-serif"; context.textBaseline = "bottom";
    const ticks = Math.max(2, Math.floor(wide / 130));
    for (let i = 0; i <= ticks; i++) {
      const at = span[0] + ((span[1] - span[0]) * i) / ticks;
      context.textAlign = i === 0 ? "left" : i === ticks ? "right" : "center";
      context.fillText(words().day(at), x(at), high - 2);
    }
  }
  new ResizeObserver(paint).observe(canvas);

  const local = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const at = local(event), ends = range.map(x);
    if (Math.abs(at - ends[0]) < 9) drag = { end: 0 };
    else if (Math.abs(at - ends[1]) < 9) drag = { end: 1 };
    // A range is moved by its middle; one that is nearly all there is has nowhere to go: a new one begins.
    else if (at > ends[0] && at < ends[1] && ends[1] - ends[0] < 0.8 * canvas.clientWidth) drag = { from: time(at), range: [...range] };
    else drag = { fresh: time(at) };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const at = time(Math.max(0, Math.min(canvas.clientWidth, local(event))));
    if ("end" in drag) { range = [...range]; range[drag.end] = at; if (range[0] > range[1]) { range.reverse(); drag.end = 1 - drag.end; } }
    else if ("from" in drag) range = drag.range.map((end) => end + at - drag.from);
    else range = [Math.min(at, drag.fresh), Math.max(at, drag.fresh)];
    paint();
  });
  const release = () => {
    if (!drag) return;
    drag = null;
    if (range[1] - range[0] < 3600) range[1] = range[0] + DAY;
    onRange(Math.floor(range[0]), Math.ceil(range[1]));
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);

  return {
    paint,
    show(found) {
      bins = found;
      const length = found.counts.corroborated?.length ?? 0, now = Date.now() / 1000;
      const last = Math.max(found.from_s + length * found.bin_s, length && now - (found.from_s + length * found.bin_s) > 400 * DAY ? 0 : now);
      const first = length ? found.from_s : now - 30 * DAY;
      const margin = Math.max(DAY, (last - first) * 0.02);
      span = [first - margin, last + margin];
      paint();
    },
    select(from, until) { range = [from, until]; span = [Math.min(span[0], from), Math.max(span[1], until)]; paint(); },
    all: () => [Math.floor(span[0]), Math.ceil(span[1])],
  };
}
