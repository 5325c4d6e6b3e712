#include <stdint.h>
#include <stdio.h>

enum { OUTER = 3000, INNER = 5000 };

int main(void) {
  int64_t x = 42, acc = 0;
  for (int64_t i = 0; i < OUTER; i++) {
    for (int64_t j = 0; j < INNER; j++) {
      x = (x * 1366 + 150889) % 714025;
      if (x < i + j)
        acc += x;
      else
        acc -= j;
    }
  }
  printf("%lld\n", (long long)(acc + x));
}
