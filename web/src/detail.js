// One shutdown: what is known, what else may explain it, its signals against their baselines with claims, protests and
// causes below on the same axis.
import { COLOURS } from "./map.js";
import { h, s } from "./nodes.js";

const MISSING = { normal: "normal", missing: "missingSeries", "too-coarse": "coarse", "no-series": "noSeries" };
const SCOPES = { local: "localScope", regional: "regional", national: "national" };
const LANES = { claim: ["▲", "#ffc74a"], protest: ["●", "#b48cff"], cause: ["◆", "#4fd1c5"] };
// So many links to others are shown; the API has all.
const LINKS = 12;
const english = (text) => h("span", { lang: "en", dir: "ltr" }, text);

export async function loadDetail(id) {
  const get = async (path) => {
    const answer = await fetch(`/shutdowns/${encodeURIComponent(id)}${path}`);
    return answer.ok ? answer.json() : null;
  };
  const [shutdown, evidence, signals, history] = await Promise.all(["", "/evidence", "/signals", "/history"].map(get));
  if (!shutdown) return null;
  const ask = (path) => fetch(path).then((answer) => (answer.ok ? answer.json() : null));
  const others = (name, ids) => (ids?.length ? ask(`/shutdowns?${new URLSearchParams({ [name]: ids.join(","), limit: "100" })}`) : null);
  const [incident, campaign, elsewhere] = await Promise.all([
    ask(`/incidents/${encodeURIComponent(shutdown.incident)}`),
    others("campaign", shutdown.campaign ? [shutdown.campaign] : []),
    others("common_drops", shutdown.common_drops),
  ]);
  const but = (found) => (found?.shutdowns ?? []).filter((one) => one.id !== shutdown.id);
  return {
    shutdown, evidence: evidence?.evidence ?? [], explanations: explanationsOf(shutdown, evidence), drops: evidence?.common_drops ?? [],
    signals, changes: history?.changes ?? [], incident: but(incident), campaign: but(campaign), elsewhere: but(elsewhere),
  };
}

// Answers that were kept for offline use before an upgrade have none.
function explanationsOf(shutdown, evidence) {
  return evidence?.explanations ?? (shutdown.explanations ?? []).map((explanation) => ({ explanation, piece: null }));
}

export function badge(one, words) {
  return h("span", { class: `badge ${one.level}` }, words.say(one.level));
}

export function renderDetail({ shutdown, evidence, explanations, drops, signals, changes, incident, campaign, elsewhere }, words, link) {
  const { say } = words, zone = shutdown.place.time_zone;
  const where = shutdown.place.kind === "country" ? words.country(shutdown.country) : `${shutdown.place.name}, ${words.country(shutdown.country)}`;
  const minutes = Math.round(Math.max(shutdown.from_uncertainty_s, shutdown.until_uncertainty_s) / 60);
  const facts = [[say("local"), `${words.span(shutdown, zone)} (${zone})`]];
  if (shutdown.precision === "day") facts.push(["", say("daysOnly")]);
  else facts.push([say("utc"), words.span(shutdown, "UTC") + (minutes ? `, ${say("plusminus", { n: words.number(minutes) })}` : "")]);
  if (typeof shutdown.happened === "number") facts.push([titled(say("happened"), say("happenedHelp")), chance(shutdown, "happened", shutdown.happened, words)]);
  if (typeof shutdown.on_purpose === "number") facts.push([titled(say("onPurpose"), say("onPurposeHelp")), chance(shutdown, "on-purpose", shutdown.on_purpose, words)]);
  if (typeof shutdown.probability === "number") facts.push([say("probability"), words.share(shutdown.probability)]);
  if (shutdown.acknowledged.length) facts.push([say("orders"), english(shutdown.acknowledged.join("; "))]);
  if (typeof shutdown.false_alarms_a_year === "number") facts.push([say("falseAlarms"), (shutdown.false_alarms_a_year < 0.001 ? "< " : "") + words.number(Math.max(0.001, shutdown.false_alarms_a_year), { maximumSignificantDigits: 2 })]);
  if (MISSING[shutdown.measurement]) facts.push([say("missing"), say(MISSING[shutdown.measurement])]);
  if (shutdown.flags.length) facts.push([say("flags"), english(shutdown.flags.join(", "))]);
  if (incident.length) facts.push([say("incident"), links(incident, words.place, link, words)]);
  if (campaign.length) facts.push([say("campaign"), links(campaign, (one) => words.day(one.from_s, one.place.time_zone), link, words)]);
  if (elsewhere.length || drops.length) facts.push([say("elsewhere"), h("div", {}, ...[...new Set(drops.map((one) => one.verdict))].map((verdict) => h("p", { class: "drop" }, say(verdict))), links(elsewhere, whereWords(words), link, words))]);
  const tags = [say(SCOPES[shutdown.scope]), shutdown.extent && say(shutdown.extent), say(shutdown.status), ...(shutdown.networks.length === 1 ? shutdown.networks.map((one) => say(one)) : []), ...shutdown.services];
  const causes = explanations.filter(({ explanation }) => explanation.kind !== "denial"), denials = explanations.filter(({ explanation }) => explanation.kind === "denial");
  const told = new Set(explanations.map(({ explanation }) => explanation.id));
  const why = shutdown.why.filter((one) => one.detail !== "competing-explanation" || !one.evidence.every((id) => told.has(id)));
  return [
    h("h2", { tabindex: "-1" }, where),
    h("p", { class: "tags" }, badge(shutdown, words), ...tags.filter(Boolean).map((tag) => h("span", { class: "tag" }, tag))),
    shutdown.merged_into ? h("p", {}, link(shutdown.merged_into, say("heir"))) : "",
    h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("h3", {}, say("why")),
    h("ul", { class: "why", lang: "en", dir: "ltr" }, ...why.map((one) => h("li", {}, one.words, h("small", {}, ` ${one.rule}`)))),
    ...section("explanations", causes, words),
    ...section("denied", denials, words),
    h("h3", {}, say("signals")),
    figure(shutdown, evidence, explanations, signals, words),
    h("h3", {}, say("evidence")),
    table(evidence, words),
    h("h3", {}, say("history")),
    h("ol", { class: "history" }, ...changes.map((one) => h("li", { value: String(one.shutdown.revision) }, badge(one.shutdown, words), " ", english(one.words || one.change)))),
    h("p", { class: "data" }, say("data"), ": ", h("a", { href: `/shutdowns/${shutdown.id}` }, "JSON"), " · ", h("a", { href: `/shutdowns/${shutdown.id}?format=geojson` }, "GeoJSON"), h("small", { dir: "ltr" }, ` ${shutdown.id}`)),
  ];
}

