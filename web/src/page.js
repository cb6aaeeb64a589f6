// The live page: asks the API, follows its stream, keeps what is chosen in the address bar.
import { createMap } from "./map.js";
import { badge, loadDetail, renderDetail } from "./detail.js";
import { h } from "./nodes.js";
import { LANGUAGES, LEVELS, RTL, chooseLanguage, speaker } from "./texts.js";
import { createTimeline } from "./timeline.js";

const DAY = 86400;
const $ = (id) => document.getElementById(id);
const now = () => Math.floor(Date.now() / 1000);

const state = { from: null, until: null, levels: new Set(LEVELS), country: "", id: null, live: true, next: null, note: "" };
const known = new Map();
let words = speaker("en"), language = "en", detail = null, asked = 0;

function readAddress() {
  const params = new URLSearchParams(location.search);
  const found = /^\/shutdown\/([^/]+)$/.exec(location.pathname);
  state.id = found ? decodeURIComponent(found[1]) : null;
  const number = (name) => (/^\d{9,11}$/.test(params.get(name) ?? "") ? Number(params.get(name)) : null);
  state.from = number("from"); state.until = number("until");
  state.live = state.until === null;
  const levels = (params.get("level") ?? "").split(",").filter((one) => LEVELS.includes(one));
  state.levels = new Set(levels.length ? levels : LEVELS);
  state.country = /^[A-Z]{2}$/.test(params.get("country") ?? "") ? params.get("country") : "";
  setLanguage(chooseLanguage(params.get("lang"), navigator.languages ?? []), params.has("lang"));
}

function address(id = state.id) {
  const params = new URLSearchParams();
  if (state.from !== null && !(state.live && state.note)) params.set("from", state.from);
  if (!state.live) params.set("until", state.until);
  if (state.levels.size < LEVELS.length) params.set("level", [...state.levels].join(","));
  if (state.country) params.set("country", state.country);
  if ($("language").dataset.chosen) params.set("lang", language);
  const query = params.toString();
  return (id ? `/shutdown/${encodeURIComponent(id)}` : "/") + (query ? `?${query}` : "");
}

function setLanguage(code, chosen) {
  language = code; words = speaker(code, (navigator.languages ?? []).find((one) => one.slice(0, 2) === code));
  document.documentElement.lang = code;
  document.documentElement.dir = RTL.has(code) ? "rtl" : "ltr";
  document.title = words.say("title");
  $("language").value = code;
  if (chosen) $("language").dataset.chosen = "1";
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = words.say(node.dataset.say);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words.say(node.dataset.label));
  for (const node of document.querySelectorAll("[data-title]")) node.title = words.say(node.dataset.title);
  $("report").href = `/report?lang=${code}`;
}

const wanted = (one) => (one.status === "open" || one.status === "closed") && state.levels.has(one.level) && (!state.country || one.country === state.country)
  && one.from_s < state.until && (one.until_s === null || one.until_s > state.from);
const shown = () => [...known.values()].filter(wanted).sort((a, b) => b.from_s - a.from_s || (a.id < b.id ? -1 : 1));
const filter = () => {
  const params = new URLSearchParams();
  if (state.levels.size < LEVELS.length) params.set("level", [...state.levels].join(","));
  if (state.country) params.set("country", state.country);
  return params;
};

async function loadList(path) {
  const turn = ++asked, params = filter();
  params.set("from", state.from); params.set("until", state.until); params.set("limit", "200");
  const answer = await fetch(path ?? `/shutdowns?${params}`);
  if (!answer.ok || turn !== asked) return;
  const page = await answer.json();
  if (!path) known.clear();
  for (const one of page.shutdowns) known.set(one.id, one);
  state.next = page.next;
  render();
}

async function loadTimeline() {
  const answer = await fetch(`/timeline?${filter()}`);
  if (answer.ok) timeline.show(await answer.json());
}

async function loadCountries() {
  const { by_country: counts } = await (await fetch("/stats")).json();
  const codes = Object.keys(counts).sort((a, b) => words.country(a).localeCompare(words.country(b), language));
  $("country").replaceChildren(h("option", { value: "" }, words.say("anyCountry")), ...codes.map((code) => h("option", { value: code }, `${words.country(code)} (${words.number(counts[code])})`)));
  $("country").value = state.country;
}

// Without a time in the address: the last day, or where that is empty, the days around the newest shutdown.
async function chooseTime() {
  state.note = "";
  if (state.until === null) state.until = now() + 3600;
  if (state.from !== null) return;
  state.from = now() - DAY;
  const params = filter(); params.set("limit", "1");
  const newest = (await (await fetch(`/shutdowns?${params}`)).json()).shutdowns[0];
  if (newest && newest.until_s !== null && newest.until_s < state.from) {
    state.note = words.say("newest");
    state.from = newest.from_s - 3 * DAY; state.until = newest.until_s + DAY;
  }
}

function render() {
  const list = shown();
  map.show(list);
  timeline.select(state.from, state.until);
  for (const [name, at] of [["from", state.from], ["until", state.until - 1]]) $(name).value = new Date(at * 1000).toISOString().slice(0, 10);
  for (const level of LEVELS) {
    $(`level-${level}`).checked = state.levels.has(level);
    $(`count-${level}`).textContent = words.number(list.filter((one) => one.level === level).length);
  }
  $("note").textContent = state.note;
  $("count").textContent = list.length === 0 ? words.say("none") : list.length === 1 ? words.say("one") : words.say("count", { n: words.number(list.length) + (state.next ? "+" : "") });
  $("list").replaceChildren(...list.map(item));
  $("more").hidden = !state.next;
  map.choose(state.id);
}

const link = (id, text) => h("a", { href: address(id), onclick: (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(id); } } }, text);

