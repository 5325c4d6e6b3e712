#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 100 };

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

static __attribute__((noinline)) int64_t mandelbrot(int64_t size) {
  int64_t total = 0;
  for (int64_t y = 0; y < size; y++) {
    double ci = 2.0 * (double)y / (double)size - 1.0;
    for (int64_t x = 0; x < size; x++) {
      double cr = 2.0 * (double)x / (double)size - 1.5;
      total += escape(cr, ci);
    }
  }
  return total;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)mandelbrot(opaque(700)));
}
