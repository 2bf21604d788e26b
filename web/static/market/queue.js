// The list of what waits and what was sent, and when it is sent.
"use strict";
{
  const { store, send, say, make, byId, list, moment, WAITING, SENT, REFUSED, DRAFT } = self.market;
  const root = byId("market"), account = byId("account");
  const WHO = "certcheck-market-who";
  // Between attempts: milliseconds, doubled each time.
  const FIRST_MS = 2_000, LAST_MS = 300_000;

  let who = null, why = "", until = 0, sending = "", pause = FIRST_MS, timer = 0;
  const spoken = new Set();

  try {
    who = JSON.parse(localStorage.getItem(WHO));
  } catch {
    // Nobody that we know of.
  }

  const known = (told) => {
    const other = who?.person !== told.person;
    // The token of forms is of this moment; the rest is offered without a connection too.
    const { csrf, ...rest } = told;
    who = rest;
    try {
      localStorage.setItem(WHO, JSON.stringify(who));
    } catch {
      // Then only until the page is closed.
    }
    for (const one of spoken) one(told, other);
    list.age(told.revision);
  };
  const recall = () => {
    if (who) for (const one of spoken) one(who, false);
  };

  const standing = () => {
    const to = make("a", { href: root.dataset.signIn }, say("sign_in"));
    const name = who?.name ?? "";
    if (!who) return [say("nobody"), " ", to];
    if (why === "signed-out") return [say("signed_out", { name }), " ", to];
    if (why === "not-allowed") return [say("not_allowed")];
    if (why === "busy") return [say("busy", { time: until ? moment(until) : say("soon") })];
    if (why === "offline" || !navigator.onLine) return [say("signed_in", { name }), " ", say("offline")];
    return [say("signed_in", { name })];
  };

  const download = async (one) => {
    for (const [side, blob] of Object.entries(await store.photos(one.key))) {
      const link = make("a", { href: URL.createObjectURL(blob), download: `${one.key}-${side}.jpg` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    }
  };
  const button = (code, onclick) => make("button", { class: "plain", type: "button", onclick }, say(code));

  const row = (one) => {
    const state = one.state === REFUSED ? "not_taken" : one.key === sending ? "sending" : one.state;
    const problem = one.problem;
    const acts = [];
    if (one.state === SENT) {
      acts.push(make("a", { class: "plain button", href: `/checks/${one.check}?lang=${self.market.lang}` }, say("report")));
    } else {
      if (one.state === REFUSED) {
        acts.push(button("again", () => store.change(one.key, { state: WAITING, problem: null }).then(go)));
      }
      acts.push(button("save_photo", () => download(one)));
      acts.push(button("remove", () => confirm(say("sure_remove")) && store.remove(one.key).then(show)));
    }
    const told = [one.market, one.stall, one.note].filter(Boolean).join(" · ");
    return make("li", { class: "card", "data-state": one.state, "data-key": one.key },
      make("h3", {}, say(state), " ", make("small", {}, moment(one.captured_at))),
      ...(told ? [make("p", {}, told)] : []),
      ...(problem ? [make("p", { class: "step" }, problem.code === "market.lost" ? say("lost")
        : [problem.title, problem.next_step].filter(Boolean).join(" "))] : []),
      make("div", { class: "acts" }, ...acts));
  };

  const show = async () => {
    account.replaceChildren(...standing());
    const all = who ? (await store.captures(who.person)).filter((one) => one.state !== DRAFT) : [];
    const count = (state) => all.filter((one) => one.state === state).length;
    const told = [say("progress", { waiting: count(WAITING), sent: count(SENT) })];
    if (count(REFUSED)) told.push(say("refused", { count: count(REFUSED) }));
    byId("progress").textContent = told.join(" ");
    byId("queue").replaceChildren(...all.reverse().map(row));
    const others = await store.ofOthers(who?.person ?? "");
    byId("others").hidden = !others;
    byId("others").textContent = others ? say("others", { count: others }) : "";
    return count(WAITING);
  };

  const again = (waiting) => {
    clearTimeout(timer);
    if (!waiting) return;
    const wait = until > Date.now() ? until - Date.now() : pause;
    timer = setTimeout(go, wait);
    pause = Math.min(LAST_MS, pause * 2);
  };

  // Sends what waits; whatever comes of it is shown, and tried again later.
  const go = async () => {
    clearTimeout(timer);
    const done = await send(async (now) => {
      if (now.who && now.who.person !== who?.person) known(now.who);
      if (now.who && why) why = "";
      sending = now.sending ?? "";
      await show();
    });
    sending = "";
    if (done.why !== "elsewhere") {
      why = done.why === "done" ? "" : done.why;
      until = done.until ?? 0;
    }
    if (done.who) {
      known(done.who);
      pause = FIRST_MS;
    }
    again(await show());
  };

  // Something new waits: the browser may send it when the page is closed, where it can.
  const wake = async () => {
    pause = FIRST_MS;
    try {
      const worker = await navigator.serviceWorker?.ready;
      await worker?.sync?.register("send");
    } catch {
      // Without it (Safari, Firefox) the page sends when it is open.
    }
    await go();
  };

  byId("send").addEventListener("click", () => {
    pause = FIRST_MS;
    go();
  });
  addEventListener("online", () => {
    pause = FIRST_MS;
    go();
  });
  addEventListener("offline", () => {
    why = "offline";
    show();
  });
  document.addEventListener("visibilitychange", () => document.hidden || go());
  navigator.serviceWorker?.addEventListener("message", () => go());

  Object.assign(self.market, {
    queue: { go, show, wake, recall, onwho: (one) => spoken.add(one), get who() { return who; } },
  });
}
