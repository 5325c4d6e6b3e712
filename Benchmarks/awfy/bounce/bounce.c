// A hundred balls bounce in a box; counts the bounces of fifty rounds.

#include <stdbool.h>
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

enum { BALLS = 100, ROUNDS = 50, LIMIT = 500 };

typedef struct {
  int64_t x, y, x_speed, y_speed;
} Ball;

static void place(Ball *ball, Random *r) {
  ball->x = next(r) % LIMIT;
  ball->y = next(r) % LIMIT;
  ball->x_speed = next(r) % 300 - 150;
  ball->y_speed = next(r) % 300 - 150;
}

// Moves the ball; answers whether it met a wall.
static bool bounce(Ball *ball) {
  bool bounced = false;
  ball->x += ball->x_speed;
  ball->y += ball->y_speed;
  if (ball->x > LIMIT) {
    ball->x = LIMIT;
    ball->x_speed = -llabs(ball->x_speed);
    bounced = true;
  }
  if (ball->x < 0) {
    ball->x = 0;
    ball->x_speed = llabs(ball->x_speed);
    bounced = true;
  }
  if (ball->y > LIMIT) {
    ball->y = LIMIT;
    ball->y_speed = -llabs(ball->y_speed);
    bounced = true;
  }
  if (ball->y < 0) {
    ball->y = 0;
    ball->y_speed = llabs(ball->y_speed);
    bounced = true;
  }
  return bounced;
}

static __attribute__((noinline)) int64_t bounces(int64_t seed) {
  Random random = {seed};
  Ball *balls = malloc(BALLS * sizeof *balls);
  for (int64_t i = 0; i < BALLS; i++) place(&balls[i], &random);
  int64_t count = 0;
  for (int64_t round = 0; round < ROUNDS; round++)
    for (int64_t i = 0; i < BALLS; i++)
      if (bounce(&balls[i])) count++;
  free(balls);
  return count;
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
      int64_t result = bounces(opaque(74755));
      if (result != 1331) {
        fprintf(stderr, "bounces: %lld\n", (long long)result);
        return 1;
      }
    }
  }
  puts("Bounce verified");
}
