// DeltaBlue, an incremental solver of one-way constraints: it keeps a chain of equalities and a row of
// projections consistent while their variables are edited. The second argument is how many there are.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *message) {
  fprintf(stderr, "deltablue: %s\n", message);
  exit(1);
}

// The stronger of two strengths is the lesser one.
typedef enum {
  ABSOLUTE_STRONGEST,
  REQUIRED,
  STRONG_PREFERRED,
  PREFERRED,
  STRONG_DEFAULT,
  DEFAULT,
  WEAK_DEFAULT,
  ABSOLUTE_WEAKEST,
} Strength;

typedef enum { UNSATISFIED, FORWARD, BACKWARD } Flow;

typedef enum { STAY, EDIT, EQUAL, SCALED } Relation;

typedef struct Constraint Constraint;

typedef struct {
  Constraint **items;
  int64_t count, capacity;
} Constraints;

typedef struct {
  int64_t value;
  Constraints constraints;
  Constraint *determined_by;
  int64_t mark;
  Strength walk_strength;
  bool stay;
} Variable;

typedef struct {
  Variable **items;
  int64_t count, capacity;
} Variables;

struct Constraint {
  Strength strength;
  Relation relation;
  Flow flow;
  Variable *a;              // the only one of STAY and EDIT
  Variable *b;              // of EQUAL and SCALED
  Variable *scale, *offset; // of SCALED
};

// Owns the constraints, also those that were taken out of the graph.
typedef struct {
  int64_t mark;
  Constraints owned;
} Planner;

static void push(Constraints *list, Constraint *c) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 4;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
  }
  list->items[list->count++] = c;
}

static void push_variable(Variables *list, Variable *v) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 4;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
  }
  list->items[list->count++] = v;
}

static void initialise(Variable *v, int64_t value) {
  *v = (Variable){.value = value, .walk_strength = ABSOLUTE_WEAKEST, .stay = true};
}

static void remove_constraint(Variable *v, const Constraint *c) {
  Constraints *list = &v->constraints;
  for (int64_t i = 0; i < list->count; i++) {
    if (list->items[i] != c) continue;
    list->count--;
    memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof *list->items);
    break;
  }
  if (v->determined_by == c) v->determined_by = NULL;
}

// What all constraints have

static bool is_satisfied(const Constraint *c) {
  return c->flow != UNSATISFIED;
}

static bool is_input(const Constraint *c) {
  return c->relation == EDIT;
}

// Answers how many there are.
static int variables(const Constraint *c, Variable *found[4]) {
  found[0] = c->a;
  found[1] = c->b;
  found[2] = c->scale;
  found[3] = c->offset;
  switch (c->relation) {
  case STAY:
  case EDIT: return 1;
  case EQUAL: return 2;
  case SCALED: return 4;
  }
  return 0;
}

static Variable *output(const Constraint *c) {
  switch (c->relation) {
  case STAY:
  case EDIT: return c->a;
  case EQUAL:
  case SCALED: return c->flow == FORWARD ? c->b : c->a;
  }
  return NULL;
}

// Answers how many there are.
static int inputs(const Constraint *c, Variable *found[3]) {
  found[0] = c->flow == FORWARD ? c->a : c->b;
  found[1] = c->scale;
  found[2] = c->offset;
  switch (c->relation) {
  case STAY:
  case EDIT: return 0;
  case EQUAL: return 1;
  case SCALED: return 3;
  }
  return 0;
}

// The flow, if the constraint may determine the variable.
static Flow flow_into(const Variable *v, const Constraint *c, int64_t mark, Flow flow) {
  return v->mark != mark && c->strength < v->walk_strength ? flow : UNSATISFIED;
}

static Flow choose_method(const Constraint *c, int64_t mark) {
  switch (c->relation) {
  case STAY:
  case EDIT: return flow_into(c->a, c, mark, FORWARD);
  case EQUAL:
  case SCALED:
    if (c->a->mark == mark) return flow_into(c->b, c, mark, FORWARD);
    if (c->b->mark == mark) return flow_into(c->a, c, mark, BACKWARD);
    if (c->a->walk_strength > c->b->walk_strength) return flow_into(c->a, c, mark, BACKWARD);
    return flow_into(c->b, c, mark, FORWARD);
  }
  return UNSATISFIED;
}

static void execute(const Constraint *c) {
  switch (c->relation) {
  case STAY:
  case EDIT: break;
  case EQUAL:
    if (c->flow == FORWARD)
      c->b->value = c->a->value;
    else
      c->a->value = c->b->value;
    break;
  case SCALED:
    if (c->flow == FORWARD)
      c->b->value = c->a->value * c->scale->value + c->offset->value;
    else
      c->a->value = (c->b->value - c->offset->value) / c->scale->value;
    break;
  }
}

static Strength weaker(Strength s, Strength t) {
  return s < t ? t : s;
}

