// Finds the loops of a control flow graph (Havlak, Nesting of Reducible and Irreducible Loops, 1997). The
// second argument is how often the small graph is analysed before the large one is built.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NON_BACK_PREDECESSORS = 32 * 1024 };

// A hash table from whole numbers to whole numbers, with open addressing, that keeps the order of insertion.

typedef struct {
  int64_t key, value;
} Entry;

typedef struct {
  Entry *entries;
  int32_t *slots; // Of 2 * capacity: an index into the entries, one more than it is, or 0.
  int64_t count, capacity;
} Map;

// Where the key's slot is, or the free one where it belongs.
static int32_t *slot_of(const Map *m, int64_t key) {
  uint64_t mask = 2 * (uint64_t)m->capacity - 1;
  uint64_t i = (uint64_t)key * 0x9e3779b97f4a7c15u >> 32 & mask;
  while (m->slots[i] != 0 && m->entries[m->slots[i] - 1].key != key) i = (i + 1) & mask;
  return &m->slots[i];
}

static const int64_t *get(const Map *m, int64_t key) {
  if (m->count == 0) return NULL;
  int32_t slot = *slot_of(m, key);
  return slot == 0 ? NULL : &m->entries[slot - 1].value;
}

static void grow(Map *m) {
  m->capacity = m->capacity ? 2 * m->capacity : 4;
  m->entries = realloc(m->entries, m->capacity * sizeof *m->entries);
  free(m->slots);
  m->slots = calloc(2 * m->capacity, sizeof *m->slots);
  for (int64_t i = 0; i < m->count; i++) *slot_of(m, m->entries[i].key) = (int32_t)i + 1;
}

static void put(Map *m, int64_t key, int64_t value) {
  if (m->count == m->capacity) grow(m);
  int32_t *slot = slot_of(m, key);
  if (*slot == 0) {
    m->entries[m->count] = (Entry){.key = key};
    *slot = (int32_t)++m->count;
  }
  m->entries[*slot - 1].value = value;
}

static void free_map(Map *m) {
  free(m->entries);
  free(m->slots);
}

// A set is a map whose values are not looked at.
typedef Map Set;

static void add(Set *s, int64_t x) {
  put(s, x, 0);
}

// Growable arrays

typedef struct {
  int64_t *items;
  int64_t count, capacity;
} Ints;

typedef struct {
  void **items;
  int64_t count, capacity;
} Pointers;

static void push_int(Ints *list, int64_t x) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 4;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
  }
  list->items[list->count++] = x;
}

static void push(Pointers *list, void *x) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 4;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
  }
  list->items[list->count++] = x;
}

static bool contains(const Pointers *list, const void *x) {
  for (int64_t i = 0; i < list->count; i++)
    if (list->items[i] == x) return true;
  return false;
}

// The graph

typedef struct {
  int64_t name;
  Pointers in_edges, out_edges; // of Block
} Block;

typedef struct {
  Pointers blocks; // of Block
  Map numbers;     // by name, where in `blocks` it is
} Graph;

// The block of that name, new if need be.
static Block *block(Graph *g, int64_t name) {
  const int64_t *number = get(&g->numbers, name);
  if (number) return g->blocks.items[*number];
  Block *b = malloc(sizeof *b);
  *b = (Block){.name = name};
  put(&g->numbers, name, g->blocks.count);
  push(&g->blocks, b);
  return b;
}

static void connect(Graph *g, int64_t from, int64_t to) {
  Block *a = block(g, from), *b = block(g, to);
  push(&a->out_edges, b);
  push(&b->in_edges, a);
}

static void free_graph(Graph *g) {
  for (int64_t i = 0; i < g->blocks.count; i++) {
    Block *b = g->blocks.items[i];
    free(b->in_edges.items);
    free(b->out_edges.items);
    free(b);
  }
  free(g->blocks.items);
  free_map(&g->numbers);
}

// Loops

typedef struct Loop {
  Block *header; // NULL for the root
  bool reducible;
  struct Loop *parent;
  int64_t nesting;
  Set blocks;
  Pointers children; // of Loop
} Loop;

typedef struct {
  Loop *root;
  Pointers loops; // of Loop, the root too
} Structure;

static Loop *create_loop(Structure *s, Block *header, bool reducible) {
  Loop *l = malloc(sizeof *l);
  *l = (Loop){.header = header, .reducible = reducible};
  if (header) add(&l->blocks, header->name);
  push(&s->loops, l);
  return l;
}

static Structure structure(void) {
  Structure s = {0};
  s.root = create_loop(&s, NULL, true);
  return s;
}

static void free_structure(Structure *s) {
  for (int64_t i = 0; i < s->loops.count; i++) {
    Loop *l = s->loops.items[i];
    free_map(&l->blocks);
    free(l->children.items);
    free(l);
  }
  free(s->loops.items);
}

