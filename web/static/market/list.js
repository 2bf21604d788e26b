// The list that the phone takes along: fetched, kept, its age told, looked up in.
"use strict";
{
  const { store, ask, lookup } = self.market;
  const root = document.getElementById("market");
  const words = JSON.parse(root.dataset.words);
  const byId = (id) => document.getElementById(id);
  const KEPT = "registry";
  const OLD_DAYS = 7;
  const DAY_MS = 86_400_000;

  const say = (code, values = {}) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replaceAll(`{${name}}`, value),
      words[code] ?? code,
    );
  // An element with its attributes, texts and elements within.
  const make = (name, about = {}, ...within) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(about)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(key, value);
    }
    made.append(...within);
    return made;
  };
  const locale = document.documentElement.lang;
  const day = (text) => (text ? new Date(`${text}T12:00`).toLocaleDateString(locale, { dateStyle: "medium" }) : "");
  const moment = (value) =>
    new Date(value).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  // By this phone's calendar.
  const today = () => {
    const now = new Date();
    return new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  };

  let held = null, index = null;

  const right = (one, on) => {
    const standing = lookup.standing(one, on);
    const told = say(`right.${standing}`, { since: day(one.since || one.unlisted) });
    const from = day(one.from) || say("open_end"), until = day(one.until) || say("open_end");
    return make("li", {}, make("b", {}, `${one.kind} ${one.number}`), " ",
      make("span", { class: "when" }, say("term", { from, until })), make("br"),
      say("on_day", { day: day(on) }) + told);
  };

  // A laboratory as the list has it, with its rights on a day.
  const card = (lab, on) =>
    make("li", { class: "card" }, make("h3", { lang: "zh-CN" }, lab.name),
      ...(lab.aliases.length ? [make("p", { class: "when", lang: "zh-CN" }, lab.aliases.join("；"))] : []),
      make("ul", { class: "terms" }, ...lab.rights.map((one) => right(one, on))),
      ...(lab.sites.length ? [make("p", { class: "when" }, lab.sites.map((one) => one.domain).join(" "))] : []));

  // What the list says of a code: sentences and laboratories.
  const ofCode = (text) => {
    const host = lookup.host(text);
    if (!index) return { told: say("no_list"), labs: [] };
    const { kind, labs } = index.find(text, today());
    if (kind !== "site") return { told: labs.length ? "" : say("no_site"), labs };
    return { told: say(labs.length ? "site_of" : "site_unknown", { host }), labs };
  };

  const chosen = () =>
    [...document.querySelectorAll("#authorities input:checked")].map((one) => one.value);

  const age = (newest) => {
    const told = [];
    if (!held) told.push(say("no_list"));
    else {
      const { list, fetched } = held;
      const days = Math.floor((Date.now() - fetched) / DAY_MS);
      if (list.listed) {
        told.push(say("age", {
          count: list.listed, time: moment(fetched), imported: moment(list.imported_at),
          days: days < 1 ? say("today") : say("days_ago", { days }),
        }));
      }
      if (!list.listed && list.total) told.push(say("choose", { total: list.total }));
      else if (list.listed < list.total) told.push(say("cut", { total: list.total, count: list.listed }));
      if (list.demo) told.push(say("demo"));
      if (newest && newest !== list.revision) told.push(say("changed"));
      else if (days >= OLD_DAYS) told.push(say("old"));
    }
    byId("age").textContent = told.join(" ");
  };

  const use = (value) => {
    held = value ?? null;
    index = held ? lookup.index(held.list) : null;
    for (const input of document.querySelectorAll("#authorities input")) {
      const count = held?.list.authorities[input.value];
      input.checked = held?.list.chosen.includes(input.value) ?? false;
      input.closest(".tick").hidden = held !== null && !count;
      input.closest(".tick").querySelector("small").textContent = count ? `${count}` : "";
    }
    age();
    search();
  };

  // Fetches the list where it has changed; the old one stays until the new one is whole.
  const renew = async () => {
    const wanted = chosen();
    const same = held && held.list.chosen.join() === [...wanted].sort().join();
    const headers = same && held.tag ? { "If-None-Match": held.tag } : {};
    try {
      const answer = await ask(`registry?authorities=${wanted.join(",")}`, { headers });
      if (answer.status === 304) {
        await store.keep(KEPT, (held = { ...held, fetched: Date.now() }));
        return age();
      }
      if (!answer.ok) throw new Error(answer.status);
      const value = { list: await answer.json(), tag: answer.headers.get("ETag"), fetched: Date.now() };
      await store.keep(KEPT, value);
      use(value);
    } catch {
      age();
      byId("age").textContent += ` ${say("list_failed")}`;
    }
  };

  const search = () => {
    const text = byId("query").value.trim();
    const results = byId("results");
    results.replaceChildren();
    if (!text) return;
    if (!index) return results.append(make("li", { class: "card" }, say("no_list")));
    const on = byId("day").value || today();
    const { labs } = index.find(text, on);
    results.append(...labs.map((lab) => card(lab, on)));
    if (!labs.length) results.append(make("li", { class: "card" }, say("none_found")));
  };

  byId("day").value = today();
  byId("query").addEventListener("input", search);
  byId("day").addEventListener("input", search);
  byId("renew").addEventListener("click", renew);

  Object.assign(self.market, {
    lang: root.dataset.lang, say, make, byId, moment, today,
    list: {
      age, card, ofCode, renew,
      open: async () => use(await store.kept(KEPT)),
      get held() { return held; },
    },
  });
}
