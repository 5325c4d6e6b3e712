// The orbits of the Jovian planets; the second argument is the number of steps.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// A fused multiply-add would change the last bits of the result.
#pragma STDC FP_CONTRACT OFF

enum { BODIES = 5 };

static const double DAYS_PER_YEAR = 365.24;
static const double SOLAR_MASS = 4.0 * 3.141592653589793 * 3.141592653589793;

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body body(double x, double y, double z, double vx, double vy, double vz, double mass) {
  return (Body){x, y, z, vx * DAYS_PER_YEAR, vy * DAYS_PER_YEAR, vz * DAYS_PER_YEAR, mass * SOLAR_MASS};
}

// Lets the sun move against the planets.
static void offset_momentum(Body *bodies) {
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int64_t i = 0; i < BODIES; i++) {
    const Body *b = &bodies[i];
    px += b->vx * b->mass;
    py += b->vy * b->mass;
    pz += b->vz * b->mass;
  }
  Body *sun = &bodies[0];
  sun->vx = 0.0 - px / SOLAR_MASS;
  sun->vy = 0.0 - py / SOLAR_MASS;
  sun->vz = 0.0 - pz / SOLAR_MASS;
}

static Body *solar_system(void) {
  Body *bodies = malloc(BODIES * sizeof *bodies);
  bodies[0] = body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0);
  bodies[1] = body(4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
                   0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023,
                   0.000954791938424326609);
  bodies[2] = body(8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
                   -0.00276742510726862411, 0.00499852801234917238, 0.0000230417297573763929,
                   0.000285885980666130812);
  bodies[3] = body(12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
                   0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556,
                   0.0000436624404335156298);
  bodies[4] = body(15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
                   0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870,
                   0.0000515138902046611451);
  offset_momentum(bodies);
  return bodies;
}

static void advance(Body *bodies, double dt) {
  for (int64_t i = 0; i < BODIES; i++) {
    Body *a = &bodies[i];
    for (int64_t j = i + 1; j < BODIES; j++) {
      Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double squared = dx * dx + dy * dy + dz * dz;
      double magnitude = dt / (squared * sqrt(squared));
      a->vx -= dx * b->mass * magnitude;
      a->vy -= dy * b->mass * magnitude;
      a->vz -= dz * b->mass * magnitude;
      b->vx += dx * a->mass * magnitude;
      b->vy += dy * a->mass * magnitude;
      b->vz += dz * a->mass * magnitude;
    }
  }
  for (int64_t i = 0; i < BODIES; i++) {
    Body *b = &bodies[i];
    b->x += dt * b->vx;
    b->y += dt * b->vy;
    b->z += dt * b->vz;
  }
}

static double energy(const Body *bodies) {
  double e = 0.0;
  for (int64_t i = 0; i < BODIES; i++) {
    const Body *a = &bodies[i];
    double squared_speed = a->vx * a->vx + a->vy * a->vy + a->vz * a->vz;
    e += 0.5 * a->mass * squared_speed;
    for (int64_t j = i + 1; j < BODIES; j++) {
      const Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      e -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}

static __attribute__((noinline)) double simulated_energy(int64_t steps) {
  Body *bodies = solar_system();
  for (int64_t i = 0; i < steps; i++) advance(bodies, 0.01);
  double e = energy(bodies);
  free(bodies);
  return e;
}

static bool is_verified(int64_t steps, double result) {
  switch (steps) {
  case 1: return result == -0.16907495402506745;
  case 250000: return result == -0.1690859889909308;
  default:
    fprintf(stderr, "no known result for %lld steps: %.17g\n", (long long)steps, result);
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
  int64_t iterations = argument(argc, argv, 1), steps = argument(argc, argv, 2);
  for (int64_t i = 0; i < iterations; i++) {
    double result = simulated_energy(opaque(steps));
    if (!is_verified(steps, result)) {
      fprintf(stderr, "energy: %.17g\n", result);
      return 1;
    }
  }
  puts("NBody verified");
}
