// What the form gains with JavaScript: places to choose from, and a queue on the device while there is no connection.
const WAITING = "report", ONCE = "once";
const form = document.getElementById("form");
const queue = document.getElementById("queue");

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope: "/report" }).catch(() => {});

if (form) {
  // The page may come from the cache: each report needs an id of its own, by which it is known if it is sent twice.
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  const fresh = () => { form.elements.id.value = random(); };
  fresh();

  // Who wants to count as one person has a number for today, and tomorrow's has nothing to do with it.
  const once = document.getElementById("once"), wanted = once.querySelector("input");
  const today = () => new Date().toISOString().slice(0, 10);
  const kept = () => { const [day, number] = (localStorage.getItem(ONCE) ?? "").split("/"); return day === today() ? number : ""; };
  const count = () => {
    if (!wanted.checked || !kept()) localStorage.removeItem(ONCE);
    if (wanted.checked && !kept()) localStorage.setItem(ONCE, `${today()}/${random()}`);
    form.elements.author.value = kept();
  };
  once.hidden = false;
  wanted.checked = !!kept();
  wanted.addEventListener("change", count);
  count();

  const tell = (words, keeps) => { queue.hidden = !words; queue.firstElementChild.textContent = words; queue.querySelector("button").hidden = !keeps; };
  const put = (body) => fetch(form.action, { method: "POST", body: new URLSearchParams(body) });
  const show = async (answer) => { const text = await answer.text(); document.open(); document.write(text); document.close(); };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    count();
    const body = new URLSearchParams(new FormData(form)).toString();
    let answer;
    try { answer = await put(body); } catch { answer = null; }
    if (answer) { await show(answer); return; }
    // A report that waits is of now, and not of when there is a connection again.
    const written = new URLSearchParams(body);
    if (!written.get("start")) written.set("start", `${new Date().toISOString().slice(0, 16)}Z`);
    localStorage.setItem(WAITING, JSON.stringify([...waiting(), written.toString()]));
    form.reset();
    fresh();
    wanted.checked = !!kept();
    tell(queue.dataset.queued, true);
    queue.scrollIntoView();
  });

  const waiting = () => { try { return JSON.parse(localStorage.getItem(WAITING)) ?? []; } catch { return []; } };

  // Those that the server has looked at are done, whatever it said; the others stay.
  const flush = async () => {
    const left = waiting();
    if (!left.length) return;
    while (left.length) {
      try {
        const answer = await put(left[0]);
        if (answer.status === 429 || answer.status >= 500) break;
      } catch { break; }
      left.shift();
      if (left.length) localStorage.setItem(WAITING, JSON.stringify(left)); else localStorage.removeItem(WAITING);
    }
    tell(left.length ? queue.dataset.queued : queue.dataset.sent, left.length > 0);
  };
  queue.querySelector("button").addEventListener("click", () => { localStorage.removeItem(WAITING); tell("", false); });
  addEventListener("online", flush);
  setInterval(flush, 30000);
  flush();

  let late = null;
  form.elements.place.addEventListener("input", () => {
    clearTimeout(late);
    late = setTimeout(async () => {
      const name = form.elements.place.value.trim();
      if (name.length < 3) return;
      try {
        const { places } = await (await fetch(`/places?q=${encodeURIComponent(name)}`)).json();
        document.getElementById("places").replaceChildren(...places.slice(0, 8).map((one) => Object.assign(document.createElement("option"), { value: `${one.name}, ${one.country}` })));
      } catch { /* no connection: the words alone will do */ }
    }, 400);
  });
}
