// A collision detector: aircraft fly on simple paths for two hundred frames; each frame is first reduced
// to those that share a piece of sky, then their motions are intersected. The second argument is how
// many aircraft there are.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// A fused multiply-add could find other collisions.
#pragma STDC FP_CONTRACT OFF

// Red-black trees: balanced search trees (Cormen et al., Introduction to Algorithms, chapter 13). What
// goes for one side goes for the other, so most functions take the side. A node is the first part of
// one that also has a key, which knows how to search.

typedef enum { LEFT, RIGHT } Side;

typedef struct Node {
  struct Node *parent, *children[2];
  bool red;
} Node;

typedef struct {
  Node *root;
} Tree;

static Side opposite(Side side) {
  return side == LEFT ? RIGHT : LEFT;
}

static bool is_red(const Node *n) {
  return n && n->red;
}

static void set_child(Node *n, Side side, Node *child) {
  n->children[side] = child;
  if (child) child->parent = n;
}

// Which child of its parent the node is.
static Side side_of(const Node *n, const Node *parent) {
  return parent->children[LEFT] == n ? LEFT : RIGHT;
}

// Puts `new` where the node `old` hangs.
static void replace(Tree *t, const Node *old, Node *new) {
  if (old->parent) {
    set_child(old->parent, side_of(old, old->parent), new);
  } else {
    t->root = new;
    if (new) new->parent = NULL;
  }
}

// Moves the node down to that side; its other child takes its place.
static void rotate(Tree *t, Node *n, Side side) {
  Side other = opposite(side);
  Node *m = n->children[other];
  replace(t, n, m);
  set_child(n, other, m->children[side]);
  set_child(m, side, n);
}

// Mends a red node that may hang below a red one.
static void balance_insertion(Tree *t, Node *n) {
  while (is_red(n->parent)) {
    Node *parent = n->parent, *grandparent = parent->parent;
    Side side = side_of(parent, grandparent), other = opposite(side);
    Node *uncle = grandparent->children[other];
    if (is_red(uncle)) {
      parent->red = false;
      uncle->red = false;
      grandparent->red = true;
      n = grandparent;
    } else {
      bool inner = parent->children[other] == n;
      if (inner) rotate(t, parent, side);
      (inner ? n : parent)->red = false;
      grandparent->red = true;
      rotate(t, grandparent, other);
      return;
    }
  }
  if (!n->parent) n->red = false;
}

// Hangs a new node, whose place the caller found, below the parent; without one it is the root.
static void insert(Tree *t, Node *parent, Side side, Node *n) {
  n->red = true;
  if (parent)
    set_child(parent, side, n);
  else
    t->root = n;
  balance_insertion(t, n);
}

// Mends the tree around a node whose branch lacks a black one.
static void balance_removal(Tree *t, Node *n) {
  while (n->parent) {
    Node *parent = n->parent;
    Side side = side_of(n, parent), other = opposite(side);
    if (is_red(parent->children[other])) {
      parent->children[other]->red = false;
      parent->red = true;
      rotate(t, parent, side);
    }
    Node *sibling = parent->children[other];
    if (is_red(sibling->children[other])) {
      sibling->red = parent->red;
      parent->red = false;
      sibling->children[other]->red = false;
      rotate(t, parent, side);
      return;
    }
    if (is_red(sibling->children[side])) {
      sibling->children[side]->red = parent->red;
      parent->red = false;
      rotate(t, sibling, other);
      rotate(t, parent, side);
      return;
    }
    sibling->red = true;
    if (parent->red) {
      parent->red = false;
      return;
    }
    n = parent;
  }
}

// Takes out a node that has at most one child.
static void splice_out(Tree *t, Node *n) {
  Node *heir = n->children[LEFT] ? n->children[LEFT] : n->children[RIGHT];
  if (!n->red) {
    if (is_red(heir))
      heir->red = false;
    else
      balance_removal(t, n);
  }
  replace(t, n, heir);
}

