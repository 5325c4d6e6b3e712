"use strict";

const size = 700, limit = 100;

// How many steps the point stays within radius 2, at most limit.
function escapeTime(cr, ci) {
  let zr = 0.0, zi = 0.0, n = 0;
  while (n < limit) {
    const r2 = zr * zr, i2 = zi * zi;
    if (r2 + i2 > 4.0) break;
    zi = 2.0 * zr * zi + ci;
    zr = r2 - i2 + cr;
    n++;
  }
  return n;
}

function main() {
  let total = 0;
  for (let y = 0; y < size; y++) {
    const ci = 2.0 * y / size - 1.0;
    for (let x = 0; x < size; x++) {
      const cr = 2.0 * x / size - 1.5;
      total += escapeTime(cr, ci);
    }
  }
  console.log(total);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) main();
