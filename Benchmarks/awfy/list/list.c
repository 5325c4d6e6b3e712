// Takeuchi's function on linked lists, whose lengths stand for the numbers.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Element {
  int64_t value;
  struct Element *next;
} Element;

static Element *make_list(int64_t length) {
  if (length == 0) return NULL;
  Element *e = malloc(sizeof *e);
  e->value = length;
  e->next = make_list(length - 1);
  return e;
}

static void free_list(Element *list) {
  while (list) {
    Element *next = list->next;
    free(list);
    list = next;
  }
}

static int64_t length(const Element *list) {
  return list ? 1 + length(list->next) : 0;
}

static bool is_shorter(const Element *x, const Element *y) {
  while (y) {
    if (!x) return true;
    x = x->next;
    y = y->next;
  }
  return false;
}

static const Element *tail(const Element *x, const Element *y, const Element *z) {
  if (!is_shorter(y, x)) return z;
  return tail(tail(x->next, y, z), tail(y ? y->next : NULL, z, x), tail(z ? z->next : NULL, x, y));
}

static __attribute__((noinline)) int64_t takeuchi(int64_t a, int64_t b, int64_t c) {
  Element *x = make_list(a), *y = make_list(b), *z = make_list(c);
  int64_t result = length(tail(x, y, z));
  free_list(x);
  free_list(y);
  free_list(z);
  return result;
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
      int64_t result = takeuchi(opaque(15), opaque(10), opaque(6));
      if (result != 10) {
        fprintf(stderr, "takeuchi: %lld\n", (long long)result);
        return 1;
      }
    }
  }
  puts("List verified");
}