const titled = (text, title) => h("span", { title }, text);
const whereWords = (words) => (one) => (one.place.kind === "country" ? words.country(one.country) : `${one.place.name}, ${words.country(one.country)}`);

function links(others, name, link, words) {
  const shown = others.slice(0, LINKS).flatMap((one, i) => [i ? ", " : "", link(one.id, name(one))]);
  return h("span", {}, ...shown, others.length > LINKS ? ` + ${words.number(others.length - LINKS)}` : "");
}

// What a probability is made of: each part adds to the log-odds, or takes from them.
function chance(shutdown, question, share, words) {
  const total = words.share(share), own = (shutdown.contributions ?? []).filter((one) => (one.question ?? "on-purpose") === question);
  if (!own.length) return total;
  const parts = own.map((one) => h("li", {}, words.number(one.log_odds, { signDisplay: "always", maximumFractionDigits: 2 }), " ", english(one.words)));
  return h("details", {}, h("summary", {}, total), h("ul", { class: "parts" }, ...parts));
}

// What else may explain it, or who denies it: what is said, by whom, and where.
function section(head, rows, words) {
  if (!rows.length) return [];
  const items = rows.map(({ explanation }) => h("li", {},
    explanation.kind === "denial" ? "" : h("span", { class: "kind" }, words.say(explanation.kind)), " ",
    english(explanation.words), " ", h("small", { dir: "ltr" }, explanation.source, " ", reference(explanation.reference, words))));
  return [h("h3", {}, words.say(head)), h("ul", { class: `why ${head}` }, ...items)];
}

function reference(text, words) {
  if (!text) return "";
  return /^https?:\/\//.test(text) ? h("a", { href: text, rel: "noopener noreferrer nofollow" }, words.say("link")) : english(text);
}

function table(evidence, words) {
  const { say } = words;
  const rows = evidence.map(({ support, piece }) => {
    const href = reference(support.reference ?? piece?.origin?.reference, words);
    return h("tr", {}, h("td", { class: `role ${support.role}` }, say(support.role)), h("td", { lang: "en", dir: "ltr" }, support.words), h("td", { dir: "ltr" }, support.source, " ", href));
  });
  const heads = ["role", "evidence", "source"].map((key) => h("th", { scope: "col" }, say(key)));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("evidence") }, h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
}

