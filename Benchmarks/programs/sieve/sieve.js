"use strict";

const size = 1000000, passes = 30;

// The sum of the primes below limit.
function sieve(prime, limit) {
  for (let i = 0; i < limit; i++) prime[i] = true;
  let sum = 0;
  for (let i = 2; i < limit; i++) {
    if (prime[i]) {
      sum += i;
      for (let k = i * i; k < limit; k += i) prime[k] = false;
    }
  }
  return sum;
}

function sieves() {
  const prime = new Array(size).fill(false);
  let total = 0;
  for (let pass = 0; pass < passes; pass++) total += sieve(prime, size - pass * 1000);
  return total;
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) console.log(sieves());
