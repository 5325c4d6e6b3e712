"use strict";

const size = 10;

// How many prefix reversals bring 0 to the front of a copy of source.
function flips(source, perm) {
  for (let i = 0; i < size; i++) perm[i] = source[i];
  let count = 0;
  while (perm[0] !== 0) {
    let low = 0, high = perm[0];
    while (low < high) {
      const t = perm[low];
      perm[low] = perm[high];
      perm[high] = t;
      low++;
      high--;
    }
    count++;
  }
  return count;
}

// Steps to the next permutation; false after the last one.
function next(perm, count) {
  for (let r = 1; r < size; r++) {
    const first = perm[0];
    for (let i = 0; i < r; i++) perm[i] = perm[i + 1];
    perm[r] = first;
    count[r]++;
    if (count[r] <= r) return true;
    count[r] = 0;
  }
  return false;
}

function main() {
  const perm = [], work = [], count = [];
  for (let i = 0; i < size; i++) {
    perm.push(i);
    work.push(0);
    count.push(0);
  }
  let checksum = 0, longest = 0, sign = 1;
  do {
    const n = flips(perm, work);
    checksum += sign * n;
    if (n > longest) longest = n;
    sign = 0 - sign;
  } while (next(perm, count));
  console.log(checksum * 100 + longest);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) main();