static void set_parent(Loop *l, Loop *parent) {
  l->parent = parent;
  push(&parent->children, l);
}

static void nest(Loop *l) {
  for (int64_t i = 0; i < l->children.count; i++) {
    Loop *child = l->children.items[i];
    nest(child);
    if (l->nesting < child->nesting + 1) l->nesting = child->nesting + 1;
  }
}

static void calculate_nesting(Structure *s) {
  for (int64_t i = 0; i < s->loops.count; i++) {
    Loop *l = s->loops.items[i];
    if (!l->parent && l != s->root) set_parent(l, s->root);
  }
  nest(s->root);
}

// Union and find

typedef struct Node {
  Block *block; // NULL while the node has not been reached
  int64_t number;
  struct Node *parent;
  Loop *loop;
} Node;

// The representative of the set; shortens the way to it.
static Node *find_set(Node *n) {
  if (!n->parent) return n;
  Node *root = find_set(n->parent);
  if (root != n->parent) n->parent = root;
  return root;
}

// The analysis

typedef enum { BODY, REDUCIBLE, SELF, IRREDUCIBLE, DEAD } Kind;

typedef struct {
  Graph *graph;
  Structure *structure;
  Map numbers;
  int64_t count; // of nodes, as of everything below
  Node *nodes;
  int64_t *last, *header;
  Kind *kind;
  Ints *back_preds;
  Set *non_back_preds;
} Finder;

static Finder finder(Graph *g, Structure *s) {
  int64_t n = g->blocks.count;
  return (Finder){
      .graph = g,
      .structure = s,
      .count = n,
      .nodes = calloc(n, sizeof(Node)),
      .last = calloc(n, sizeof(int64_t)),
      .header = calloc(n, sizeof(int64_t)),
      .kind = calloc(n, sizeof(Kind)),
      .back_preds = calloc(n, sizeof(Ints)),
      .non_back_preds = calloc(n, sizeof(Set)),
  };
}

static void free_finder(Finder *f) {
  free_map(&f->numbers);
  free(f->nodes);
  free(f->last);
  free(f->header);
  free(f->kind);
  for (int64_t i = 0; i < f->count; i++) {
    free(f->back_preds[i].items);
    free_map(&f->non_back_preds[i]);
  }
  free(f->back_preds);
  free(f->non_back_preds);
}

static bool is_ancestor(const Finder *f, int64_t w, int64_t v) {
  return w <= v && v <= f->last[w];
}

// Numbers what can be reached, depth first; answers the last number given.
static int64_t search(Finder *f, Block *b, int64_t number) {
  f->nodes[number] = (Node){.block = b, .number = number};
  put(&f->numbers, b->name, number);
  int64_t last = number;
  for (int64_t i = 0; i < b->out_edges.count; i++) {
    Block *target = b->out_edges.items[i];
    if (!get(&f->numbers, target->name)) last = search(f, target, last + 1);
  }
  f->last[number] = last;
  return last;
}

static void identify_edges(Finder *f) {
  for (int64_t w = 0; w < f->count; w++) {
    const Block *b = f->nodes[w].block;
    if (!b) {
      f->kind[w] = DEAD;
      continue;
    }
    for (int64_t i = 0; i < b->in_edges.count; i++) {
      const Block *source = b->in_edges.items[i];
      const int64_t *v = get(&f->numbers, source->name);
      if (!v) continue;
      if (is_ancestor(f, w, *v))
        push_int(&f->back_preds[w], *v);
      else
        add(&f->non_back_preds[w], *v);
    }
  }
}

static void add_predecessor(Finder *f, int64_t w, Node *y, Pointers *pool, Pointers *work) {
  if (!is_ancestor(f, w, y->number)) {
    f->kind[w] = IRREDUCIBLE;
    add(&f->non_back_preds[w], y->number);
  } else if (y->number != w && !contains(pool, y)) {
    push(work, y);
    push(pool, y);
  }
}

static void make_loop(Finder *f, int64_t w, const Pointers *pool) {
  Node *n = &f->nodes[w];
  Loop *l = create_loop(f->structure, n->block, f->kind[w] != IRREDUCIBLE);
  n->loop = l;
  for (int64_t i = 0; i < pool->count; i++) {
    Node *member = pool->items[i];
    f->header[member->number] = w;
    member->parent = n;
    if (member->loop)
      set_parent(member->loop, l);
    else
      add(&l->blocks, member->block->name);
  }
}

