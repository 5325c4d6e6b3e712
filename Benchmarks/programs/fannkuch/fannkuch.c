#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 10 };

// How many prefix reversals bring 0 to the front of a copy of `source`.
static int64_t flips(const int64_t *source, int64_t *perm) {
  for (int64_t i = 0; i < SIZE; i++) perm[i] = source[i];
  int64_t count = 0;
  while (perm[0] != 0) {
    int64_t low = 0, high = perm[0];
    while (low < high) {
      int64_t t = perm[low];
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
static bool next(int64_t *perm, int64_t *count) {
  for (int64_t r = 1; r < SIZE; r++) {
    int64_t first = perm[0];
    for (int64_t i = 0; i < r; i++) perm[i] = perm[i + 1];
    perm[r] = first;
    count[r]++;
    if (count[r] <= r) return true;
    count[r] = 0;
  }
  return false;
}

// With the sign of the first permutation.
static __attribute__((noinline)) int64_t fannkuch(int64_t sign) {
  int64_t perm[SIZE], work[SIZE], count[SIZE] = {0};
  for (int64_t i = 0; i < SIZE; i++) perm[i] = i;
  int64_t checksum = 0, longest = 0;
  do {
    int64_t n = flips(perm, work);
    checksum += sign * n;
    if (n > longest) longest = n;
    sign = 0 - sign;
  } while (next(perm, count));
  return checksum * 100 + longest;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)fannkuch(opaque(1)));
}
