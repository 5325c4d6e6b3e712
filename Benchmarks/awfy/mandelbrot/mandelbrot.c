// The Mandelbrot set as a bitmap of size by size, whose bytes are combined by exclusive or.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// A fused multiply-add would change the last bits, and with them the picture.
#pragma STDC FP_CONTRACT OFF

// Whether the point leaves the set within fifty steps.
static bool escapes(double cr, double ci) {
  double zrzr = 0.0, zizi = 0.0, zi = 0.0;
  for (int64_t step = 0; step < 50; step++) {
    double zr = zrzr - zizi + cr;
    zi = 2.0 * zr * zi + ci;
    zrzr = zr * zr;
    zizi = zi * zi;
    if (zrzr + zizi > 4.0) return true;
  }
  return false;
}

static __attribute__((noinline)) int64_t mandelbrot(int64_t size) {
  int64_t sum = 0, byte = 0, bits = 0;
  for (int64_t y = 0; y < size; y++) {
    double ci = 2.0 * (double)y / (double)size - 1.0;
    for (int64_t x = 0; x < size; x++) {
      double cr = 2.0 * (double)x / (double)size - 1.5;
      byte = (byte << 1) + (escapes(cr, ci) ? 1 : 0);
      bits++;
      if (bits == 8 || x == size - 1) {
        sum ^= byte << (8 - bits);
        byte = 0;
        bits = 0;
      }
    }
  }
  return sum;
}

static bool is_verified(int64_t size, int64_t sum) {
  switch (size) {
  case 1: return sum == 128;
  case 500: return sum == 191;
  case 750: return sum == 50;
  default:
    fprintf(stderr, "no known result for size %lld\n", (long long)size);
    exit(1);
  }
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
  int64_t iterations = argument(argc, argv, 1), size = argument(argc, argv, 2);
  for (int64_t i = 0; i < iterations; i++) {
    int64_t sum = mandelbrot(opaque(size));
    if (!is_verified(size, sum)) {
      fprintf(stderr, "mandelbrot: %lld\n", (long long)sum);
      return 1;
    }
  }
  puts("Mandelbrot verified");
}
