// Shows how much of many files is sent. Without this, the browser sends the form itself.
"use strict";
{
  const form = document.querySelector("form.many");
  const files = form.querySelector("input[type=file]");
  const chosen = form.querySelector(".chosen-many");
  const wrong = form.querySelector(".wrong");
  const working = form.querySelector(".working");
  const bar = working.querySelector("progress");
  const told = working.querySelector(".told");
  const button = form.querySelector("button");
  const most = Number(form.dataset.maxBytes);

  const total = () => [...files.files].reduce((sum, one) => sum + one.size, 0);
  const complain = (text) => {
    wrong.textContent = text;
    wrong.hidden = !text;
  };
  const rest = () => {
    button.disabled = false;
    working.hidden = true;
  };

  const show = () => {
    chosen.hidden = !files.files.length;
    chosen.textContent = chosen.dataset.text
      .replace("{count}", files.files.length)
      .replace("{megabytes}", (total() / 1048576).toFixed(1));
    complain(total() > most ? wrong.dataset.large : "");
  };
  files.addEventListener("change", show);
  addEventListener("pageshow", () => {
    rest();
    if (files.files.length) show();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!files.files.length) return complain(wrong.dataset.none);
    if (total() > most) return complain(wrong.dataset.large);
    complain("");
    const sending = new XMLHttpRequest();
    sending.open("POST", form.action);
    sending.responseType = "document";
    sending.upload.onprogress = ({ loaded, total: all }) => {
      const percent = Math.floor((100 * loaded) / all);
      bar.value = percent;
      told.textContent =
        percent < 100 ? told.dataset.text.replace("{percent}", percent) : told.dataset.storing;
    };
    sending.onload = () => {
      // The answer leads to the page of the batch, which the browser has followed.
      if (sending.status < 400) return location.assign(sending.responseURL);
      const page = sending.response;
      const words = page ? [...page.querySelectorAll("#main h1, #main .step")] : [];
      rest();
      complain(words.map((one) => one.textContent.trim()).join(" ") || wrong.dataset.broken);
    };
    sending.onerror = () => {
      rest();
      complain(wrong.dataset.broken);
    };
    button.disabled = true;
    working.hidden = false;
    bar.value = 0;
    told.textContent = told.dataset.text.replace("{percent}", 0);
    sending.send(new FormData(form));
  });
}
