// What a page does beyond htmx: says when it is not live and catches up by itself, keys, theme. No state but the theme is kept.
(() => {
  "use strict";
  const SilenceMs = 45_000, FirstMs = 5_000, PollMs = 10_000, FollowMs = 400, WatchMs = 1_000;
  const line = document.getElementById("line"), lost = document.getElementById("lost");

  // --- The line to the server: every page that is live has one.
  let heard = Date.now(), hasHeard = false, polled = 0, isOut = false, isSentAway = false;

  function say(text) {
    if (document.body.dataset.line !== "lost") lost.dataset.since = new Date().toLocaleTimeString("en-GB");
    document.body.dataset.line = "lost";
    lost.textContent = text ?? `not live since ${lost.dataset.since}`;
    lost.hidden = false;
  }

  function alive() {
    [heard, hasHeard] = [Date.now(), true];
    if (isOut || isSentAway) return;
    delete document.body.dataset.line;
    lost.hidden = true;
  }

  function signedOut() {
    isOut = true;
    say("signed out: load the page again to sign in");
  }

  const fetchAgain = () => document.body.dispatchEvent(new CustomEvent("moved"));

  // A line that is dead without a word is let go, so that a new one is made; htmx does so itself where it was closed or never there.
  function reconnect() {
    [heard, isSentAway] = [Date.now(), false];
    const sse = line._htmx?.sse;
    if (sse) sse.reader?.cancel();
    else htmx.ajax("GET", line.getAttribute("hx-sse:connect"), { source: line });
  }

  if (line && lost) {
    line.addEventListener("moved", alive);
    line.addEventListener("beat", alive);
    line.addEventListener("away", event => {
      [heard, hasHeard] = [Date.now(), true];
      say(`not live since ${new Date().toLocaleTimeString("en-GB")}: ${JSON.parse(event.detail.data).reason}`);
    });
    line.addEventListener("out", signedOut);
    line.addEventListener("bye", () => {
      hasHeard = isSentAway = true;
      say("not live: too many tabs are open; this one asks every 10 s");
    });
    line.addEventListener("htmx:sse:error", event => event.detail.status === 401 ? signedOut() : isOut || say());
    line.addEventListener("htmx:sse:close", () => { if (!document.hidden && !isOut && !isSentAway) say(); });
    document.body.addEventListener("htmx:response:error", event => { if (event.detail.ctx.response.status === 401) signedOut(); });
    window.addEventListener("offline", () => { if (!isOut) say("not live: this machine has no network"); });
    window.addEventListener("online", () => { if (!isOut) { reconnect(); fetchAgain(); } });
    // A line that was cut without a word, or is held up on its way, is told by its silence; meanwhile the page asks by itself. After a
    // laptop's sleep the clock has gone on.
    setInterval(() => {
      if (document.hidden || isOut || !navigator.onLine) return;
      const silence = Date.now() - heard;
      if (silence > SilenceMs && !isSentAway) {
        say();
        reconnect();
      } else if (!hasHeard && silence > FirstMs) {
        say("not live: nothing comes through from the server, or a proxy between holds it back; asking every 10 s");
      }
      if (document.body.dataset.line === "lost" && Date.now() - polled > PollMs) {
        polled = Date.now();
        fetchAgain();
      }
    }, WatchMs);
    // The tab that is looked at is the one that follows.
    document.addEventListener("visibilitychange", () => {
      heard = Date.now();
      if (!document.hidden && isSentAway) reconnect();
    });
  }

  // --- A page that could not be shown comes by itself when it can.
  const again = Number(document.body.dataset.again) * 1_000;
  if (again) {
    setInterval(async () => {
      const answer = await fetch(location.href).catch(() => null);   // the server may be away, too
      if (answer && answer.status !== 503) location.reload();
    }, again);
  }

  // --- A form that is answered while it is written: the address follows, and is shared as any other.
  for (const form of document.querySelectorAll("form[data-follows]")) {
    let later;
    form.addEventListener("input", () => {
      clearTimeout(later);
      later = setTimeout(() => history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}`), FollowMs);
    });
  }

  // --- What a page offers only where scripts run, and what is copied: a text of its own address, whole and exact.
  document.documentElement.classList.add("scripts");
  document.addEventListener("click", async event => {
    const button = event.target.closest("button[data-copies]");
    if (!button) return;
    const answer = await fetch(button.dataset.copies);
    if (!answer.ok) button.textContent = "Not there";
    else if (navigator.clipboard) {   // a browser has one only where nobody listens in between
      await navigator.clipboard.writeText(await answer.text());
      button.textContent = "Copied";
    } else location.href = button.dataset.copies;
  });

  // --- Theme: the only thing that is kept, and only on this machine.
  const theme = document.getElementById("theme"), themes = ["", "dark", "light"];
  const show = name => {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
  };
  const nextTheme = () => {
    const name = themes[(themes.indexOf(localStorage.getItem("theme") ?? "") + 1) % themes.length];
    localStorage.setItem("theme", name);
    show(name);
  };
  show(localStorage.getItem("theme"));
  if (theme) {
    theme.hidden = false;
    theme.addEventListener("click", nextTheme);
  }

  // --- Keys. A page marks its places with data-key, rows are those of its tables, milestones the links rel=prev and rel=next.
  const help = document.getElementById("keys");
  const rows = () => [...document.querySelectorAll("main tbody tr")].filter(row => row.querySelector("a"));
  const step = by => {
    const all = rows(), at = all.findIndex(row => row.classList.contains("here"));
    const row = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    all[at]?.classList.remove("here");
    row?.classList.add("here");
    row?.querySelector("a").focus();
  };
  const follow = selector => document.querySelector(`${selector}:not([hidden])`)?.click();
  const keys = {
    "?": ["this list", () => help.open ? help.close() : help.showModal()],
    "/": ["filter", () => document.querySelector("main input[type=search], main form input:not([type=hidden])")?.focus()],
    "j": ["next row", () => step(1)],
    "k": ["previous row", () => step(-1)],
    "[": ["one milestone back", () => follow("a[rel=prev]")],
    "]": ["one milestone on", () => follow("a[rel=next]")],
    "t": ["theme", nextTheme],
  };
  let go = false;
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    if (go) {
      go = false;
      const place = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
    } else if (event.key === "g") {
      go = true;
    } else if (Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key][1]();
    }
  });
  if (help) {
    const entry = (key, what) => {
      const term = document.createElement("dt"), words = document.createElement("dd");
      term.append(...key.split(" ").flatMap((k, i) => [i ? " " : "", Object.assign(document.createElement("kbd"), { textContent: k })]));
      words.textContent = what;
      return [term, words];
    };
    const list = document.createElement("dl");
    for (const [key, [what]] of Object.entries(keys)) list.append(...entry(key, what));
    list.append(...entry("Enter", "open the row"));
    for (const place of document.querySelectorAll("a[data-key]")) list.append(...entry(`g ${place.dataset.key}`, place.textContent));
    help.append(list);
  }
})();
