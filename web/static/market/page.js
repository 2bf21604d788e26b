// The certificate that is being taken: its photos are kept at once, its form when it is done.
"use strict";
(async () => {
  const { store, say, make, byId, camera, list, queue, DRAFT, WAITING } = self.market;
  const root = byId("market"), draftForm = byId("draft"), wrong = byId("trouble");
  const most = Number(root.dataset.maxBytes);
  const FIELDS = { market: "place-market", stall: "stall", note: "note", batch: "batch" };
  const LAST = "certcheck-market-last";
  // Room that must be left for what follows: some photos.
  const LEAST_ROOM = 40 * 2 ** 20;
  const PLACE_MS = 20_000, PLACE_AGE_MS = 60_000, PLACE_DIGITS = 3;

  let draft = null, shown = {}, place = null;

  const trouble = (text) => {
    wrong.textContent = text;
    wrong.hidden = !text;
  };
  self.market.trouble = trouble;

  const uuid = () =>
    crypto.randomUUID?.() ??
    [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

  const last = () => {
    try {
      return JSON.parse(localStorage.getItem(LAST)) ?? {};
    } catch {
      return {};
    }
  };

  // Told before the shutter: a photo that cannot be kept must not be believed kept.
  const room = async () => {
    if (!navigator.storage?.estimate) return true;
    const { quota, usage } = await navigator.storage.estimate();
    const left = quota - usage;
    if (left >= LEAST_ROOM) return true;
    trouble(say("little_room", { megabytes: Math.max(0, Math.floor(left / 2 ** 20)) }));
    return false;
  };

  const begin = () => ({
    key: uuid(), owner: queue.who.person, state: DRAFT, captured_at: new Date().toISOString(),
    code: "", place: null,
  });

  const show = async () => {
    for (const url of Object.values(shown)) URL.revokeObjectURL(url);
    shown = {};
    const photos = draft ? await store.photos(draft.key) : {};
    const sides = ["front", "back"].filter((side) => photos[side]).map((side) => {
      shown[side] = URL.createObjectURL(photos[side]);
      return make("figure", {}, make("img", { src: shown[side], alt: say(side) }),
        make("figcaption", {}, say(side)),
        make("button", { class: "plain", type: "button", onclick: () => drop(side) }, say("retake")));
    });
    byId("sides").replaceChildren(...sides);
    byId("empty").hidden = sides.length > 0;
    byId("save").disabled = !photos.front;
    byId("shutter").textContent = say(photos.front ? "take_back" : "take_front");
    byId("bound").hidden = !draft?.code;
    byId("bound").textContent = draft?.code ? say("bound", { code: draft.code }) : "";
    return photos;
  };

  const kept = async (photos) => {
    try {
      await store.put(draft, photos);
      return true;
    } catch (error) {
      trouble(say(error.name === "QuotaExceededError" ? "not_kept" : "no_store"));
      return false;
    }
  };

  const add = async (side, blob) => {
    if (!queue.who) return trouble(say("nobody"));
    if (!blob) return trouble(say("no_camera"));
    if (blob.size > most) return trouble(say("too_large"));
    trouble("");
    const fresh = !draft;
    draft ??= begin();
    if (side === "front") draft.captured_at = new Date().toISOString();
    const there = await kept({ [side]: blob });
    if (!there && fresh) draft = null;
    await show();
    if (!there) return;
    navigator.storage?.persist?.();
    await room();
  };

  const drop = async (side) => {
    await kept({ [side]: null });
    const left = await show();
    if (Object.keys(left).length) return;
    await store.remove(draft.key);
    draft = null;
    await show();
  };

  // A code that was scanned goes with the certificate that is taken next.
  self.market.bind = async (code) => {
    if (!queue.who) return;
    draft ??= begin();
    draft.code = code;
    await kept({});
    await show();
  };

  const locate = () => {
    place = null;
    if (!byId("place").checked) return (byId("where").textContent = "");
    byId("where").textContent = say("place_wait");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const rounded = (value) => Number(value.toFixed(PLACE_DIGITS));
        place = {
          latitude: rounded(coords.latitude), longitude: rounded(coords.longitude),
          accuracy: Math.max(80, Math.ceil(coords.accuracy)),
        };
        byId("where").textContent = say("place_kept", place);
      },
      () => (byId("where").textContent = say("place_refused")),
      { enableHighAccuracy: false, timeout: PLACE_MS, maximumAge: PLACE_AGE_MS },
    );
  };

  const values = () =>
    Object.fromEntries(Object.entries(FIELDS).map(([name, id]) => [name, byId(id).value.trim()]));

  const fill = () => {
    for (const [name, value] of Object.entries(last())) {
      if (FIELDS[name]) byId(FIELDS[name]).value = value;
    }
  };

  draftForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!draft) return;
    const said = values();
    draft = { ...draft, ...said, place: byId("place").checked ? place : null, state: WAITING };
    if (!(await kept({}))) {
      draft.state = DRAFT;
      return;
    }
    try {
      localStorage.setItem(LAST, JSON.stringify({ ...said, note: "" }));
    } catch {
      // The next form is empty then.
    }
    draft = null;
    byId("note").value = "";
    for (const side of ["front", "back"]) byId(side).value = "";
    await show();
    if (byId("place").checked) locate();
    await queue.show();
    byId("progress").textContent = `${say("kept")} ${byId("progress").textContent}`;
    await queue.wake();
  });

  for (const side of ["front", "back"]) {
    byId(side).addEventListener("change", () => byId(side).files[0] && add(side, byId(side).files[0]));
  }
  byId("shutter").addEventListener("click", async () => {
    if (!(await room())) return;
    byId("shutter").disabled = true;
    const photos = draft ? await store.photos(draft.key) : {};
    await add(photos.front ? "back" : "front", await camera.take());
    byId("shutter").disabled = false;
  });
  byId("place").addEventListener("change", locate);

  const choose = (id, items, value, text) =>
    byId(id).replaceChildren(...items.map((one) => make("option", { value: value(one) }, text(one))));
  const resume = async () => {
    const mine = queue.who ? await store.captures(queue.who.person) : [];
    draft = mine.find((one) => one.state === DRAFT) ?? null;
    await show();
  };
  queue.onwho((told, other) => {
    choose("markets", told.markets, (one) => one, () => "");
    choose("stalls", told.stalls, (one) => one, () => "");
    const batch = byId("batch");
    const now = batch.value || last().batch || "";
    batch.replaceChildren(batch.options[0],
      ...told.batches.map((one) => make("option", { value: one.id }, one.title)));
    batch.value = told.batches.some((one) => one.id === now) ? now : "";
    if (!list.held && navigator.onLine) list.renew();
    // What somebody else was taking is none of his.
    if (other) resume();
  });

  if (navigator.serviceWorker) {
    navigator.serviceWorker.register("/market/worker.js").catch(() => {});
  }
  try {
    fill();
    await list.open();
    queue.recall();
    await resume();
    await queue.show();
    await room();
  } catch {
    return trouble(say("no_store"));
  }
  await queue.go();
})();