// The figure: a row for each signal, then a bar for each claim, protest and cause; the shutdown's span behind all of it.
function figure(shutdown, evidence, explanations, signals, words) {
  const { say } = words, zone = shutdown.place.time_zone;
  const causes = explanations.filter(({ piece }) => piece?.schema === "cause/1").map(({ explanation, piece }) => ({ ...piece, kind: "cause", words: `${say(explanation.kind)}: ${explanation.words}` }));
  const lanes = [...evidence.filter(({ support }) => support.kind in LANES).map(({ support }) => support), ...causes];
  const series = signals?.series ?? [];
  const first = signals?.from_s ?? shutdown.from_s - 86400, last = signals?.until_s ?? (shutdown.until_s ?? shutdown.from_s + 86400) + 86400;
  const wide = 640, left = 4, row = 74, bar = 17;
  const high = series.length * row + lanes.length * bar + 46 + (lanes.length ? 8 : 0);
  const x = (at) => left + ((Math.min(last, Math.max(first, at)) - first) / (last - first)) * (wide - 2 * left);
  const end = shutdown.until_s ?? last;
  const parts = [s("rect", { x: x(shutdown.from_s), y: 0, width: Math.max(2, x(end) - x(shutdown.from_s)), height: high - 32, fill: COLOURS[shutdown.level], opacity: 0.16 })];
  series.forEach((one, number) => parts.push(...signalRow(one, number * row, row, x)));
  lanes.forEach((one, number) => {
    const y = series.length * row + 8 + number * bar, from = x(one.from_s), until = Math.max(from + 4, x(one.until_s ?? last));
    parts.push(s("rect", { x: from, y, width: until - from, height: bar - 4, rx: 3, fill: LANES[one.kind][1], opacity: 0.85 }, s("title", {}, one.words)));
    parts.push(barWords(`${LANES[one.kind][0]} ${one.words}`, from, until, wide, y + bar - 7));
  });
  for (let i = 0; i <= 3; i++) {
    const at = first + ((last - first) * i) / 3, anchor = i === 0 ? "start" : i === 3 ? "end" : "middle";
    parts.push(s("line", { x1: x(at), x2: x(at), y1: high - 32, y2: high - 28, stroke: "#7d8d9c" }));
    parts.push(s("text", { x: x(at), y: high - 16, "text-anchor": anchor, class: "tick" }, words.moment(at, zone)));
    parts.push(s("text", { x: x(at), y: high - 3, "text-anchor": anchor, class: "tick dim" }, `${new Date(at * 1000).toISOString().slice(5, 16).replace("T", " ")} UTC`));
  }
  const summary = [say("signals"), ...series.map((one) => `${one.entity} ${signalName(one)}: ${one.outages.length ? say("outage") : say("value")}`), ...lanes.map((one) => one.words)].join("; ");
  return h("figure", {}, s("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": summary, dir: "ltr", class: "signals" }, ...parts),
    h("figcaption", {}, h("span", { class: "key value" }, say("value")), h("span", { class: "key baseline" }, say("baseline")), h("span", { class: "key claim" }, say("claims")), h("span", { class: "key protest" }, say("protests")), causes.length ? h("span", { class: "key cause" }, say("causes")) : "", series.length ? "" : h("p", {}, say("noSignals"))));
}

// The words of a bar: on it, or beside it where it is too short for most of them.
function barWords(text, from, until, wide, y) {
  const letter = 5.6, on = (until - from) / letter, right = (wide - until - 8) / letter, left = (from - 8) / letter;
  if (on >= Math.min(text.length, 28) || on >= Math.max(left, right)) return s("text", { x: from + 5, y, class: "bar" }, clip(text, on));
  if (right >= left || right >= text.length) return s("text", { x: until + 5, y, class: "bar beside" }, clip(text, right));
  return s("text", { x: from - 5, y, "text-anchor": "end", class: "bar beside" }, clip(text, left));
}

// Answers that were kept for offline use before an upgrade have no words.
const signalName = (one) => one.words ?? one.signal;

function signalRow(one, top, tall, x) {
  const most = Math.max(1e-9, ...one.values.filter((value) => value !== null), ...one.baseline.filter((value) => value !== null));
  const y = (value) => top + tall - 8 - (value / most) * (tall - 26);
  const line = (values) => {
    let text = "", pen = "M";
    one.times.forEach((at, i) => { if (values[i] === null) pen = "M"; else { text += `${pen}${x(at).toFixed(1)},${y(values[i]).toFixed(1)}`; pen = "L"; } });
    return text;
  };
  return [
    ...one.outages.map(([from, until]) => s("rect", { x: x(from), y: top + 16, width: Math.max(2, x(until) - x(from)), height: tall - 22, fill: "#ff6b5e", opacity: 0.28 })),
    s("path", { d: line(one.baseline), fill: "none", stroke: "#6fd08c", "stroke-width": 1.2, "stroke-dasharray": "4 3" }),
    s("path", { d: line(one.values), fill: "none", stroke: "#dbe7f3", "stroke-width": 1.4 }),
    s("text", { x: 6, y: top + 11, class: "name" }, `${one.entity} · ${signalName(one)}`),
  ];
}

const clip = (text, most) => (text.length <= most ? text : most < 4 ? "" : `${text.slice(0, most - 1)}…`);
