#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { OUTER = 3000, INNER = 5000 };

static __attribute__((noinline)) int64_t mixed(int64_t x) {
  int64_t acc = 0;
  for (int64_t i = 0; i < OUTER; i++) {
    for (int64_t j = 0; j < INNER; j++) {
      x = (x * 1366 + 150889) % 714025;
      if (x < i + j)
        acc += x;
      else
        acc -= j;
    }
  }
  return acc + x;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)mixed(opaque(42)));
}
