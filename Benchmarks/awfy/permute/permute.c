// Counts the calls that make all permutations of six elements by swapping.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  int64_t *elements;
  int64_t count;
} Permutation;

static void swap(int64_t *v, int64_t i, int64_t j) {
  int64_t x = v[i];
  v[i] = v[j];
  v[j] = x;
}

static void permute(Permutation *p, int64_t n) {
  p->count++;
  if (n == 0) return;
  int64_t last = n - 1;
  permute(p, last);
  for (int64_t i = last; i >= 0; i--) {
    swap(p->elements, last, i);
    permute(p, last);
    swap(p->elements, last, i);
  }
}

static __attribute__((noinline)) int64_t permutations(int64_t n) {
  Permutation p = {.elements = malloc(n * sizeof *p.elements)};
  for (int64_t i = 0; i < n; i++) p.elements[i] = i - 1;
  permute(&p, n);
  free(p.elements);
  return p.count;
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
      int64_t result = permutations(opaque(6));
      if (result != 8660) {
        fprintf(stderr, "permutations: %lld\n", (long long)result);
        return 1;
      }
    }
  }
  puts("Permute verified");
}
