// Solves the eight queens puzzle ten times.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 8 };

typedef struct {
  bool free_rows[SIZE], free_rising[2 * SIZE], free_falling[2 * SIZE];
  int64_t queen_rows[SIZE];
} Board;

static Board *empty_board(void) {
  Board *b = malloc(sizeof *b);
  for (int64_t i = 0; i < SIZE; i++) {
    b->free_rows[i] = true;
    b->queen_rows[i] = -1;
  }
  for (int64_t i = 0; i < 2 * SIZE; i++) b->free_rising[i] = b->free_falling[i] = true;
  return b;
}

static bool is_free(const Board *b, int64_t row, int64_t column) {
  return b->free_rows[row] && b->free_rising[column + row] && b->free_falling[column - row + SIZE - 1];
}

static void set_free(Board *b, int64_t row, int64_t column, bool is_free) {
  b->free_rows[row] = is_free;
  b->free_rising[column + row] = is_free;
  b->free_falling[column - row + SIZE - 1] = is_free;
}

static bool place_queen(Board *b, int64_t column) {
  for (int64_t row = 0; row < SIZE; row++) {
    if (!is_free(b, row, column)) continue;
    b->queen_rows[row] = column;
    set_free(b, row, column, false);
    if (column == SIZE - 1 || place_queen(b, column + 1)) return true;
    set_free(b, row, column, true);
  }
  return false;
}

static __attribute__((noinline)) bool queens(int64_t times) {
  for (int64_t i = 0; i < times; i++) {
    Board *b = empty_board();
    bool placed = place_queen(b, 0);
    free(b);
    if (!placed) return false;
  }
  return true;
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
      if (!queens(opaque(10))) {
        fputs("queens: no solution\n", stderr);
        return 1;
      }
    }
  }
  puts("Queens verified");
}
