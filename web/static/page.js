// The page works without this; it makes choosing, waiting and comparing easier.
"use strict";
document.documentElement.classList.add("js");

const form = document.querySelector("form[data-max-bytes]");
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
    if (!one || one.size > Number(form.dataset.maxBytes)) {
      event.preventDefault();
      complain(one ? wrong.dataset.large : wrong.dataset.none);
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
