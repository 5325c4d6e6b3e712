#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1000000, ROUNDS = 30 };

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

int main(void) {
  bool *prime = calloc(SIZE, sizeof(bool));
  int64_t total = 0;
  for (int64_t round = 0; round < ROUNDS; round++) total += sieve(prime, SIZE - round * 1000);
  printf("%lld\n", (long long)total);
  free(prime);
}