// Takes the node out of the tree.
static void remove_node(Tree *t, Node *n) {
  if (!n->children[LEFT] || !n->children[RIGHT]) {
    splice_out(t, n);
    return;
  }
  Node *heir = n->children[RIGHT];
  while (heir->children[LEFT]) heir = heir->children[LEFT];
  splice_out(t, heir);
  heir->red = n->red;
  heir->parent = NULL;
  replace(t, n, heir);
  set_child(heir, LEFT, n->children[LEFT]);
  set_child(heir, RIGHT, n->children[RIGHT]);
}

// In the order of the keys.
static void each(const Node *n, void (*f)(const Node *n, void *context), void *context) {
  if (!n) return;
  each(n->children[LEFT], f, context);
  f(n, context);
  each(n->children[RIGHT], f, context);
}

static void free_nodes(Node *n) {
  if (!n) return;
  free_nodes(n->children[LEFT]);
  free_nodes(n->children[RIGHT]);
  free(n);
}

// Vectors

typedef struct {
  double x, y;
} Vec2;

typedef struct {
  double x, y, z;
} Vec3;

static int compare(Vec2 v, Vec2 w) {
  if (v.x != w.x) return v.x < w.x ? -1 : 1;
  return v.y < w.y ? -1 : v.y > w.y ? 1 : 0;
}

static Vec2 moved(Vec2 v, double dx, double dy) {
  return (Vec2){v.x + dx, v.y + dy};
}

static Vec3 plus(Vec3 v, Vec3 w) {
  return (Vec3){v.x + w.x, v.y + w.y, v.z + w.z};
}

static Vec3 minus(Vec3 v, Vec3 w) {
  return (Vec3){v.x - w.x, v.y - w.y, v.z - w.z};
}

static Vec3 times(Vec3 v, double a) {
  return (Vec3){a * v.x, a * v.y, a * v.z};
}

static double dot(Vec3 v, Vec3 w) {
  return v.x * w.x + v.y * w.y + v.z * w.z;
}

static double squared_magnitude(Vec3 v) {
  return dot(v, v);
}

// The sky

static const double MIN_XY = 0.0, MAX_XY = 1000.0;
static const double MIN_Z = 0.0, MAX_Z = 10.0;
static const double PROXIMITY_RADIUS = 1.0;
static const double VOXEL_SIZE = 2.0;

typedef struct {
  int64_t sign;
  Vec3 position;
} Aircraft;

typedef struct {
  int64_t sign;
  Vec3 from, to;
} Motion;

typedef struct {
  int64_t a, b;
  Vec3 position;
} Collision;

typedef struct {
  Aircraft *items;
  int64_t count, capacity;
} Frame;

typedef struct {
  Motion *items;
  int64_t count, capacity;
} Motions;

typedef struct {
  Collision *items;
  int64_t count, capacity;
} Collisions;

// Adds an item to a growable array.
#define PUSH(list, ...)                                                                 \
  do {                                                                                  \
    if ((list)->count == (list)->capacity) {                                            \
      (list)->capacity = (list)->capacity ? 2 * (list)->capacity : 4;                   \
      (list)->items = realloc((list)->items, (list)->capacity * sizeof *(list)->items); \
    }                                                                                   \
    (list)->items[(list)->count++] = (__VA_ARGS__);                                     \
  } while (0)

static Vec3 delta(const Motion *m) {
  return minus(m->to, m->from);
}

static bool is_in_sky(Vec3 p) {
  return MIN_XY <= p.x && p.x <= MAX_XY && MIN_XY <= p.y && p.y <= MAX_XY && MIN_Z <= p.z && p.z <= MAX_Z;
}

// Whether low to high meets 0 to 1.
static bool overlaps_unit(double low, double high) {
  return (low <= 1.0 && 1.0 <= high) || (low <= 0.0 && 0.0 <= high) || (0.0 <= low && high <= 1.0);
}

