// Draws the tables of figures as charts. Without this, or before the library has come, the
// tables say all that the charts say.
"use strict";
(() => {
  const library = document.currentScript.dataset.library;
  const places = [...document.querySelectorAll("[data-chart]")];
  if (!places.length) return;
  const charts = [];

  // A tone and a hatching each: who cannot tell the tones apart tells the hatchings.
  const TONES = {
    inconsistent: ["--inconsistent", "/"], suspected: ["--suspected", "\\"],
    unverifiable: ["--unverifiable", "."], consistent: ["--consistent", ""],
    error: ["--advice", "-"], not_applicable: ["--line", ""],
    opened: ["--advice", ""], settled: ["--consistent", "/"], handled: ["--consistent", "/"],
    closed: ["--rule", ""], on_time: ["--consistent", "."], referred: ["--suspected", "\\"],
    filed: ["--unverifiable", "-"], open: ["--unverifiable", "."],
    overdue: ["--inconsistent", "/"],
  };
  // What a total or a whole says is said by its parts; of leads, the tables say more.
  const LEFT_OUT = new Set(["total", "not_applicable", "handled", "filed", "open"]);
  const STACKED = new Set(["inconsistent", "suspected", "unverifiable", "consistent", "error"]);

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const filled = (measure) => {
    const [name, mark] = TONES[measure] || ["--soft", ""];
    const tone = colour(name);
    if (!mark) return tone;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = tone;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = pen.fillStyle = colour("--sheet");
    pen.lineWidth = 1.4;
    const lines = {
      "/": [[-2, 2, 2, -2], [0, 8, 8, 0], [6, 10, 10, 6]],
      "\\": [[-2, 6, 2, 10], [0, 0, 8, 8], [6, -2, 10, 2]],
      "-": [[0, 4, 8, 4]],
    }[mark];
    pen.beginPath();
    for (const [x, y, to, down] of lines || []) { pen.moveTo(x, y); pen.lineTo(to, down); }
    if (lines) pen.stroke(); else { pen.arc(4, 4, 1.4, 0, 7); pen.fill(); }
    return pen.createPattern(tile, "repeat");
  };

  const short = (text) => (text.length > 16 ? `${text.slice(0, 15)}…` : text);

  const read = (table, most) => {
    const measures = [...table.querySelectorAll("thead [data-measure]")].map((one, at) =>
      ({ name: one.dataset.measure, label: one.textContent, at }))
      .filter((one) => !LEFT_OUT.has(one.name));
    const rows = [...table.querySelectorAll("tbody tr")].slice(0, most).map((row) => ({
      label: row.querySelector("th").textContent,
      counts: [...row.querySelectorAll("[data-n]")].map((cell) => Number(cell.dataset.n)),
    }));
    return { measures, rows };
  };

  const draw = (place) => {
    const months = place.dataset.chart === "month";
    const { measures, rows } = read(place.parentNode.querySelector("table"),
      months ? 120 : Number(place.dataset.most));
    const stacked = measures.every((one) => STACKED.has(one.name));
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", place.dataset.told);
    place.replaceChildren(canvas);
    place.hidden = false;
    place.parentNode.querySelector("details").open = false;
    const shown = stacked ? measures : measures.filter((one) =>
      rows.some((row) => row.counts[one.at]));
    const per = stacked ? 26 : 12 * shown.length + 10;
    place.classList.toggle("wide", months);
    canvas.parentNode.style.height = months ? "" : `${90 + rows.length * per}px`;
    const text = colour("--ink"), line = colour("--line");
    const counted = { beginAtZero: true, grace: "5%", stacked, ticks: { color: text, precision: 0 }, grid: { color: line } };
    const named = {
      stacked, grid: { display: false },
      ticks: { color: text, autoSkip: months, callback(value) { return short(this.getLabelForValue(value)); } },
    };
    charts.push(new Chart(canvas, {
      type: "bar",
      data: {
        labels: rows.map((row) => row.label),
        datasets: shown.map((one) => ({
          label: one.label, data: rows.map((row) => row.counts[one.at]),
          backgroundColor: filled(one.name), maxBarThickness: 34,
        })),
      },
      options: {
        indexAxis: months ? "x" : "y",
        animation: false, maintainAspectRatio: false, responsive: true,
        interaction: { mode: "index", axis: months ? "x" : "y", intersect: false },
        scales: months ? { x: named, y: counted } : { x: counted, y: named },
        plugins: { legend: { labels: { color: text, boxWidth: 18 } } },
      },
    }));
  };

  const drawAll = () => {
    while (charts.length) charts.pop().destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const place of places) draw(place);
  };

  const script = document.createElement("script");
  script.src = library;
  script.onload = () => {
    drawAll();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  };
  document.head.append(script);
})();
