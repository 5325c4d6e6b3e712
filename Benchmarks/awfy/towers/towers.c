// The towers of Hanoi with thirteen disks, kept as linked lists.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Disk {
  int64_t size;
  struct Disk *next;
} Disk;

typedef struct {
  Disk *piles[3];
  int64_t moves;
} Towers;

static _Noreturn void fail(const char *message) {
  fprintf(stderr, "towers: %s\n", message);
  exit(1);
}

static void push_disk(Towers *t, Disk *disk, int64_t pile) {
  Disk *top = t->piles[pile];
  if (top && disk->size >= top->size) fail("cannot put a big disk on a smaller one");
  disk->next = top;
  t->piles[pile] = disk;
}

static Disk *pop_disk(Towers *t, int64_t pile) {
  Disk *top = t->piles[pile];
  if (!top) fail("no disk to take");
  t->piles[pile] = top->next;
  top->next = NULL;
  return top;
}

static void move_top(Towers *t, int64_t from, int64_t to) {
  push_disk(t, pop_disk(t, from), to);
  t->moves++;
}

static void build_tower(Towers *t, int64_t pile, int64_t disks) {
  for (int64_t size = disks; size >= 0; size--) {
    Disk *disk = malloc(sizeof *disk);
    *disk = (Disk){.size = size};
    push_disk(t, disk, pile);
  }
}

static void move_disks(Towers *t, int64_t disks, int64_t from, int64_t to) {
  if (disks == 1) {
    move_top(t, from, to);
    return;
  }
  int64_t other = 3 - from - to;
  move_disks(t, disks - 1, from, other);
  move_top(t, from, to);
  move_disks(t, disks - 1, other, to);
}

static __attribute__((noinline)) int64_t moves(int64_t disks) {
  Towers t = {0};
  build_tower(&t, 0, disks);
  move_disks(&t, disks, 0, 1);
  for (int64_t pile = 0; pile < 3; pile++)
    while (t.piles[pile]) free(pop_disk(&t, pile));
  return t.moves;
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
    for (int64_t j = 0; j < inner; j++)
      if (moves(opaque(13)) != 8191) fail("a wrong number of moves");
  }
  puts("Towers verified");
}
