// A finding's place, enlarged on the spot; without this its link leads to a page that shows it.
"use strict";

const lens = document.querySelector(".lens");
if (lens && lens.showModal) {
  const title = lens.querySelector("h2");
  const picture = lens.querySelector("img");
  const said = lens.querySelector(".lens-said");
  const whole = lens.querySelector(".lens-whole");

  for (const link of document.querySelectorAll(".place[data-lens]")) {
    if (link.getAttribute("href").startsWith("#")) continue;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const [address] = link.href.split("?");
      const number = address.split("/").pop();
      title.textContent = title.dataset.text.replace("{number}", number);
      picture.alt = picture.dataset.alt.replace("{number}", number);
      picture.src = `${address}.jpg`;
      const row = link.closest(".evidence");
      said.className = `lens-said evidence ${[...row.classList].pop()}`;
      said.replaceChildren(...[...row.querySelectorAll(".what, dl")].map((one) => one.cloneNode(true)));
      whole.href = `#${link.dataset.lens}`;
      lens.showModal();
    });
  }

  lens.querySelector("button").addEventListener("click", () => lens.close());
  whole.addEventListener("click", () => lens.close());
  // A tap beside it closes it, as people expect.
  lens.addEventListener("click", (event) => {
    if (event.target === lens) lens.close();
  });
}
