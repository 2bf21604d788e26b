// The page works without this; it makes choosing, waiting and comparing easier.
"use strict";
document.documentElement.classList.add("js");

// Whoever signs out leaves the phone to others: what he captured stays, for him alone.
document.querySelector('form[action^="/sign-out"]')?.addEventListener("submit", () => {
  try {
    localStorage.removeItem("certcheck-market-who");
  } catch {
    // Nothing is kept there then.
  }
});

const form = document.querySelector("form[data-max-bytes]:not(.many)");
if (form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const chosen = form.querySelector(".chosen");
  const picture = chosen.querySelector("img");
  const wrong = form.querySelector(".wrong");
  const working = form.querySelector(".working");
  const button = form.querySelector("button");
  let clock = 0;

  const file = () => inputs.map((input) => input.files[0]).find(Boolean);
  const complain = (text) => {
    wrong.textContent = text;
    wrong.hidden = !text;
  };

  const show = () => {
    const one = file();
    chosen.hidden = !one;
    URL.revokeObjectURL(picture.src);
    picture.hidden = true;
    complain(one && one.size > Number(form.dataset.maxBytes) ? wrong.dataset.large : "");
    if (!one) return;
    chosen.querySelector("span").textContent = chosen.dataset.text.replace("{name}", one.name);
    // Some browsers cannot draw HEIC or PDF: then the name alone has to do.
    picture.onload = () => (picture.hidden = false);
    picture.src = URL.createObjectURL(one);
    button.focus();
  };

  for (const input of inputs) {
    input.addEventListener("change", () => {
      for (const other of inputs) if (other !== input) other.value = "";
      show();
    });
  }

  form.addEventListener("submit", (event) => {
    const one = file();
    const large = one && one.size > Number(form.dataset.maxBytes);
    // The browser's own page would lose what was chosen.
    if (!one || large || !navigator.onLine) {
      event.preventDefault();
      complain(!one ? wrong.dataset.none : large ? wrong.dataset.large : wrong.dataset.offline);
      return;
    }
    const begun = Date.now();
    button.disabled = true;
    working.hidden = false;
    working.querySelector(".told").textContent = working.dataset.text;
    const tick = () => {
      const seconds = Math.round((Date.now() - begun) / 1000);
      working.querySelector(".seconds").textContent =
        working.dataset.seconds.replace("{seconds}", seconds);
    };
    tick();
    clock = setInterval(tick, 1000);
  });

  // Coming back by the browser's own button shows the form as it was left: waiting.
  addEventListener("pageshow", () => {
    clearInterval(clock);
    button.disabled = false;
    working.hidden = true;
    show();
  });
}

// While a photo is read, its page asks how far it is, and shows the report when it is there.
const waiting = document.querySelector(".waiting");
if (waiting) {
  const told = waiting.querySelector(".told");
  const seconds = waiting.querySelector(".seconds");
  const begun = Date.now() - 1000 * Number(waiting.dataset.waited);
  const tick = () => {
    const passed = Math.round((Date.now() - begun) / 1000);
    seconds.textContent = seconds.dataset.seconds.replace("{seconds}", passed);
  };
  setInterval(tick, 1000);

  const look = async () => {
    let pause = 1000;
    try {
      const answer = await fetch(waiting.dataset.state, { cache: "no-store" });
      if (answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error();
      const { status, ahead } = await answer.json();
      if (status === "done") return location.reload();
      const text = ahead ? told.dataset.queued.replace("{count}", ahead) : told.dataset.running;
      // A screen reader says it only when there is something new.
      if (told.textContent !== text) told.textContent = text;
    } catch {
      told.textContent = told.dataset.offline;
      pause = 4000;
    }
    setTimeout(look, pause);
  };
  look();
}

// A finding and its place on the photo light up together.
for (const mark of document.querySelectorAll(".mark")) {
  const rows = mark.dataset.rows.split(" ").map((id) => document.getElementById(id));
  const together = [mark, ...rows.filter(Boolean)];
  for (const one of together) {
    for (const [event, on] of [["mouseenter", true], ["mouseleave", false]]) {
      one.addEventListener(event, () => together.forEach((e) => e.classList.toggle("lit", on)));
    }
  }
}
