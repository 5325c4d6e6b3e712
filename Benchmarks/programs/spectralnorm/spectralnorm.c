#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1000, STEPS = 10 };

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

int main(void) {
  double *u = vector(), *v = vector(), *t = vector();
  for (int step = 0; step < STEPS; step++) {
    times(u, t);
    times_transposed(t, v);
    times(v, t);
    times_transposed(t, u);
  }
  printf("%lld\n", (long long)(sqrt(dot(u, v) / dot(v, v)) * 1e12));
  free(u);
  free(v);
  free(t);
}
