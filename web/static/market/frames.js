// What stands in the way of a good photo, told from a frame of the camera before the shutter.
// The thresholds are those of `ocr/quality.py` where it measures the same; advice, no verdict.
"use strict";
{
  // Grey levels (0 to 255), shares of a frame, pixels; measured on the frames of the tests.
  const DARK = 70, BURNT = 249, PAPER_MAX = 244, FLAT = 24;
  const GLARE_MIN = 0.05, SMALL_SHARE = 0.22, LONG_MIN = 1000;
  // Pixels of the photo: print smaller than this is not read. Of the samples' lines a piece is
  // three quarters as high as the line, which has to have 11 (`PRINT_MIN` of `ocr/quality.py`).
  const PRINT_MIN = 8.5;
  // Pieces of ink, in pixels: smaller ones are dots, larger ones seals, slimmer ones rules.
  const PIECE_MIN = 3, PIECE_MAX = 80, SLIM = 5, PIECES_MIN = 12, PIECES_SHARE = 0.7;
  const TILE = 48, STEP = 55, TILES_MIN = 4, SHARP_MIN = 0.008, SHARP_LONG = 1600;

  // {data, width, height} of one byte a pixel, from RGBA.
  const grey = ({ data, width, height }) => {
    const made = new Uint8Array(width * height);
    for (let at = 0, from = 0; at < made.length; at += 1, from += 4) {
      made[at] = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
    }
    return { data: made, width, height };
  };

  const small = ({ data, width, height }, wide) => {
    const step = Math.max(1, Math.floor(width / wide));
    const w = Math.floor(width / step), h = Math.floor(height / step);
    const made = new Uint8Array(w * h);
    for (let y = 0; y < h; y += 1) {
      for (let x = 0; x < w; x += 1) {
        let sum = 0;
        for (let dy = 0; dy < step; dy += 1) {
          const row = (y * step + dy) * width + x * step;
          for (let dx = 0; dx < step; dx += 1) sum += data[row + dx];
        }
        made[y * w + x] = sum / (step * step);
      }
    }
    return { data: made, width: w, height: h };
  };

  const histogram = (data) => {
    const counts = new Uint32Array(256);
    for (const value of data) counts[value] += 1;
    return counts;
  };
  // The grey level that a share of them lies below.
  const level = (counts, total, share) => {
    let left = share * total;
    for (let value = 0; value < 256; value += 1) {
      left -= counts[value];
      if (left <= 0) return value;
    }
    return 255;
  };

  // Otsu's threshold, and how far apart the two classes are.
  const split = (data) => {
    const counts = histogram(data);
    let all = 0;
    counts.forEach((count, value) => (all += count * value));
    let below = 0, sum = 0, best = { score: -1, at: 128, apart: 0 };
    for (let at = 0; at < 255; at += 1) {
      below += counts[at];
      sum += counts[at] * at;
      const above = data.length - below;
      if (!below || !above) continue;
      const apart = (all - sum) / above - sum / below;
      const score = below * above * apart * apart;
      if (score > best.score) best = { score, at, apart };
    }
    return best;
  };

  // Calls `each` with the connected pieces of a mask of 0 and 1, which is used up: size and frame.
  const pieces = (mask, width, height, each) => {
    const stack = new Int32Array(mask.length);
    for (let start = 0; start < mask.length; start += 1) {
      if (mask[start] !== 1) continue;
      let end = 0, size = 0, left = width, right = 0, top = height, bottom = 0;
      const push = (at) => {
        if (mask[at] !== 1) return;
        mask[at] = 2;
        stack[end++] = at;
      };
      push(start);
      while (end) {
        const at = stack[--end];
        const x = at % width, y = (at - x) / width;
        size += 1;
        left = Math.min(left, x); right = Math.max(right, x + 1);
        top = Math.min(top, y); bottom = Math.max(bottom, y + 1);
        if (x) push(at - 1);
        if (x + 1 < width) push(at + 1);
        if (y) push(at - width);
        if (y + 1 < height) push(at + width);
      }
      each({ size, left, right, top, bottom });
    }
  };

  const largest = (mask, width, height) => {
    let best = { size: 0 };
    pieces(mask, width, height, (one) => (best = one.size > best.size ? one : best));
    return best;
  };

  // The largest light area: its frame, and that frame's share of the view.
  const paper = (plane) => {
    const { at, apart } = split(plane.data);
    const { width, height } = plane;
    const mask = plane.data.map((value) => (apart < FLAT || value > at ? 1 : 0));
    const best = largest(mask, width, height);
    const wide = best.right - best.left, tall = best.bottom - best.top;
    return best.size ? { ...best, wide, tall, share: (wide * tall) / (width * height) } : null;
  };

  const within = ({ data, width }, box) => {
    const wide = box.right - box.left;
    const made = new Uint8Array(wide * (box.bottom - box.top));
    for (let y = box.top; y < box.bottom; y += 1) {
      made.set(data.subarray(y * width + box.left, y * width + box.right), (y - box.top) * wide);
    }
    return { data: made, width: wide, height: box.bottom - box.top };
  };

  // How sharp print is: the Laplacian's variance over the square of the contrast, by tiles that
  // hold print; the middling one. null where there is too little.
  const sharpness = (plane) => {
    const { data, width, height } = plane;
    const found = [];
    for (let top = 1; top + TILE < height; top += TILE) {
      for (let left = 1; left + TILE < width; left += TILE) {
        const counts = histogram(within(plane, { left, right: left + TILE, top, bottom: top + TILE }).data);
        const count = TILE * TILE;
        const step = level(counts, count, 0.98) - level(counts, count, 0.02);
        if (step < STEP) continue;
        let sum = 0, squares = 0;
        for (let y = top; y < top + TILE; y += 1) {
          for (let at = y * width + left; at < y * width + left + TILE; at += 1) {
            const value = data[at - 1] + data[at + 1] + data[at - width] + data[at + width] - 4 * data[at];
            sum += value;
            squares += value * value;
          }
        }
        found.push((squares / count - (sum / count) ** 2) / (step * step));
      }
    }
    if (found.length < TILES_MIN) return null;
    return found.sort((a, b) => a - b)[found.length >> 1];
  };

  // How large print is, in pixels of the piece: the longer side of a piece of ink that most others
  // are no larger than. However the paper lies; rules and seals are no such pieces. null where
  // there is too little.
  const printSize = (plane) => {
    const { data, width, height } = plane;
    const mask = new Uint8Array(data.length);
    for (let top = 0; top < height; top += TILE) {
      for (let left = 0; left < width; left += TILE) {
        const box = { left, right: Math.min(width, left + TILE), top, bottom: Math.min(height, top + TILE) };
        const tile = within(plane, box).data;
        const counts = histogram(tile);
        const ink = level(counts, tile.length, 0.02), sheet = level(counts, tile.length, 0.7);
        if (sheet - ink < STEP) continue;
        for (let y = top; y < box.bottom; y += 1) {
          for (let at = y * width + left; at < y * width + box.right; at += 1) {
            if (data[at] < (ink + sheet) / 2) mask[at] = 1;
          }
        }
      }
    }
    const found = [];
    pieces(mask, width, height, ({ left, right, top, bottom }) => {
      const wide = right - left, tall = bottom - top, cut = !left || !top || right === width || bottom === height;
      const long = Math.max(wide, tall), slim = long > SLIM * Math.min(wide, tall);
      if (!cut && !slim && long >= PIECE_MIN && long <= PIECE_MAX) found.push(long);
    });
    if (found.length < PIECES_MIN) return null;
    return found.sort((a, b) => a - b)[Math.floor(PIECES_SHARE * found.length)];
  };

  // Where the camera's piece for `sharpness` is cut: so that print is of one size in it.
  const step = (long) => Math.max(1, Math.floor(long / SHARP_LONG));

  // What to say, the most important first: codes of `market.advice`, with their figures.
  //   frame: RGBA of the whole view. crop: RGBA of its middle (see `step`), or null. long: pixels
  //   of the photo's long side. zoom: pixels of the photo to one of the piece.
  const advise = (frame, crop, long, zoom = 1) => {
    const plane = small(grey(frame), 240);
    const page = paper(plane);
    if (!page) return [{ code: "dark", figure: 0 }];
    const told = [];
    const sheet = within(plane, page);
    const light = level(histogram(sheet.data), sheet.data.length, 0.6);
    if (light < DARK) told.push({ code: "dark", figure: light });
    const middle = crop ? grey(crop) : null;
    const side = Math.max(page.wide, page.tall) / Math.max(plane.width, plane.height);
    const print = middle ? printSize(middle) : null;
    // By the print; by the paper's size only where none can be measured.
    if (print !== null) {
      if (print * zoom < PRINT_MIN) told.push({ code: "far", figure: print * zoom });
    } else if (page.share < SMALL_SHARE) told.push({ code: "far", figure: page.share });
    else if (side * long < LONG_MIN) told.push({ code: "far", figure: side * long });
    if (light <= PAPER_MAX) {
      const burnt = sheet.data.map((value) => (value >= BURNT ? 1 : 0));
      const share = largest(burnt, sheet.width, sheet.height).size / sheet.data.length;
      if (share >= GLARE_MIN) told.push({ code: "glare", figure: share });
    }
    const sharp = middle && light >= DARK ? sharpness(middle) : null;
    if (sharp !== null && sharp < SHARP_MIN) told.push({ code: "blurred", figure: sharp });
    return told;
  };

  self.market = Object.assign(self.market ?? {}, {
    frames: { advise, grey, paper, printSize, sharpness, small, step },
  });
}
