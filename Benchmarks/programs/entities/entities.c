#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 10000, TICKS = 400 };

static const double SIZE = 1000.0;
static const double DT = 0.1;
static const double MAX_SPEED = 40.0;

typedef struct {
  double x, y;
} Vec2;

typedef enum { WANDERER, HUNTER, TURRET } Kind;

typedef struct {
  Vec2 pos, vel;
  Kind kind;
  int64_t health, cooldown, target;
} Entity;

typedef struct {
  int64_t seed, kills;
  Entity *entities;
} World;

// A number in 0 ..< 1.
static double chance(World *w) {
  w->seed = (w->seed * 1366 + 150889) % 714025;
  return (double)w->seed / 714025.0;
}

static int64_t chance_below(World *w, int64_t n) {
  return (int64_t)(chance(w) * (double)n);
}

static Kind kind_of(int64_t n) {
  return n < 5 ? WANDERER : n < 8 ? HUNTER : TURRET;
}

static void steer(World *w, Entity *e) {
  Vec2 v = e->vel;
  switch (e->kind) {
  case WANDERER: {
    double ax = (chance(w) - 0.5) * 8.0;
    double ay = (chance(w) - 0.5) * 8.0;
    e->vel = (Vec2){v.x + ax, v.y + ay};
    break;
  }
  case HUNTER: {
    Entity *prey = &w->entities[e->target];
    double dx = prey->pos.x - e->pos.x;
    double dy = prey->pos.y - e->pos.y;
    double pull = 6.0 / (sqrt(dx * dx + dy * dy) + 1.0);
    e->vel = (Vec2){v.x + dx * pull, v.y + dy * pull};
    break;
  }
  case TURRET:
    e->vel = (Vec2){v.x * 0.9, v.y * 0.9};
    break;
  }
}

static void move(Entity *e) {
  double vx = e->vel.x, vy = e->vel.y;
  double speed2 = vx * vx + vy * vy;
  if (speed2 > MAX_SPEED * MAX_SPEED) {
    double f = MAX_SPEED / sqrt(speed2);
    vx *= f;
    vy *= f;
  }
  double x = e->pos.x + vx * DT;
  double y = e->pos.y + vy * DT;
  if (x < 0.0) {
    x = 0.0 - x;
    vx = 0.0 - vx;
  } else if (x > SIZE) {
    x = SIZE + SIZE - x;
    vx = 0.0 - vx;
  }
  if (y < 0.0) {
    y = 0.0 - y;
    vy = 0.0 - vy;
  } else if (y > SIZE) {
    y = SIZE + SIZE - y;
    vy = 0.0 - vy;
  }
  e->pos = (Vec2){x, y};
  e->vel = (Vec2){vx, vy};
}

static double reach(Kind kind) {
  switch (kind) {
  case WANDERER: return 60.0;
  case HUNTER: return 120.0;
  default: return 300.0;
  }
}

static int64_t damage(Kind kind) {
  switch (kind) {
  case WANDERER: return 15;
  case HUNTER: return 35;
  default: return 50;
  }
}

static void attack(World *w, Entity *e) {
  if (e->cooldown > 0) {
    e->cooldown -= 1;
    return;
  }
  Entity *prey = &w->entities[e->target];
  double dx = prey->pos.x - e->pos.x;
  double dy = prey->pos.y - e->pos.y;
  double r = reach(e->kind);
  if (dx * dx + dy * dy < r * r) {
    prey->health -= damage(e->kind);
    e->cooldown = 8;
  } else {
    e->cooldown = 3;
    if (e->kind != HUNTER || chance(w) < 0.1) e->target = chance_below(w, COUNT);
  }
}

static void respawn(World *w, Entity *e) {
  double x = chance(w) * SIZE;
  double y = chance(w) * SIZE;
  e->pos = (Vec2){x, y};
  e->vel = (Vec2){0.0, 0.0};
  e->kind = kind_of(chance_below(w, 10));
  e->health = 100;
  e->cooldown = chance_below(w, 10);
  e->target = chance_below(w, COUNT);
}

static void tick(World *w) {
  for (int64_t i = 0; i < COUNT; i++) {
    Entity *e = &w->entities[i];
    steer(w, e);
    move(e);
    attack(w, e);
    if (e->health <= 0) {
      w->kills += 1;
      respawn(w, e);
    }
  }
}

static int64_t checksum(const World *w) {
  int64_t sum = w->kills * 1000000;
  for (int64_t i = 0; i < COUNT; i++) {
    const Entity *e = &w->entities[i];
    sum += (int64_t)e->pos.x * 7 + (int64_t)e->pos.y * 13 + e->health + e->cooldown + e->target;
  }
  return sum;
}

static __attribute__((noinline)) int64_t play(int64_t seed) {
  World w = {.seed = seed, .kills = 0, .entities = malloc(COUNT * sizeof(Entity))};
  for (int64_t i = 0; i < COUNT; i++) respawn(&w, &w.entities[i]);
  for (int64_t i = 0; i < TICKS; i++) tick(&w);
  int64_t sum = checksum(&w);
  free(w.entities);
  return sum;
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)play(opaque(42)));
}