// Fills the pool with the body of the loop that w heads; false when the graph is too tangled.
static bool collect_body(Finder *f, int64_t w, Pointers *pool, Pointers *work) {
  const Ints *back_preds = &f->back_preds[w];
  for (int64_t i = 0; i < back_preds->count; i++) {
    int64_t v = back_preds->items[i];
    if (v == w) {
      f->kind[w] = SELF;
    } else {
      Node *y = find_set(&f->nodes[v]);
      push(pool, y);
      push(work, y);
    }
  }
  if (pool->count > 0) f->kind[w] = REDUCIBLE;
  // Both lists grow meanwhile.
  for (int64_t i = 0; i < work->count; i++) {
    const Node *x = work->items[i];
    const Set *preds = &f->non_back_preds[x->number];
    if (preds->count > MAX_NON_BACK_PREDECESSORS) return false;
    for (int64_t k = 0; k < preds->count; k++)
      add_predecessor(f, w, find_set(&f->nodes[preds->entries[k].key]), pool, work);
  }
  return true;
}

// The loop that w heads, if it heads one; false when the graph is too tangled.
static bool collect(Finder *f, int64_t w) {
  Pointers pool = {0}, work = {0}; // of Node
  bool collected = collect_body(f, w, &pool, &work);
  if (collected && (pool.count > 0 || f->kind[w] == SELF)) make_loop(f, w, &pool);
  free(pool.items);
  free(work.items);
  return collected;
}

static void find_loops(Graph *g, Structure *s) {
  const int64_t *start = get(&g->numbers, 0);
  if (!start) return;
  Finder f = finder(g, s);
  search(&f, g->blocks.items[*start], 0);
  identify_edges(&f);
  for (int64_t w = f.count - 1; w >= 0; w--)
    if (f.nodes[w].block && !collect(&f, w)) break;
  free_finder(&f);
}

// Building the graph

static int64_t build_straight(Graph *g, int64_t start, int64_t n) {
  for (int64_t i = start; i < start + n; i++) connect(g, i, i + 1);
  return start + n;
}

static int64_t build_diamond(Graph *g, int64_t start) {
  connect(g, start, start + 1);
  connect(g, start, start + 2);
  connect(g, start + 1, start + 3);
  connect(g, start + 2, start + 3);
  return start + 3;
}

static int64_t build_base_loop(Graph *g, int64_t start) {
  int64_t header = build_straight(g, start, 1);
  int64_t diamond1 = build_diamond(g, header);
  int64_t d11 = build_straight(g, diamond1, 1);
  int64_t diamond2 = build_diamond(g, d11);
  int64_t footer = build_straight(g, diamond2, 1);
  connect(g, diamond2, d11);
  connect(g, diamond1, header);
  connect(g, footer, start);
  return build_straight(g, footer, 1);
}

static void build_large_graph(Graph *g, int64_t outer, int64_t middle, int64_t inner) {
  int64_t n = 2;
  for (int64_t i = 0; i < outer; i++) {
    block(g, n + 1);
    connect(g, 2, n + 1);
    n++;
    for (int64_t j = 0; j < middle; j++) {
      int64_t top = n;
      n = build_straight(g, n, 1);
      for (int64_t k = 0; k < inner; k++) n = build_base_loop(g, n);
      int64_t bottom = build_straight(g, n, 1);
      connect(g, n, top);
      n = bottom;
    }
    connect(g, n, 1);
  }
}

typedef struct {
  // How many loops were found, and how many nodes there are.
  int64_t loops, nodes;
} Result;

static __attribute__((noinline)) Result havlak(int64_t dummy_loops) {
  Graph g = {0};
  Structure s = structure();
  block(&g, 0);
  build_base_loop(&g, 0);
  block(&g, 1);
  connect(&g, 0, 2);
  for (int64_t i = 0; i < dummy_loops; i++) find_loops(&g, &s);
  build_large_graph(&g, 10, 10, 5);
  find_loops(&g, &s);
  for (int64_t i = 0; i < 50; i++) {
    Structure again = structure();
    find_loops(&g, &again);
    free_structure(&again);
  }
  calculate_nesting(&s);
  Result result = {s.loops.count, g.blocks.count};
  free_structure(&s);
  free_graph(&g);
  return result;
}

static int64_t expected_loops(int64_t dummy_loops) {
  switch (dummy_loops) {
  case 1: return 1605;
  case 15: return 1647;
  case 150: return 2052;
  case 1500: return 6102;
  case 15000: return 46602;
  default: fprintf(stderr, "no known result for %lld loops\n", (long long)dummy_loops); exit(1);
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
  int64_t iterations = argument(argc, argv, 1), dummy_loops = argument(argc, argv, 2);
  for (int64_t i = 0; i < iterations; i++) {
    Result result = havlak(opaque(dummy_loops));
    if (result.loops != expected_loops(dummy_loops) || result.nodes != 5213) {
      fprintf(stderr, "havlak: %lld loops, %lld nodes\n", (long long)result.loops, (long long)result.nodes);
      return 1;
    }
  }
  puts("Havlak verified");
}
