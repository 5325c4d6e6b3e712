// Counts the primes up to 5000.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static __attribute__((noinline)) int64_t primes(int64_t size) {
  bool *flags = malloc(size * sizeof *flags);
  for (int64_t i = 0; i < size; i++) flags[i] = true;
  int64_t count = 0;
  for (int64_t i = 2; i <= size; i++) {
    if (flags[i - 1]) {
      count++;
      for (int64_t k = i + i; k <= size; k += i) flags[k - 1] = false;
    }
  }
  free(flags);
  return count;
}

// The same number, of which the compiler no longer knows anything: every run has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

static int64_t argument(int argc, char **argv, int i) {
  return i < argc ? strtoll(argv[i], NULL, 10) : 1;
}

int main(int argc, char **argv) {
  int64_t iterations = argument(argc, argv, 1), inner = argument(argc, argv, 2);
  for (int64_t i = 0; i < iterations; i++) {
    for (int64_t j = 0; j < inner; j++) {
      int64_t result = primes(opaque(5000));
      if (result != 669) {
        fprintf(stderr, "primes: %lld\n", (long long)result);
        return 1;
      }
    }
  }
  puts("Sieve verified");
}
