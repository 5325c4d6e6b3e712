// Counts the primes up to 5000.

"use strict";

const size = 5000;

function primes() {
  const flags = new Uint8Array(size).fill(1);
  let count = 0;
  for (let i = 2; i <= size; i++) {
    if (flags[i - 1]) {
      count++;
      for (let k = i + i; k <= size; k += i) flags[k - 1] = 0;
    }
  }
  return count;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (primes() !== 669) throw new Error("wrong number of primes");
console.log("Sieve verified");
