#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 5 };

static const double PI = 3.141592653589793;
static const double DAYS = 365.24;

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body body(double x, double y, double z, double vx, double vy, double vz, double mass) {
  double solar = 4.0 * PI * PI;
  return (Body){x, y, z, vx * DAYS, vy * DAYS, vz * DAYS, mass * solar};
}

static void offset_momentum(Body *bodies) {
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int i = 0; i < BODIES; i++) {
    Body *b = &bodies[i];
    px += b->vx * b->mass;
    py += b->vy * b->mass;
    pz += b->vz * b->mass;
  }
  Body *sun = &bodies[0];
  sun->vx = (0.0 - px) / sun->mass;
  sun->vy = (0.0 - py) / sun->mass;
  sun->vz = (0.0 - pz) / sun->mass;
}

static void advance(Body *bodies, double dt) {
  for (int i = 0; i < BODIES; i++) {
    Body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double d2 = dx * dx + dy * dy + dz * dz;
      double mag = dt / (d2 * sqrt(d2));
      double am = a->mass * mag, bm = b->mass * mag;
      a->vx -= dx * bm;
      a->vy -= dy * bm;
      a->vz -= dz * bm;
      b->vx += dx * am;
      b->vy += dy * am;
      b->vz += dz * am;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    Body *b = &bodies[i];
    b->x += dt * b->vx;
    b->y += dt * b->vy;
    b->z += dt * b->vz;
  }
}

static double energy(const Body *bodies) {
  double e = 0.0;
  for (int i = 0; i < BODIES; i++) {
    const Body *a = &bodies[i];
    e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < BODIES; j++) {
      const Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      e -= (a->mass * b->mass) / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}

static __attribute__((noinline)) int64_t simulated(int64_t steps) {
  Body bodies[BODIES] = {
      body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
      body(4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
           0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023,
           0.000954791938424326609),
      body(8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
           -0.00276742510726862411, 0.00499852801234917238, 0.0000230417297573763929,
           0.000285885980666130812),
      body(12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
           0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556,
           0.0000436624404335156298),
      body(15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
           0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870,
           0.0000515138902046611451),
  };
  offset_momentum(bodies);
  for (int64_t i = 0; i < steps; i++) advance(bodies, 0.01);
  return (int64_t)((0.0 - energy(bodies)) * 1e12);
}

// The same number, of which the compiler no longer knows anything: every round has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

int main(int argc, char **argv) {
  int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : 1;
  for (int64_t i = 0; i < rounds; i++) printf("%lld\n", (long long)simulated(opaque(1000000)));
}
