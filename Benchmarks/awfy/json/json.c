// Reads a message of a web toolkit's protocol, in JSON, and looks at its head and its 156 operations.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *message, int64_t at) {
  fprintf(stderr, "json: %s at %lld\n", message, (long long)at);
  exit(1);
}

// Text that grows

typedef struct {
  char *bytes;
  int64_t count, capacity;
} Buffer;

// Keeps the text terminated.
static void append(Buffer *b, const char *bytes, int64_t count) {
  if (b->count + count + 1 > b->capacity) {
    b->capacity = 2 * b->capacity > b->count + count + 1 ? 2 * b->capacity : b->count + count + 1;
    b->bytes = realloc(b->bytes, b->capacity);
  }
  memcpy(b->bytes + b->count, bytes, count);
  b->count += count;
  b->bytes[b->count] = '\0';
}

static void append_string(Buffer *b, const char *string) {
  append(b, string, (int64_t)strlen(string));
}

// The message

typedef struct {
  int64_t seed;
} Random;

static int below(Random *r, int64_t n) {
  r->seed = (r->seed * 1309 + 13849) & 65535;
  return (int)(r->seed % n);
}

static void append_operation(Buffer *b, Random *r, int i) {
  char text[200];
  switch (below(r, 5)) {
  case 0: snprintf(text, sizeof text, "[\"destroy\",\"w%d\"]", i); break;
  case 1:
    snprintf(text, sizeof text,
             "[\"set\",\"w%d\",{\"activeControl\":\"w%d\",\"visible\":true,\"data\":null}]",
             i, below(r, 99));
    break;
  case 2: {
    int x = below(r, 900), y = below(r, 700), height = below(r, 50);
    int opacity = below(r, 99), zoom = below(r, 9);
    snprintf(text, sizeof text,
             "[\"set\",\"w%d\",{\"bounds\":[%d,%d,100,%d],\"opacity\":0.%d,\"zoom\":1.5e%d}]",
             i, x, y, height, opacity, zoom);
    break;
  }
  case 3: {
    int parent = below(r, 99), line = below(r, 99);
    snprintf(text, sizeof text,
             "[\"create\",\"w%d\",\"rwt.widgets.Button\",{\"parent\":\"w%d\",\"style\":[\"PUSH\",\"FLAT\"],"
             "\"tabIndex\":-1,\"text\":\"Line %d\\n\\\"quoted\\\" \\u00e4\"}]",
             i, parent, line);
    break;
  }
  default:
    snprintf(text, sizeof text,
             "[\"listen\",\"w%d\",{\"Selection\":true,\"Modify\":false,\"keys\":[{\"code\":%d},[]]}]",
             i, below(r, 99));
  }
  append_string(b, text);
}

static char *message(void) {
  Random r = {74755};
  Buffer b = {0};
  append_string(&b, "{\"head\":{\"requestCounter\":4}, \"operations\":[");
  for (int i = 0; i < 156; i++) {
    if (i > 0) append_string(&b, ",\n ");
    append_operation(&b, &r, i);
  }
  append_string(&b, "]}");
  return b.bytes;
}

// Values

typedef enum { NUL, BOOLEAN, NUMBER, TEXT, ARRAY, OBJECT } Kind;

typedef struct Json Json;

typedef struct {
  Json **items;
  int64_t count, capacity;
} Array;

typedef struct {
  char *name;
  uint64_t hash;
  Json *value;
} Member;

// A hash table with open addressing; a free slot has no name.
typedef struct {
  Member *slots;
  int64_t count, capacity;
} Object;

struct Json {
  Kind kind;
  union {
    bool boolean;
    double number;
    char *text;
    Array array;
    Object object;
  };
};

static Json *new_json(Kind kind) {
  Json *json = calloc(1, sizeof *json);
  json->kind = kind;
  return json;
}

static void push(Array *a, Json *item) {
  if (a->count == a->capacity) {
    a->capacity = a->capacity ? 2 * a->capacity : 4;
    a->items = realloc(a->items, a->capacity * sizeof *a->items);
  }
  a->items[a->count++] = item;
}

