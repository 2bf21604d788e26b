// Sends what waits: each certificate under its own key, until the server says that it has it.
// Used by the page and by the service worker; of all of them one sends at a time.
"use strict";
{
  const { store, WAITING, REFUSED } = self.market;
  const ROOT = new URL("/market/", self.location.origin);
  // Five minutes: eight megabytes over the poorest connection that still is one.
  const LONGEST_MS = 300_000;
  const PAUSE = "pause";
  // Of answers that another attempt may change; the rest of 400 to 499 is final.
  const AGAIN = new Set([404, 408, 425, 429]);
  const FORM_EXPIRED = "account.form_expired", OTHER_ACCOUNT = "market.other_account";

  class Stop extends Error {
    constructor(why, until = 0) {
      super(why);
      Object.assign(this, { why, until });
    }
  }

  const ask = async (path, options = {}) => {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), LONGEST_MS);
    try {
      const answer = await fetch(new URL(path, ROOT), {
        cache: "no-store", credentials: "same-origin", redirect: "manual",
        headers: { Accept: "application/json", ...options.headers }, ...options,
        signal: giveUp.signal,
      });
      // Led to the sign-in page.
      if (answer.type === "opaqueredirect") throw new Stop("signed-out");
      return answer;
    } catch (error) {
      throw error instanceof Stop ? error : new Stop("offline");
    } finally {
      clearTimeout(timer);
    }
  };

  const told = async (answer) => {
    try {
      return await answer.json();
    } catch {
      return {};
    }
  };

  // Who is signed in, and what else the page needs to know.
  const session = async () => {
    const answer = await ask(`state?lang=${self.market.lang ?? "zh"}`);
    if (answer.status === 403) throw new Stop("not-allowed");
    if (!answer.ok) throw new Stop("busy", later(answer));
    return told(answer);
  };

  // When to come again, by the server's word; milliseconds since 1970.
  const later = (answer) => {
    const said = answer.headers.get("Retry-After");
    const seconds = /^\d+$/.test(said ?? "") ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
    return seconds > 0 ? Date.now() + 1000 * Math.min(seconds, 3600) : 0;
  };

  const form = async (capture, who) => {
    const photos = await store.photos(capture.key);
    if (!photos.front) return null;
    const { key, market, stall, note, batch, code, place, captured_at } = capture;
    const about = { key, market, stall, note, batch, code, place, captured_at, owner: who.person };
    const made = new FormData();
    made.append("told", JSON.stringify(about));
    made.append("front", photos.front, capture.name || "front.jpg");
    if (photos.back) made.append("back", photos.back, "back.jpg");
    return made;
  };

  // One certificate; returns who is signed in, which may have changed meanwhile.
  const one = async (capture, who, fresh = false) => {
    const body = await form(capture, who);
    if (!body) {
      const problem = { code: "market.lost" };
      await store.change(capture.key, { state: REFUSED, problem });
      return who;
    }
    const headers = { Accept: "application/json", "X-CSRFToken": who.csrf };
    const lang = self.market.lang ?? "zh";
    const answer = await ask(`checks?lang=${lang}`, { method: "POST", body, headers });
    const { status } = answer;
    const said = await told(answer);
    if (answer.ok && said.check) {
      await store.sent(capture.key, said.check);
      return who;
    }
    if (!fresh && [FORM_EXPIRED, OTHER_ACCOUNT].includes(said.code)) {
      // The page is older than the sign-in: who is it now?
      const now = await session();
      return now.person === capture.owner ? one(capture, now, true) : now;
    }
    if (status === 403) throw new Stop("not-allowed");
    if (status >= 400 && status < 500 && !AGAIN.has(status)) {
      const problem = { code: said.code, title: said.title, next_step: said.next_step, status };
      await store.change(capture.key, { state: REFUSED, problem });
      return who;
    }
    throw new Stop(status >= 500 || status === 429 ? "busy" : "offline", later(answer));
  };

  const run = async (onchange) => {
    const pause = (await store.kept(PAUSE)) ?? 0;
    if (pause > Date.now()) throw new Stop("busy", pause);
    let who = await session();
    const tried = new Set();
    for (;;) {
      // Looked up anew each time: more may have come, some may be gone.
      const next = (await store.captures(who.person)).find(
        (each) => each.state === WAITING && !tried.has(each.key),
      );
      if (!next) return { why: "done", who };
      tried.add(next.key);
      onchange({ sending: next.key, who });
      who = await one(next, who);
      onchange({ who });
    }
  };

  // Sends all that waits of whoever is signed in.
  // Returns {why: done | offline | signed-out | not-allowed | busy | elsewhere, until, who}.
  const send = (onchange = () => {}) => {
    const work = async () => {
      try {
        return await run(onchange);
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
        if (error.until) await store.keep(PAUSE, error.until);
        return { why: error.why, until: error.until };
      }
    };
    if (!self.navigator.locks) return work();
    return self.navigator.locks.request("certcheck-market-send", { ifAvailable: true }, (lock) =>
      lock ? work() : { why: "elsewhere" });
  };

  Object.assign(self.market, { send, session, ask, Stop });
}