static void recalculate(const Constraint *c) {
  Variable *out = output(c);
  if (c->relation == STAY || c->relation == EDIT) {
    out->walk_strength = c->strength;
    out->stay = !is_input(c);
    return;
  }
  Variable *in[3];
  int count = inputs(c, in);
  bool stay = true;
  for (int i = 0; i < count && stay; i++) stay = in[i]->stay;
  out->walk_strength = weaker(c->strength, in[0]->walk_strength);
  out->stay = stay;
  if (stay) execute(c);
}

static bool are_inputs_known(const Constraint *c, int64_t mark) {
  Variable *in[3];
  int count = inputs(c, in);
  for (int i = 0; i < count; i++) {
    const Variable *v = in[i];
    if (v->mark != mark && !v->stay && v->determined_by) return false;
  }
  return true;
}

// Adding and removing

static void incremental_add(Planner *p, Constraint *c);

static int64_t new_mark(Planner *p) {
  return ++p->mark;
}

static Constraint *constrain(Planner *p, Constraint constraint) {
  Constraint *c = malloc(sizeof *c);
  *c = constraint;
  push(&p->owned, c);
  Variable *found[4];
  int count = variables(c, found);
  for (int i = 0; i < count; i++) push(&found[i]->constraints, c);
  incremental_add(p, c);
  return c;
}

static void remove_from_graph(Constraint *c) {
  Variable *found[4];
  int count = variables(c, found);
  for (int i = 0; i < count; i++) remove_constraint(found[i], c);
  c->flow = UNSATISFIED;
}

// Adds the constraints that the variable is an input of.
static void push_consumers(Constraints *todo, const Variable *v) {
  for (int64_t i = 0; i < v->constraints.count; i++) {
    Constraint *c = v->constraints.items[i];
    if (is_satisfied(c) && v->determined_by != c) push(todo, c);
  }
}

// There are few of them, if any.
static void sort_by_strength(Constraints *list) {
  for (int64_t i = 1; i < list->count; i++) {
    Constraint *c = list->items[i];
    int64_t k = i;
    for (; k > 0 && list->items[k - 1]->strength > c->strength; k--) list->items[k] = list->items[k - 1];
    list->items[k] = c;
  }
}

static Constraints remove_propagate_from(Variable *out) {
  Constraints unsatisfied = {0};
  Variables todo = {0};
  out->determined_by = NULL;
  out->walk_strength = ABSOLUTE_WEAKEST;
  out->stay = true;
  push_variable(&todo, out);
  for (int64_t i = 0; i < todo.count; i++) {
    const Variable *v = todo.items[i];
    for (int64_t k = 0; k < v->constraints.count; k++) {
      Constraint *c = v->constraints.items[k];
      if (!is_satisfied(c)) {
        push(&unsatisfied, c);
      } else if (v->determined_by != c) {
        recalculate(c);
        push_variable(&todo, output(c));
      }
    }
  }
  free(todo.items);
  sort_by_strength(&unsatisfied);
  return unsatisfied;
}

static void incremental_remove(Planner *p, Constraint *c) {
  Variable *out = output(c);
  c->flow = UNSATISFIED;
  remove_from_graph(c);
  Constraints unsatisfied = remove_propagate_from(out);
  for (int64_t i = 0; i < unsatisfied.count; i++) incremental_add(p, unsatisfied.items[i]);
  free(unsatisfied.items);
}

static void destroy(Planner *p, Constraint *c) {
  if (is_satisfied(c)) incremental_remove(p, c);
  remove_from_graph(c);
}

static bool add_propagate(Planner *p, Constraint *c, int64_t mark) {
  Constraints todo = {0};
  bool acyclic = true;
  push(&todo, c);
  for (int64_t i = 0; i < todo.count; i++) {
    const Constraint *d = todo.items[i];
    Variable *out = output(d);
    if (out->mark == mark) {
      incremental_remove(p, c);
      acyclic = false;
      break;
    }
    recalculate(d);
    push_consumers(&todo, out);
  }
  free(todo.items);
  return acyclic;
}

// Answers the constraint that was overridden, or NULL.
static Constraint *satisfy(Planner *p, Constraint *c, int64_t mark) {
  c->flow = choose_method(c, mark);
  if (!is_satisfied(c)) {
    if (c->strength == REQUIRED) fail("could not satisfy a required constraint");
    return NULL;
  }
  Variable *out = output(c), *in[3];
  int count = inputs(c, in);
  for (int i = 0; i < count; i++) in[i]->mark = mark;
  Constraint *overridden = out->determined_by;
  if (overridden) overridden->flow = UNSATISFIED;
  out->determined_by = c;
  if (!add_propagate(p, c, mark)) fail("cycle of constraints");
  out->mark = mark;
  return overridden;
}

