#include <stdint.h>
#include <stdio.h>

enum { SIZE = 700, LIMIT = 100 };

// How many steps the point stays within radius 2, at most LIMIT.
static int64_t escape(double cr, double ci) {
  double zr = 0.0, zi = 0.0;
  int64_t n = 0;
  while (n < LIMIT) {
    double r2 = zr * zr, i2 = zi * zi;
    if (r2 + i2 > 4.0) break;
    zi = 2.0 * zr * zi + ci;
    zr = r2 - i2 + cr;
    n++;
  }
  return n;
}

int main(void) {
  int64_t total = 0;
  for (int64_t y = 0; y < SIZE; y++) {
    double ci = 2.0 * (double)y / SIZE - 1.0;
    for (int64_t x = 0; x < SIZE; x++) {
      double cr = 2.0 * (double)x / SIZE - 1.5;
      total += escape(cr, ci);
    }
  }
  printf("%lld\n", (long long)total);
}
