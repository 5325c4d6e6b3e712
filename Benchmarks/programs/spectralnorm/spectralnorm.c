#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1000 };

static double a(int64_t i, int64_t j) {
  return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(const double *v, double *out) {
  for (int64_t i = 0; i < SIZE; i++) {
    double sum = 0.0;
    for (int64_t j = 0; j < SIZE; j++) sum += a(i, j) * v[j];
    out[i] = sum;
  }
}

static void times_transposed(const double *v, double *out) {
  for (int64_t i = 0; i < SIZE; i++) {
    double sum = 0.0;
    for (int64_t j = 0; j < SIZE; j++) sum += a(j, i) * v[j];
    out[i] = sum;
  }
}

static double dot(const double *v, const double *w) {
  double sum = 0.0;
  for (int64_t i = 0; i < SIZE; i++) sum += v[i] * w[i];
  return sum;
}

static double *vector(void) {
  double *v = malloc(SIZE * sizeof(double));
  for (int64_t i = 0; i < SIZE; i++) v[i] = 1.0;
  return v;
}

static __attribute__((noinline)) int64_t norm(int64_t steps) {
  double *u = vector(), *v = vector(), *t = vector();
  for (int64_t step = 0; step < steps; step++) {
    times(u, t);
    times_transposed(t, v);
    times(v, t);
    times_transposed(t, u);
  }
  int64_t result = (int64_t)(sqrt(dot(u, v) / dot(v, v)) * 1e12);
  free(u);
  free(v);
  free(t);
  return result;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)norm(opaque(10)));
}
