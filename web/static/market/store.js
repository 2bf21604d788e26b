// What the phone keeps: certificates until the server has them, and the list to look up in.
// Used by the page and by the service worker.
"use strict";
{
  const NAME = "certcheck-market";
  const VERSION = 1;
  const DRAFT = "draft", WAITING = "waiting", SENT = "sent", REFUSED = "refused";
  // Of those that were sent, which the list shows.
  const MOST_SENT = 50;

  const answered = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  let opened = null;
  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        const base = request.result;
        base.createObjectStore("captures", { keyPath: "key" }).createIndex("owner", "owner");
        // Apart from the rest, so that a list is shown without its photos.
        base.createObjectStore("photos", { keyPath: ["key", "side"] });
        base.createObjectStore("kept", { keyPath: "id" });
      };
      request.onsuccess = () => {
        // Another page wants to bring it up to date, or clears it.
        request.result.onversionchange = () => request.result.close();
        request.result.onclose = () => (opened = null);
        resolve(request.result);
      };
      request.onerror = () => {
        opened = null;
        reject(request.error);
      };
    });
    return opened;
  };

  // Runs `work` in one transaction; what it wrote is on the disk when this is done.
  const within = async (names, mode, work) => {
    const base = await open();
    return new Promise((resolve, reject) => {
      const deal = base.transaction(names, mode, { durability: "strict" });
      let result;
      deal.oncomplete = () => resolve(result);
      deal.onabort = () => reject(deal.error ?? new DOMException("aborted", "AbortError"));
      Promise.resolve(work(deal)).then(
        (value) => (result = value),
        (error) => {
          try {
            deal.abort();
          } catch {
            // It was already.
          }
          reject(error);
        },
      );
    });
  };

  const photoKeys = (key) => IDBKeyRange.bound([key], [key, []]);

  // Adds or replaces a certificate; `photos` maps a side to a Blob, or to null to take it away.
  const put = (capture, photos = {}) =>
    within(["captures", "photos"], "readwrite", (deal) => {
      deal.objectStore("captures").put(capture);
      const store = deal.objectStore("photos");
      for (const [side, blob] of Object.entries(photos)) {
        if (blob) store.put({ key: capture.key, side, blob });
        else store.delete([capture.key, side]);
      }
    });

  const captures = (owner) =>
    within(["captures"], "readonly", async (deal) => {
      const found = await answered(deal.objectStore("captures").index("owner").getAll(owner));
      return found.sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1));
    });

  // How many of others wait on this phone; of whom and what, is theirs to see.
  const ofOthers = (owner) =>
    within(["captures"], "readonly", async (deal) => {
      const all = await answered(deal.objectStore("captures").getAll());
      return all.filter((one) => one.owner !== owner && [WAITING, REFUSED].includes(one.state)).length;
    });

  const photos = (key) =>
    within(["photos"], "readonly", async (deal) => {
      const found = await answered(deal.objectStore("photos").getAll(photoKeys(key)));
      return Object.fromEntries(found.map((one) => [one.side, one.blob]));
    });

  const remove = (key) =>
    within(["captures", "photos"], "readwrite", (deal) => {
      deal.objectStore("captures").delete(key);
      deal.objectStore("photos").delete(photoKeys(key));
    });

  // Changes a certificate that is still there; one that somebody deleted meanwhile stays so.
  const change = (key, changes, { drop = false } = {}) =>
    within(["captures", "photos"], "readwrite", async (deal) => {
      const store = deal.objectStore("captures");
      const found = await answered(store.get(key));
      if (!found) return;
      store.put({ ...found, ...changes });
      if (drop) deal.objectStore("photos").delete(photoKeys(key));
    });

  // The server has it: its photos are let go, and of what was sent only the latest is shown.
  const sent = async (key, check) => {
    await change(key, { state: SENT, check, problem: null }, { drop: true });
    await within(["captures"], "readwrite", async (deal) => {
      const store = deal.objectStore("captures");
      const mine = (await answered(store.getAll())).filter((one) => one.state === SENT);
      mine.sort((a, b) => (a.captured_at < b.captured_at ? 1 : -1));
      for (const old of mine.slice(MOST_SENT)) store.delete(old.key);
    });
  };

  const keep = (id, value) =>
    within(["kept"], "readwrite", (deal) => void deal.objectStore("kept").put({ id, value }));
  const kept = (id) =>
    within(["kept"], "readonly", async (deal) =>
      (await answered(deal.objectStore("kept").get(id)))?.value);

  self.market = Object.assign(self.market ?? {}, {
    DRAFT, WAITING, SENT, REFUSED,
    store: { put, captures, ofOthers, photos, remove, change, sent, keep, kept },
  });
}
