// Keeps the form, so that it opens without a connection. Nothing else is kept, and nothing that was written.
const KEPT = "report-1";
const FILES = ["/report", "/static/report.css", "/static/report.js", "/static/icon.svg"];

self.addEventListener("install", (event) => { event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES))); self.skipWaiting(); });
self.addEventListener("activate", (event) => { event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim())); });
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname !== "/report" && !FILES.includes(url.pathname)) return;
  event.respondWith(fetch(event.request).then((answer) => {
    if (answer.ok) { const copy = answer.clone(); caches.open(KEPT).then((cache) => cache.put(event.request, copy)); }
    return answer;
  }).catch(async () => (await caches.match(event.request, { ignoreVary: true })) ?? caches.match(event.request, { ignoreSearch: true, ignoreVary: true })));
});