// FNV-1a
static uint64_t hash_of(const char *name) {
  uint64_t hash = 14695981039346656037u;
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 1099511628211u;
  return hash;
}

// Where the name is, or the free slot where it belongs.
static Member *slot_of(const Object *o, const char *name, uint64_t hash) {
  uint64_t mask = (uint64_t)o->capacity - 1;
  for (uint64_t i = hash & mask;; i = (i + 1) & mask) {
    Member *m = &o->slots[i];
    if (!m->name || (m->hash == hash && strcmp(m->name, name) == 0)) return m;
  }
}

static void grow(Object *o) {
  Object old = *o;
  o->capacity = old.capacity ? 2 * old.capacity : 8;
  o->slots = calloc(o->capacity, sizeof *o->slots);
  for (int64_t i = 0; i < old.capacity; i++) {
    const Member *m = &old.slots[i];
    if (m->name) *slot_of(o, m->name, m->hash) = *m;
  }
  free(old.slots);
}

static void free_json(Json *json);

// Takes over the name and the value.
static void put(Object *o, char *name, Json *value) {
  if (4 * (o->count + 1) > 3 * o->capacity) grow(o);
  uint64_t hash = hash_of(name);
  Member *m = slot_of(o, name, hash);
  if (m->name) {
    free(name);
    free_json(m->value);
    m->value = value;
  } else {
    *m = (Member){name, hash, value};
    o->count++;
  }
}

static const Json *get(const Object *o, const char *name) {
  return o->count == 0 ? NULL : slot_of(o, name, hash_of(name))->value;
}

static void free_json(Json *json) {
  switch (json->kind) {
  case NUL:
  case BOOLEAN:
  case NUMBER: break;
  case TEXT: free(json->text); break;
  case ARRAY:
    for (int64_t i = 0; i < json->array.count; i++) free_json(json->array.items[i]);
    free(json->array.items);
    break;
  case OBJECT:
    for (int64_t i = 0; i < json->object.capacity; i++) {
      Member *m = &json->object.slots[i];
      if (!m->name) continue;
      free(m->name);
      free_json(m->value);
    }
    free(json->object.slots);
    break;
  }
  free(json);
}

// The parser

typedef struct {
  const char *text;
  int64_t at;
} Parser;

static char current(const Parser *p) {
  return p->text[p->at];
}

static bool accept(Parser *p, char c) {
  if (current(p) != c) return false;
  p->at++;
  return true;
}

static void expect(Parser *p, char c) {
  if (!accept(p, c)) fail((char[]){'n', 'o', ' ', c, '\0'}, p->at);
}

static void skip_blanks(Parser *p) {
  for (;;) {
    switch (current(p)) {
    case ' ':
    case '\t':
    case '\n':
    case '\r': p->at++; break;
    default: return;
    }
  }
}

static Json *value(Parser *p);

static Json *word(Parser *p, const char *text, Json *value) {
  for (; *text; text++) expect(p, *text);
  return value;
}

static Json *boolean(bool b) {
  Json *json = new_json(BOOLEAN);
  json->boolean = b;
  return json;
}

static int64_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A code point up to U+FFFF, as UTF-8.
static void append_code(Buffer *b, int64_t code) {
  char high = (char)(0x80 | (code >> 6 & 0x3f)), low = (char)(0x80 | (code & 0x3f));
  if (code < 0x80)
    append(b, (char[]){(char)code}, 1);
  else if (code < 0x800)
    append(b, (char[]){(char)(0xc0 | code >> 6), low}, 2);
  else
    append(b, (char[]){(char)(0xe0 | code >> 12), high, low}, 3);
}

static void append_escape(Buffer *b, Parser *p) {
  char c = current(p);
  switch (c) {
  case '"':
  case '/':
  case '\\': break;
  case 'b': c = '\b'; break;
  case 'f': c = '\f'; break;
  case 'n': c = '\n'; break;
  case 'r': c = '\r'; break;
  case 't': c = '\t'; break;
  case 'u': {
    p->at++;
    int64_t code = 0;
    for (int i = 0; i < 4; i++) {
      int64_t digit = hex_digit(current(p));
      if (digit < 0) fail("bad escape", p->at);
      code = code * 16 + digit;
      p->at++;
    }
    append_code(b, code);
    return;
  }
  default: fail("bad escape", p->at);
  }
  p->at++;
  append(b, &c, 1);
}