// Whether, and where, the two come closer than the radius.
static bool intersects(const Motion *m, const Motion *n, Vec3 *where) {
  Vec3 start_m = m->from, start_n = n->from;
  Vec3 d_m = delta(m), d_n = delta(n);
  double a = squared_magnitude(minus(d_n, d_m));
  if (a == 0.0) {
    // Side by side: they are close now or never.
    *where = times(plus(start_m, start_n), 0.5);
    return sqrt(squared_magnitude(minus(start_n, start_m))) <= PROXIMITY_RADIUS;
  }
  double b = 2.0 * dot(minus(start_m, start_n), minus(d_m, d_n));
  double c = squared_magnitude(minus(start_n, start_m)) - PROXIMITY_RADIUS * PROXIMITY_RADIUS;
  double discriminant = b * b - 4.0 * a * c;
  if (discriminant < 0.0) return false;
  double root = sqrt(discriminant);
  double t1 = (0.0 - b - root) / (2.0 * a), t2 = (root - b) / (2.0 * a);
  if (!(t1 <= t2 && overlaps_unit(t1, t2))) return false;
  double t = t1 > 0.0 ? t1 : 0.0;
  Vec3 p = plus(start_m, times(d_m, t)), q = plus(start_n, times(d_n, t));
  *where = times(plus(p, q), 0.5);
  return is_in_sky(*where);
}

// Which motions share a voxel

typedef struct {
  Node node;
  Vec2 voxel;
} VoxelNode;

typedef struct {
  VoxelNode key;
  Motions motions;
} GroupNode;

static VoxelNode *find_voxel(const Tree *t, Vec2 voxel) {
  Node *n = t->root;
  while (n) {
    int order = compare(voxel, ((VoxelNode *)n)->voxel);
    if (order == 0) return (VoxelNode *)n;
    n = n->children[order < 0 ? LEFT : RIGHT];
  }
  return NULL;
}

// The voxel's node, of that size; one that is new is zero behind its key.
static VoxelNode *put_voxel(Tree *t, Vec2 voxel, size_t size, bool *is_new) {
  Node *parent = NULL, *n = t->root;
  Side side = LEFT;
  *is_new = false;
  while (n) {
    int order = compare(voxel, ((VoxelNode *)n)->voxel);
    if (order == 0) return (VoxelNode *)n;
    side = order < 0 ? LEFT : RIGHT;
    parent = n;
    n = n->children[side];
  }
  VoxelNode *new = calloc(1, size);
  new->voxel = voxel;
  insert(t, parent, side, &new->node);
  *is_new = true;
  return new;
}

static void free_groups(Node *n) {
  if (!n) return;
  free_groups(n->children[LEFT]);
  free_groups(n->children[RIGHT]);
  free(((GroupNode *)n)->motions.items);
  free(n);
}

typedef struct {
  double low, high;
} Span;

// When a motion along one axis is within a voxel.
static Span span(double voxel, double start, double speed) {
  double r = PROXIMITY_RADIUS / 2.0;
  double enters = (voxel - r - start) / speed;
  double leaves = (voxel + VOXEL_SIZE + r - start) / speed;
  return speed < 0.0 ? (Span){leaves, enters} : (Span){enters, leaves};
}

static bool meets_axis(double voxel, double start, double speed, Span s) {
  double r = PROXIMITY_RADIUS / 2.0;
  bool stands_within = speed == 0.0 && voxel <= start + r && start - r <= voxel + VOXEL_SIZE;
  return stands_within || overlaps_unit(s.low, s.high);
}

static bool is_in_voxel(Vec2 voxel, const Motion *m) {
  if (voxel.x > MAX_XY || voxel.x < MIN_XY || voxel.y > MAX_XY || voxel.y < MIN_XY) return false;
  Vec3 speed = delta(m);
  Span x = span(voxel.x, m->from.x, speed.x), y = span(voxel.y, m->from.y, speed.y);
  return meets_axis(voxel.x, m->from.x, speed.x, x) && meets_axis(voxel.y, m->from.y, speed.y, y) &&
         (speed.x == 0.0 || speed.y == 0.0 || (y.low <= x.high && x.high <= y.high) ||
          (y.low <= x.low && x.low <= y.high) || (x.low <= y.low && y.low <= x.high));
}

