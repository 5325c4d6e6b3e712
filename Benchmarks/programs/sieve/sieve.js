"use strict";

const size = 1000000, rounds = 30;

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

const prime = new Array(size).fill(false);
let total = 0;
for (let round = 0; round < rounds; round++) total += sieve(prime, size - round * 1000);
console.log(total);