static char *string(Parser *p) {
  expect(p, '"');
  Buffer b = {0};
  int64_t start = p->at;
  while (current(p) != '"') {
    if (current(p) == '\0') fail("the string does not end", p->at);
    if (current(p) == '\\') {
      append(&b, p->text + start, p->at - start);
      p->at++;
      append_escape(&b, p);
      start = p->at;
    } else {
      p->at++;
    }
  }
  append(&b, p->text + start, p->at - start);
  p->at++;
  return b.bytes;
}

static Json *text(Parser *p) {
  Json *json = new_json(TEXT);
  json->text = string(p);
  return json;
}

static Json *array(Parser *p) {
  Json *json = new_json(ARRAY);
  expect(p, '[');
  skip_blanks(p);
  if (accept(p, ']')) return json;
  do {
    skip_blanks(p);
    push(&json->array, value(p));
    skip_blanks(p);
  } while (accept(p, ','));
  expect(p, ']');
  return json;
}

static Json *object(Parser *p) {
  Json *json = new_json(OBJECT);
  expect(p, '{');
  skip_blanks(p);
  if (accept(p, '}')) return json;
  do {
    skip_blanks(p);
    char *name = string(p);
    skip_blanks(p);
    expect(p, ':');
    skip_blanks(p);
    put(&json->object, name, value(p));
    skip_blanks(p);
  } while (accept(p, ','));
  expect(p, '}');
  return json;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static void digits(Parser *p) {
  if (!is_digit(current(p))) fail("expected a digit", p->at);
  while (is_digit(current(p))) p->at++;
}

static Json *number(Parser *p) {
  const char *start = p->text + p->at;
  accept(p, '-');
  digits(p);
  if (accept(p, '.')) digits(p);
  if (accept(p, 'e') || accept(p, 'E')) {
    if (!accept(p, '+')) accept(p, '-');
    digits(p);
  }
  Json *json = new_json(NUMBER);
  json->number = strtod(start, NULL);
  return json;
}

static Json *value(Parser *p) {
  switch (current(p)) {
  case 'n': return word(p, "null", new_json(NUL));
  case 't': return word(p, "true", boolean(true));
  case 'f': return word(p, "false", boolean(false));
  case '"': return text(p);
  case '[': return array(p);
  case '{': return object(p);
  default: return number(p);
  }
}

static Json *document(Parser *p) {
  skip_blanks(p);
  Json *json = value(p);
  skip_blanks(p);
  if (current(p) != '\0') fail("more text", p->at);
  return json;
}

static bool is_verified(const Json *json) {
  if (json->kind != OBJECT) return false;
  const Json *head = get(&json->object, "head"), *operations = get(&json->object, "operations");
  if (!head || head->kind != OBJECT || !operations || operations->kind != ARRAY) return false;
  return operations->array.count == 156;
}

static __attribute__((noinline)) bool is_read(const char *text) {
  Parser p = {.text = text};
  Json *json = document(&p);
  bool verified = is_verified(json);
  free_json(json);
  return verified;
}

// The same text, of which the compiler no longer knows anything: every run has to be done.
static const char *opaque(const char *text) {
  __asm__ volatile("" : "+r"(text) : : "memory");
  return text;
}

static int64_t argument(int argc, char **argv, int i) {
  return i < argc ? strtoll(argv[i], NULL, 10) : 1;
}

int main(int argc, char **argv) {
  int64_t iterations = argument(argc, argv, 1), inner = argument(argc, argv, 2);
  char *text = message();
  for (int64_t i = 0; i < iterations; i++) {
    for (int64_t j = 0; j < inner; j++) {
      if (!is_read(opaque(text))) {
        fputs("json: another message\n", stderr);
        return 1;
      }
    }
  }
  free(text);
  puts("Json verified");
}
