// A part of the page that changes is fetched again until it is done. Without this, the page
// is loaded anew as a whole.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  const told = part.parentElement.querySelector(".told");
  const every = Number(part.dataset.every);
  const said = told.textContent;
  let offline = false;

  const look = async () => {
    let pause = every;
    try {
      const answer = await fetch(part.dataset.live, { cache: "no-store" });
      // Deleted, or its time is over: the page itself says so.
      if (answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const changed = fresh.querySelector(".changing");
      if (!changed) throw new Error();
      // Who reads by keyboard keeps his place.
      const at = document.activeElement && document.activeElement.getAttribute("href");
      const inside = part.contains(document.activeElement);
      part.replaceChildren(changed);
      if (inside && at) part.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus();
      const text = changed.dataset.told || (offline ? said : "");
      // A screen reader says it only when there is something new.
      if (told.textContent !== text) told.textContent = text;
      offline = false;
      if (changed.dataset.done) {
        document.querySelectorAll(".while").forEach((one) => (one.hidden = true));
        return;
      }
    } catch {
      offline = true;
      told.textContent = told.dataset.offline;
      pause = Math.max(pause, 4000);
    }
    setTimeout(look, pause);
  };
  if (!part.querySelector("[data-done]")) setTimeout(look, every);
}
