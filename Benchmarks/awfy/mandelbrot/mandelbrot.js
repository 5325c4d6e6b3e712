// The Mandelbrot set as a bitmap of size by size, whose bytes are combined by exclusive or.

"use strict";

// Whether the point leaves the set within fifty steps.
function escapes(cr, ci) {
  let zrzr = 0.0, zizi = 0.0, zi = 0.0;
  for (let step = 0; step < 50; step++) {
    const zr = zrzr - zizi + cr;
    zi = 2.0 * zr * zi + ci;
    zrzr = zr * zr;
    zizi = zi * zi;
    if (zrzr + zizi > 4.0) return true;
  }
  return false;
}

function mandelbrot(size) {
  let sum = 0, byte = 0, bits = 0;
  for (let y = 0; y < size; y++) {
    const ci = 2.0 * y / size - 1.0;
    for (let x = 0; x < size; x++) {
      const cr = 2.0 * x / size - 1.5;
      byte = (byte << 1) + (escapes(cr, ci) ? 1 : 0);
      bits++;
      if (bits === 8 || x === size - 1) {
        sum ^= byte << (8 - bits);
        byte = 0;
        bits = 0;
      }
    }
  }
  return sum;
}

const known = { 1: 128, 500: 191, 750: 50 };

const [iterations = 1, size = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations; i++)
  if (mandelbrot(size) !== known[size]) throw new Error(`wrong bitmap of size ${size}`);
console.log("Mandelbrot verified");
