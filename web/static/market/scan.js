// Reads codes, and looks at frames, beside the page: served by us, nothing is fetched elsewhere.
"use strict";
importScripts("/static/vendor/zxing-wasm/reader.js", "/static/market/frames.js");
ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (file) => `/static/vendor/zxing-wasm/${file}` },
});

const OPTIONS = {
  formats: ["QRCode", "MicroQRCode", "DataMatrix", "Code128", "EAN-13"],
  maxNumberOfSymbols: 8,
  tryHarder: true,
};

// {id, frame, crop, long, zoom, codes, advice}: RGBA as of a canvas; which of the two is wanted.
addEventListener("message", async ({ data }) => {
  const told = { id: data.id, codes: [], advice: [] };
  try {
    if (data.advice) told.advice = market.frames.advise(data.frame, data.crop, data.long, data.zoom);
    if (data.codes) {
      const found = await ZXingWASM.readBarcodes(data.frame, OPTIONS);
      told.codes = found.filter((one) => one.isValid && one.text).map((one) => one.text);
    }
  } catch (error) {
    told.broken = String(error);
  }
  postMessage(told);
});
