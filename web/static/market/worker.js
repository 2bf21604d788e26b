// The service worker: the page opens without a connection, and what waits is sent by itself.
// `SHELL` (what the page is made of) and `VERSION` (a digest of it) stand before this.
"use strict";
importScripts("/static/market/store.js", "/static/market/send.js");

const CACHE = `certcheck-market-${VERSION}`;
const OURS = "certcheck-market-";
const PAGE = "/market/";

// What leads elsewhere, to the sign-in page say, is none of the page.
const take = async (cache, address) => {
  const answer = await fetch(new Request(address, { cache: "reload", credentials: "same-origin" }));
  if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
  await cache.put(address, answer);
};

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(SHELL.map((address) => take(cache, address)));
    await self.skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

const kept = async (request, url) => {
  const cache = await caches.open(CACHE);
  if (url.pathname === PAGE) {
    const lang = url.searchParams.get("lang") === "en" ? "en" : "zh";
    return cache.match(`${PAGE}?lang=${lang}`);
  }
  return SHELL.includes(url.pathname) ? cache.match(url.pathname) : undefined;
};

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname !== PAGE && !SHELL.includes(url.pathname)) return;
  event.respondWith(kept(event.request, url).then((found) => found ?? fetch(event.request)));
});

// Background Sync, where a browser has it; elsewhere the page sends when it is open.
addEventListener("sync", (event) => {
  if (event.tag !== "send") return;
  event.waitUntil((async () => {
    const { why } = await market.send();
    const pages = await self.clients.matchAll();
    for (const page of pages) page.postMessage({ why });
    // The browser comes again by itself after a failure.
    if (why === "offline" || why === "busy") throw new Error(why);
  })());
});