static void incremental_add(Planner *p, Constraint *c) {
  int64_t mark = new_mark(p);
  while (c) c = satisfy(p, c, mark);
}

// Plans

// The constraints to execute, in order, when the sources change. Takes over the list of these.
static Constraints make_plan(Planner *p, Constraints sources) {
  int64_t mark = new_mark(p);
  Constraints plan = {0}, todo = sources;
  for (int64_t i = 0; i < todo.count; i++) {
    Constraint *c = todo.items[i];
    Variable *out = output(c);
    if (out->mark != mark && are_inputs_known(c, mark)) {
      push(&plan, c);
      out->mark = mark;
      push_consumers(&todo, out);
    }
  }
  free(todo.items);
  return plan;
}

static Constraints extract_plan(Planner *p, Constraint *const *constraints, int64_t count) {
  Constraints sources = {0};
  for (int64_t i = 0; i < count; i++)
    if (is_input(constraints[i]) && is_satisfied(constraints[i])) push(&sources, constraints[i]);
  return make_plan(p, sources);
}

static void execute_plan(const Constraints *plan) {
  for (int64_t i = 0; i < plan->count; i++) execute(plan->items[i]);
}

static void change(Planner *p, Variable *v, int64_t value) {
  Constraint *edit = constrain(p, (Constraint){.strength = PREFERRED, .relation = EDIT, .a = v});
  Constraints plan = extract_plan(p, &edit, 1);
  for (int64_t i = 0; i < 10; i++) {
    v->value = value;
    execute_plan(&plan);
  }
  destroy(p, edit);
  free(plan.items);
}

static void free_planner(Planner *p) {
  for (int64_t i = 0; i < p->owned.count; i++) free(p->owned.items[i]);
  free(p->owned.items);
}

static void free_variables(Variable *vars, int64_t count) {
  for (int64_t i = 0; i < count; i++) free(vars[i].constraints.items);
  free(vars);
}

// The two tests

static __attribute__((noinline)) void chain_test(int64_t n) {
  Planner p = {0};
  Variable *vars = malloc((n + 1) * sizeof *vars), *start = &vars[0], *end = &vars[n];
  for (int64_t i = 0; i <= n; i++) initialise(&vars[i], 0);

  for (int64_t i = 0; i < n; i++)
    constrain(&p, (Constraint){.strength = REQUIRED, .relation = EQUAL, .a = &vars[i], .b = &vars[i + 1]});
  constrain(&p, (Constraint){.strength = STRONG_DEFAULT, .relation = STAY, .a = end});

  Constraint *edit = constrain(&p, (Constraint){.strength = PREFERRED, .relation = EDIT, .a = start});
  Constraints plan = extract_plan(&p, &edit, 1);
  for (int64_t value = 0; value < 100; value++) {
    start->value = value;
    execute_plan(&plan);
    if (end->value != value) fail("the chain has another end");
  }
  destroy(&p, edit);

  free(plan.items);
  free_planner(&p);
  free_variables(vars, n + 1);
}

static __attribute__((noinline)) void projection_test(int64_t n) {
  Planner p = {0};
  Variable scale, offset;
  initialise(&scale, 10);
  initialise(&offset, 1000);
  Variable *sources = malloc(n * sizeof *sources), *targets = malloc(n * sizeof *targets);
  for (int64_t i = 0; i < n; i++) {
    initialise(&sources[i], i + 1);
    initialise(&targets[i], i + 1);
  }
  Variable *source = &sources[n - 1], *target = &targets[n - 1];

  for (int64_t i = 0; i < n; i++) {
    Variable *s = &sources[i], *t = &targets[i];
    constrain(&p, (Constraint){.strength = DEFAULT, .relation = STAY, .a = s});
    constrain(&p, (Constraint){
                      .strength = REQUIRED,
                      .relation = SCALED,
                      .a = s,
                      .b = t,
                      .scale = &scale,
                      .offset = &offset,
                  });
  }

  change(&p, source, 17);
  if (target->value != 1170) fail("the target did not follow");
  change(&p, target, 1050);
  if (source->value != 5) fail("the source did not follow");
  change(&p, &scale, 5);
  for (int64_t i = 0; i < n - 1; i++)
    if (targets[i].value != (i + 1) * 5 + 1000) fail("a target did not follow the scale");
  change(&p, &offset, 2000);
  for (int64_t i = 0; i < n - 1; i++)
    if (targets[i].value != (i + 1) * 5 + 2000) fail("a target did not follow the offset");

  free_planner(&p);
  free(scale.constraints.items);
  free(offset.constraints.items);
  free_variables(sources, n);
  free_variables(targets, n);
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
  int64_t iterations = argument(argc, argv, 1), n = argument(argc, argv, 2);
  for (int64_t i = 0; i < iterations; i++) {
    chain_test(opaque(n));
    projection_test(opaque(n));
  }
  puts("DeltaBlue verified");
}