static void put_into(Tree *voxels, Vec2 voxel, const Motion *m) {
  bool is_new;
  GroupNode *group = (GroupNode *)find_voxel(voxels, voxel);
  if (!group) group = (GroupNode *)put_voxel(voxels, voxel, sizeof(GroupNode), &is_new);
  PUSH(&group->motions, *m);
}

static void draw(Tree *voxels, Tree *seen, Vec2 voxel, const Motion *m) {
  if (!is_in_voxel(voxel, m)) return;
  bool is_new;
  put_voxel(seen, voxel, sizeof(VoxelNode), &is_new);
  if (!is_new) return;
  put_into(voxels, voxel, m);
  draw(voxels, seen, moved(voxel, -VOXEL_SIZE, 0.0), m);
  draw(voxels, seen, moved(voxel, VOXEL_SIZE, 0.0), m);
  draw(voxels, seen, moved(voxel, 0.0, -VOXEL_SIZE), m);
  draw(voxels, seen, moved(voxel, 0.0, VOXEL_SIZE), m);
  draw(voxels, seen, moved(voxel, -VOXEL_SIZE, -VOXEL_SIZE), m);
  draw(voxels, seen, moved(voxel, -VOXEL_SIZE, VOXEL_SIZE), m);
  draw(voxels, seen, moved(voxel, VOXEL_SIZE, -VOXEL_SIZE), m);
  draw(voxels, seen, moved(voxel, VOXEL_SIZE, VOXEL_SIZE), m);
}

// The line of the grid below.
static double grid_line(double a) {
  double line = VOXEL_SIZE * (double)(int64_t)(a / VOXEL_SIZE);
  return a < 0.0 ? line - VOXEL_SIZE : line;
}

// Fills the tree with the motions of each voxel.
static void reduce(Tree *voxels, const Motions *motions) {
  for (int64_t i = 0; i < motions->count; i++) {
    const Motion *m = &motions->items[i];
    Tree seen = {NULL};
    draw(voxels, &seen, (Vec2){grid_line(m->from.x), grid_line(m->from.y)}, m);
    free_nodes(seen.root);
  }
}

typedef struct {
  const Motions **items;
  int64_t count, capacity;
} Groups;

static void collect_group(const Node *n, void *context) {
  Groups *groups = context;
  const Motions *motions = &((const GroupNode *)n)->motions;
  if (motions->count > 1) PUSH(groups, motions);
}

// The detector

typedef struct {
  Node node;
  int64_t sign;
} SignNode;

typedef struct {
  SignNode key;
  Vec3 position;
} PositionNode;

static SignNode *find_sign(const Tree *t, int64_t sign) {
  Node *n = t->root;
  while (n) {
    int64_t key = ((SignNode *)n)->sign;
    if (sign == key) return (SignNode *)n;
    n = n->children[sign < key ? LEFT : RIGHT];
  }
  return NULL;
}

// The sign's node, of that size; one that is new is zero behind its key.
static SignNode *put_sign(Tree *t, int64_t sign, size_t size, bool *is_new) {
  Node *parent = NULL, *n = t->root;
  Side side = LEFT;
  *is_new = false;
  while (n) {
    int64_t key = ((SignNode *)n)->sign;
    if (sign == key) return (SignNode *)n;
    side = sign < key ? LEFT : RIGHT;
    parent = n;
    n = n->children[side];
  }
  SignNode *new = calloc(1, size);
  new->sign = sign;
  insert(t, parent, side, &new->node);
  *is_new = true;
  return new;
}

typedef struct {
  int64_t *items;
  int64_t count, capacity;
} Signs;

typedef struct {
  const Tree *seen;
  Signs signs;
} Gone;

