// The camera: codes are read and photos looked at while it is open; beside the page, in a worker.
"use strict";
{
  const { say, make, byId, frames, list, today } = self.market;
  const video = byId("video"), hint = byId("hint"), shutter = byId("shutter");
  // Frames a second that are looked at: a phone stays cool, a hand is slower.
  const PAUSE_MS = 220;
  // Pixels of a frame's long side in which codes are sought, and of the piece from its middle.
  const FRAME = 1280, CROP = 480;
  const QUALITY = 0.92;
  const SETTINGS = "certcheck-market-settings";
  const NAMES = ["scan", "continuous", "sound", "vibrate"];

  const settings = { scan: true, continuous: false, sound: true, vibrate: true, torch: false };
  try {
    Object.assign(settings, JSON.parse(localStorage.getItem(SETTINGS)));
  } catch {
    // None yet, or nothing may be kept.
  }
  const remember = () => {
    try {
      localStorage.setItem(SETTINGS, JSON.stringify(settings));
    } catch {
      // They hold until the page is closed.
    }
  };

  let stream = null, worker = null, asked = 0, answered = 0, broken = "", sounder = null, capturer = null;
  let long = 0;
  const codes = new Map();
  const canvas = document.createElement("canvas"), piece = document.createElement("canvas");

  const cut = (target, left, top, wide, tall, width, height) => {
    Object.assign(target, { width, height });
    const pen = target.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, left, top, wide, tall, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height);
  };

  const beep = () => {
    if (settings.vibrate) navigator.vibrate?.(60);
    if (!settings.sound || !sounder) return;
    const tone = sounder.createOscillator(), loud = sounder.createGain();
    tone.frequency.value = 1480;
    loud.gain.value = 0.12;
    tone.connect(loud).connect(sounder.destination);
    tone.start();
    tone.stop(sounder.currentTime + 0.09);
  };

  const show = () => {
    byId("scanned").hidden = !codes.size;
    byId("codes").replaceChildren(...[...codes.values()].reverse().map(({ text, found }) =>
      make("li", { class: "card" }, make("p", { class: "typed" }, text),
        make("p", {}, found.told),
        ...(found.labs.length ? [make("ol", { class: "cards" }, ...found.labs.map((lab) => list.card(lab, today())))] : []),
        make("button", { class: "plain", type: "button", onclick: () => self.market.bind(text) }, say("use_code")))));
  };

  // Each code once; without the list mode the last one alone, and scanning ends with it.
  const found = (texts) => {
    for (const text of texts) {
      if (codes.has(text)) continue;
      if (!settings.continuous) codes.clear();
      codes.set(text, { text, found: list.ofCode(text) });
      beep();
      self.market.bind(text);
    }
    if (texts.length) show();
  };

  const advise = (advice) => {
    hint.textContent = advice.length
      ? advice.map((one) => say(`advice.${one.code}`)).join(" ")
      : say("advice.good");
    hint.classList.toggle("amiss", advice.length > 0);
    hint.dataset.codes = advice.map((one) => one.code).join(" ");
  };

  const heard = ({ data }) => {
    answered = data.id;
    if (data.broken && !broken) {
      broken = data.broken;
      self.market.trouble(say("no_reader", { reason: data.broken }));
    }
    if (!stream) return;
    advise(data.advice);
    if (settings.scan) found(data.codes);
  };

  const look = () => {
    if (!stream) return;
    if (worker && asked === answered && video.videoWidth && !document.hidden) {
      const { videoWidth: wide, videoHeight: tall } = video;
      const scale = Math.min(1, FRAME / Math.max(wide, tall));
      const frame = cut(canvas, 0, 0, wide, tall, Math.round(wide * scale), Math.round(tall * scale));
      const step = frames.step(Math.max(wide, tall));
      const side = Math.min(CROP * step, wide, tall);
      const seen = Math.floor(side / step);
      const crop = cut(piece, (wide - side) / 2, (tall - side) / 2, side, side, seen, seen);
      asked += 1;
      const photo = Math.max(long, wide, tall);
      const message = {
        id: asked, frame, crop, long: photo, zoom: (step * photo) / Math.max(wide, tall),
        advice: true, codes: settings.scan && !broken,
      };
      worker.postMessage(message, [frame.data.buffer, crop.data.buffer]);
    }
    setTimeout(look, PAUSE_MS);
  };

  const light = async (on) => {
    const track = stream?.getVideoTracks()[0];
    try {
      await track?.applyConstraints({ advanced: [{ torch: on }] });
      byId("torch").setAttribute("aria-pressed", String(on));
    } catch {
      byId("torch").hidden = true;
    }
  };

  const shown = (open) => {
    byId("finder").hidden = byId("close").hidden = shutter.hidden = !open;
    byId("open").hidden = open;
    if (!open) byId("torch").hidden = true;
  };

  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = capturer = video.srcObject = null;
    shown(false);
  };

  const open = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 3840 }, height: { ideal: 2160 } },
      });
    } catch {
      return self.market.trouble(say("no_camera"));
    }
    self.market.trouble("");
    const track = stream.getVideoTracks()[0];
    track.addEventListener("ended", close);
    video.srcObject = stream;
    await video.play();
    worker ??= new Worker("/market/scan.js");
    worker.onmessage = heard;
    worker.onerror = () => self.market.trouble(say("no_reader", { reason: "worker" }));
    asked = answered = 0;
    try {
      // Takes sharper photos than a frame is, where there is one.
      capturer = self.ImageCapture ? new ImageCapture(track) : null;
      long = (await capturer?.getPhotoCapabilities())?.imageWidth?.max ?? 0;
    } catch {
      capturer = null;
    }
    // A page may only sound after it was touched.
    sounder ??= self.AudioContext ? new AudioContext() : null;
    byId("torch").hidden = !track.getCapabilities?.().torch;
    if (!byId("torch").hidden && settings.torch) light(true);
    hint.textContent = say("look");
    shown(true);
    look();
  };

  // A photo as sharp as the camera gives it.
  const take = async () => {
    if (capturer) {
      try {
        const photo = await capturer.takePhoto();
        if (photo.size) return photo;
      } catch {
        capturer = null;
      }
    }
    const { videoWidth: wide, videoHeight: tall } = video;
    cut(canvas, 0, 0, wide, tall, wide, tall);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  };

  for (const name of NAMES) {
    const tick = byId(name);
    tick.checked = settings[name];
    tick.addEventListener("change", () => {
      settings[name] = tick.checked;
      remember();
    });
  }
  byId("open").addEventListener("click", open);
  byId("close").addEventListener("click", close);
  byId("torch").addEventListener("click", () => {
    settings.torch = byId("torch").getAttribute("aria-pressed") !== "true";
    remember();
    light(settings.torch);
  });
  byId("forget").addEventListener("click", () => {
    codes.clear();
    show();
  });
  addEventListener("pagehide", close);

  Object.assign(self.market, { camera: { take, close, get open() { return stream !== null; } } });
}
