// Builds a tree of arrays, seven deep, whose leaves have random sizes.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  int64_t seed;
} Random;

static int64_t next(Random *r) {
  r->seed = (r->seed * 1309 + 13849) & 65535;
  return r->seed;
}

// The empty tree is NULL.
typedef struct Tree {
  int64_t count;
  struct Tree *children[];
} Tree;

typedef struct {
  Random random;
  int64_t count;
} Storage;

static Tree *new_tree(int64_t count) {
  Tree *t = malloc(sizeof *t + count * sizeof t->children[0]);
  t->count = count;
  return t;
}

static Tree *build_tree(Storage *s, int64_t depth) {
  s->count++;
  if (depth == 1) {
    Tree *leaf = new_tree(next(&s->random) % 10 + 1);
    for (int64_t i = 0; i < leaf->count; i++) leaf->children[i] = NULL;
    return leaf;
  }
  Tree *t = new_tree(4);
  for (int64_t i = 0; i < t->count; i++) t->children[i] = build_tree(s, depth - 1);
  return t;
}

static void free_tree(Tree *t) {
  if (!t) return;
  for (int64_t i = 0; i < t->count; i++) free_tree(t->children[i]);
  free(t);
}

static __attribute__((noinline)) int64_t storage(int64_t depth) {
  Storage s = {.random = {74755}};
  free_tree(build_tree(&s, depth));
  return s.count;
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
      int64_t result = storage(opaque(7));
      if (result != 5461) {
        fprintf(stderr, "storage: %lld\n", (long long)result);
        return 1;
      }
    }
  }
  puts("Storage verified");
}