static void collect_gone(const Node *n, void *context) {
  Gone *gone = context;
  int64_t sign = ((const SignNode *)n)->sign;
  if (!find_sign(gone->seen, sign)) PUSH(&gone->signs, sign);
}

// How each aircraft got here since the last frame; forgets those that are gone.
static Motions find_motions(Tree *state, const Frame *frame) {
  Tree seen = {NULL};
  Motions motions = {0};
  for (int64_t i = 0; i < frame->count; i++) {
    const Aircraft *a = &frame->items[i];
    bool is_new;
    put_sign(&seen, a->sign, sizeof(SignNode), &is_new);
    PositionNode *n = (PositionNode *)put_sign(state, a->sign, sizeof(PositionNode), &is_new);
    PUSH(&motions, (Motion){a->sign, is_new ? a->position : n->position, a->position});
    n->position = a->position;
  }
  Gone gone = {.seen = &seen};
  each(state->root, collect_gone, &gone);
  for (int64_t i = 0; i < gone.signs.count; i++) {
    SignNode *n = find_sign(state, gone.signs.items[i]);
    remove_node(state, &n->node);
    free(n);
  }
  free(gone.signs.items);
  free_nodes(seen.root);
  return motions;
}

static Collisions find_collisions(Tree *state, const Frame *frame) {
  Motions motions = find_motions(state, frame);
  Tree voxels = {NULL};
  Groups groups = {0};
  reduce(&voxels, &motions);
  each(voxels.root, collect_group, &groups);
  Collisions found = {0};
  for (int64_t g = 0; g < groups.count; g++) {
    const Motions *group = groups.items[g];
    for (int64_t i = 0; i < group->count; i++) {
      for (int64_t j = i + 1; j < group->count; j++) {
        const Motion *m = &group->items[i], *n = &group->items[j];
        Vec3 position;
        if (intersects(m, n, &position)) PUSH(&found, (Collision){m->sign, n->sign, position});
      }
    }
  }
  free(groups.items);
  free_groups(voxels.root);
  free(motions.items);
  return found;
}

// The aircraft, in pairs, at a time.
static Frame simulated(int64_t count, double time) {
  Frame frame = {0};
  for (int64_t i = 0; i < count; i += 2) {
    double y = 3.0 * (double)i;
    PUSH(&frame, (Aircraft){i, {time, cos(time) * 2.0 + y, 10.0}});
    PUSH(&frame, (Aircraft){i + 1, {time, sin(time) * 2.0 + y, 10.0}});
  }
  return frame;
}

static __attribute__((noinline)) int64_t count_collisions(int64_t aircraft) {
  Tree state = {NULL};
  int64_t count = 0;
  for (int64_t i = 0; i < 200; i++) {
    Frame frame = simulated(aircraft, (double)i / 10.0);
    Collisions found = find_collisions(&state, &frame);
    count += found.count;
    free(found.items);
    free(frame.items);
  }
  free_nodes(state.root);
  return count;
}

static int64_t expected(int64_t aircraft) {
  switch (aircraft) {
  case 2: return 42;
  case 10: return 390;
  case 100: return 4305;
  case 200: return 8655;
  case 250: return 10830;
  case 500:
  case 1000: return 14484;
  default: fprintf(stderr, "no known result for %lld aircraft\n", (long long)aircraft); exit(1);
  }
}

// The same number, of which the compiler no longer knows anything: every run has to be done.
static int64_t opaque(int64_t n) {
  __asm__ volatile("" : "+r"(n) : : "memory");
  return n;
}

static int64_t argument(int argc, char **argv, int i, int64_t otherwise) {
  return i < argc ? strtoll(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
  int64_t iterations = argument(argc, argv, 1, 1), aircraft = argument(argc, argv, 2, 2);
  for (int64_t i = 0; i < iterations; i++) {
    int64_t result = count_collisions(opaque(aircraft));
    if (result != expected(aircraft)) {
      fprintf(stderr, "collisions: %lld\n", (long long)result);
      return 1;
    }
  }
  puts("CD verified");
}