function item(one) {
  const anchor = link(one.id, "");
  anchor.className = "item";
  anchor.append(badge(one, words), h("strong", {}, words.place(one)), h("span", { class: "where" }, one.place.kind === "country" ? "" : words.country(one.country)),
    h("span", { class: "when" }, words.span(one, one.place.time_zone)), typeof one.happened === "number" ? h("span", { class: "when" }, words.say("likely", { a: words.share(one.happened), b: words.share(one.on_purpose) })) : "",
    one.status === "open" ? h("span", { class: "open" }, words.say("open")) : "");
  return h("li", {}, anchor);
}

async function open(id, push = true) {
  state.id = id;
  if (push) history.pushState(null, "", address());
  map.choose(id);
  await showDetail();
  if (detail) { $("detail").querySelector("h2").focus({ preventScroll: true }); $("side").scrollTop = 0; }
}

async function showDetail() {
  const id = state.id;
  $("listing").hidden = id !== null; $("detail").hidden = id === null;
  if (id === null) { detail = null; return; }
  const found = await loadDetail(id);
  if (state.id !== id) return;
  detail = found;
  $("facts").replaceChildren(...(found ? renderDetail(found, words, link) : [h("h2", { tabindex: "-1" }, words.say("notFound"))]));
  if (found && !known.has(id)) { known.set(id, found.shutdown); if (!wanted(found.shutdown)) { state.from = Math.min(state.from, found.shutdown.from_s - DAY); render(); } }
}

function close() {
  state.id = null;
  history.pushState(null, "", address());
  showDetail(); map.choose(null); $("count").focus();
}

async function changed(keepMap = false) {
  history.replaceState(null, "", address());
  await Promise.all([loadList(), loadTimeline()]);
  if (!keepMap) map.frame(shown());
}

// The stream. EventSource comes back by itself and says with its last id what it has seen.
function follow() {
  const source = new EventSource("/stream?short=1");
  let late = null;
  source.onopen = () => status("live");
  source.onerror = () => status(source.readyState === EventSource.CLOSED ? "offline" : "connecting");
  for (const kind of ["opened", "updated", "escalated", "closed", "merged", "retracted"]) {
    source.addEventListener(kind, (event) => {
      const one = JSON.parse(event.data).shutdown;
      if (state.live) {
        if (state.note) { state.note = ""; state.from = Math.min(state.from, one.from_s - DAY); }
        if (one.until_s === null || one.until_s > state.until) state.until = Math.max(state.until, (one.until_s ?? now()) + 3600);
        if (!known.size) state.from = Math.min(state.from, one.from_s - DAY);
      }
      known.set(one.id, one);
      clearTimeout(late);
      late = setTimeout(() => { render(); loadTimeline(); loadCountries(); if (state.id === one.id) showDetail(); }, 150);
      if (wanted(one)) { map.pulse(one.id); $("said").textContent = words.say("changed", { place: words.place(one), level: words.say(one.level) }); }
    });
  }
}

function status(name) {
  $("status").className = name;
  $("status-words").dataset.say = name;
  $("status-words").textContent = words.say(name);
}

const map = createMap($("map"), { onPick: (id) => open(id), describe: (one) => `${words.place(one)} · ${words.say(one.level)}` });
const timeline = createTimeline($("timeline"), { words: () => words, onRange: (from, until) => { Object.assign(state, { from, until, live: false, note: "" }); changed(true); } });

function listen() {
  $("language").replaceChildren(...Object.entries(LANGUAGES).map(([code, one]) => h("option", { value: code, lang: code }, one.name)));
  $("language").addEventListener("change", () => { setLanguage($("language").value, true); history.replaceState(null, "", address()); loadCountries(); if (state.note) state.note = words.say("newest"); render(); timeline.paint(); if (detail) showDetail(); });
  for (const level of LEVELS) $(`level-${level}`).addEventListener("change", () => { const boxes = LEVELS.filter((one) => $(`level-${one}`).checked); state.levels = new Set(boxes.length ? boxes : LEVELS); changed(true); });
  $("country").addEventListener("change", () => { state.country = $("country").value; changed(); });
  for (const name of ["from", "until"]) $(name).addEventListener("change", () => {
    const at = Date.parse($(name).value) / 1000;
    if (!Number.isFinite(at)) return;
    state[name] = name === "from" ? at : at + DAY;
    if (state.from >= state.until) state[name === "from" ? "until" : "from"] = name === "from" ? at + DAY : at;
    Object.assign(state, { live: false, note: "" }); changed();
  });
  for (const [id, days] of [["day", 1], ["week", 7], ["month", 30]]) $(id).addEventListener("click", () => { Object.assign(state, { from: now() - days * DAY, until: now() + 3600, live: true, note: "" }); changed(); });
  $("all").addEventListener("click", () => { const [from, until] = timeline.all(); Object.assign(state, { from, until, live: false, note: "" }); changed(); });
  $("more").addEventListener("click", () => loadList(state.next));
  $("back").addEventListener("click", close);
  $("zoom-in").addEventListener("click", () => map.scale(1.6));
  $("zoom-out").addEventListener("click", () => map.scale(1 / 1.6));
  $("whole").addEventListener("click", () => map.whole());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.id) close(); });
  // Without an entry in the history, whose popstate would draw the list anew under the reader's focus.
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("side").focus(); });
  window.addEventListener("popstate", async () => { readAddress(); await chooseTime(); await loadList(); await showDetail(); });
}

async function start() {
  listen();
  readAddress();
  status("connecting");
  map.load();
  await chooseTime();
  await Promise.all([loadList(), loadTimeline(), loadCountries()]);
  map.frame(shown());
  if (state.id) await open(state.id, false);
  follow();
  document.documentElement.dataset.ready = "1";
}

start();
