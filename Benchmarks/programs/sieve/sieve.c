#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PASSES = 30 };

// The sum of the primes below limit.
static int64_t sieve(bool *prime, int64_t limit) {
  int64_t sum = 0;
  for (int64_t i = 0; i < limit; i++) prime[i] = true;
  for (int64_t i = 2; i < limit; i++) {
    if (prime[i]) {
      sum += i;
      for (int64_t k = i * i; k < limit; k += i) prime[k] = false;
    }
  }
  return sum;
}

static __attribute__((noinline)) int64_t sieves(int64_t size) {
  bool *prime = calloc(size, sizeof(bool));
  int64_t total = 0;
  for (int64_t pass = 0; pass < PASSES; pass++) total += sieve(prime, size - pass * 1000);
  free(prime);
  return total;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)sieves(opaque(1000000)));
}
