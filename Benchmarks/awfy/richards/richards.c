// Martin Richards' simulation of an operating system's kernel: six tasks pass packets to each other.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { IDLER, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B, TASKS };

enum { DATA_SIZE = 4 };

static _Noreturn void fail(const char *message) {
  fprintf(stderr, "richards: %s\n", message);
  exit(1);
}

// Packets

typedef enum { DEVICE, WORK } Kind;

typedef struct Packet {
  struct Packet *link;
  int64_t identity;
  Kind kind;
  int64_t datum;
  int64_t data[DATA_SIZE];
} Packet;

static Packet *packet(Packet *link, int64_t identity, Kind kind) {
  Packet *p = malloc(sizeof *p);
  *p = (Packet){.link = link, .identity = identity, .kind = kind};
  return p;
}

// The queue with the packet at its end.
static Packet *append(Packet *p, Packet *queue) {
  p->link = NULL;
  if (!queue) return p;
  Packet *last = queue;
  while (last->link) last = last->link;
  last->link = p;
  return queue;
}

static void free_queue(Packet *queue) {
  while (queue) {
    Packet *next = queue->link;
    free(queue);
    queue = next;
  }
}

// Tasks. `act` gets the packet to work at, or NULL, and answers which task is next.

typedef struct Task Task;
typedef struct Scheduler Scheduler;
typedef Task *Act(Scheduler *s, Task *self, Packet *work);

struct Task {
  Task *link;
  int64_t identity, priority;
  Packet *input;
  bool packet_pending, waiting, holding;
  Act *act;
  union {
    struct {
      int64_t control, count;
    } idler;
    struct {
      int64_t destination, count;
    } worker;
    struct {
      Packet *work_in, *device_in;
    } handler;
    struct {
      Packet *pending;
    } device;
  };
};

static bool is_holding_or_waiting(const Task *t) {
  return t->holding || (!t->packet_pending && t->waiting);
}

static bool is_waiting_with_packet(const Task *t) {
  return t->packet_pending && t->waiting && !t->holding;
}

static void set_running(Task *t, bool packet_pending) {
  t->packet_pending = packet_pending;
  t->waiting = false;
  t->holding = false;
}

static Packet *take_packet(Task *t) {
  Packet *message = t->input;
  t->input = message->link;
  set_running(t, t->input != NULL);
  return message;
}

// Answers which task is next.
static Task *run(Scheduler *s, Task *t) {
  return t->act(s, t, is_waiting_with_packet(t) ? take_packet(t) : NULL);
}

// Answers who goes on: the receiver, if it is more urgent.
static Task *add_input(Task *t, Packet *p, Task *current) {
  if (t->input) {
    t->input = append(p, t->input);
    return current;
  }
  t->input = p;
  t->packet_pending = true;
  return t->priority > current->priority ? t : current;
}

// The scheduler

struct Scheduler {
  Task *tasks, *current;
  int64_t current_identity;
  Task *table[TASKS];
  int64_t queued, held;
};

static Task *find_task(const Scheduler *s, int64_t identity) {
  Task *t = s->table[identity];
  if (!t) fail("no such task");
  return t;
}

static Task *hold(Scheduler *s) {
  s->held++;
  s->current->holding = true;
  return s->current->link;
}

static Task *wait(Scheduler *s) {
  s->current->waiting = true;
  return s->current;
}

static Task *release(Scheduler *s, int64_t identity) {
  Task *t = find_task(s, identity);
  t->holding = false;
  return t->priority > s->current->priority ? t : s->current;
}

static Task *queue_packet(Scheduler *s, Packet *p) {
  Task *t = find_task(s, p->identity);
  s->queued++;
  p->link = NULL;
  p->identity = s->current_identity;
  return add_input(t, p, s->current);
}

static void schedule(Scheduler *s) {
  s->current = s->tasks;
  while (s->current) {
    Task *t = s->current;
    if (is_holding_or_waiting(t)) {
      s->current = t->link;
    } else {
      s->current_identity = t->identity;
      s->current = run(s, t);
    }
  }
}

static Task *add_task(Scheduler *s, int64_t identity, int64_t priority, Packet *input, bool running,
                      Act *act) {
  Task *t = malloc(sizeof *t);
  *t = (Task){
      .link = s->tasks,
      .identity = identity,
      .priority = priority,
      .input = input,
      .packet_pending = input != NULL,
      .waiting = !running,
      .act = act,
  };
  s->tasks = t;
  s->table[identity] = t;
  return t;
}

// What the tasks do

static Task *idle(Scheduler *s, Task *self, Packet *work) {
  (void)work;
  self->idler.count--;
  if (self->idler.count == 0) return hold(s);
  if ((self->idler.control & 1) == 0) {
    self->idler.control /= 2;
    return release(s, DEVICE_A);
  }
  self->idler.control = self->idler.control / 2 ^ 53256;
  return release(s, DEVICE_B);
}

static Task *do_work(Scheduler *s, Task *self, Packet *work) {
  if (!work) return wait(s);
  self->worker.destination = self->worker.destination == HANDLER_A ? HANDLER_B : HANDLER_A;
  work->identity = self->worker.destination;
  work->datum = 0;
  for (int64_t i = 0; i < DATA_SIZE; i++) {
    self->worker.count++;
    if (self->worker.count > 26) self->worker.count = 1;
    work->data[i] = 64 + self->worker.count;
  }
  return queue_packet(s, work);
}

static Task *handle(Scheduler *s, Task *self, Packet *work) {
  if (work) {
    switch (work->kind) {
    case WORK: self->handler.work_in = append(work, self->handler.work_in); break;
    case DEVICE: self->handler.device_in = append(work, self->handler.device_in); break;
    }
  }
  Packet *p = self->handler.work_in;
  if (!p) return wait(s);
  int64_t count = p->datum;
  if (count >= DATA_SIZE) {
    self->handler.work_in = p->link;
    return queue_packet(s, p);
  }
  Packet *device = self->handler.device_in;
  if (!device) return wait(s);
  self->handler.device_in = device->link;
  device->datum = p->data[count];
  p->datum = count + 1;
  return queue_packet(s, device);
}

static Task *operate(Scheduler *s, Task *self, Packet *work) {
  if (work) {
    self->device.pending = work;
    return hold(s);
  }
  Packet *p = self->device.pending;
  if (!p) return wait(s);
  self->device.pending = NULL;
  return queue_packet(s, p);
}

static void add_idler(Scheduler *s, int64_t count) {
  Task *t = add_task(s, IDLER, 0, NULL, true, idle);
  t->idler.control = 1;
  t->idler.count = count;
}

static void add_worker(Scheduler *s, Packet *input) {
  Task *t = add_task(s, WORKER, 1000, input, false, do_work);
  t->worker.destination = HANDLER_A;
  t->worker.count = 0;
}

static void add_handler(Scheduler *s, int64_t identity, int64_t priority, Packet *input) {
  Task *t = add_task(s, identity, priority, input, false, handle);
  t->handler.work_in = t->handler.device_in = NULL;
}

static void add_device(Scheduler *s, int64_t identity, int64_t priority) {
  Task *t = add_task(s, identity, priority, NULL, false, operate);
  t->device.pending = NULL;
}

static Packet *device_packets(int64_t identity) {
  Packet *queue = NULL;
  for (int64_t i = 0; i < 3; i++) queue = packet(queue, identity, DEVICE);
  return queue;
}

// Every packet waits in one place.
static void free_tasks(Task *t) {
  while (t) {
    Task *next = t->link;
    free_queue(t->input);
    if (t->act == handle) {
      free_queue(t->handler.work_in);
      free_queue(t->handler.device_in);
    } else if (t->act == operate) {
      free(t->device.pending);
    }
    free(t);
    t = next;
  }
}

typedef struct {
  // How many packets were queued, and how often a task was held.
  int64_t queued, held;
} Result;

static __attribute__((noinline)) Result richards(int64_t idle_count) {
  Scheduler s = {0};
  add_idler(&s, idle_count);
  add_worker(&s, packet(packet(NULL, WORKER, WORK), WORKER, WORK));
  add_handler(&s, HANDLER_A, 2000, device_packets(DEVICE_A));
  add_handler(&s, HANDLER_B, 3000, device_packets(DEVICE_B));
  add_device(&s, DEVICE_A, 4000);
  add_device(&s, DEVICE_B, 5000);
  schedule(&s);
  free_tasks(s.tasks);
  return (Result){s.queued, s.held};
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
      Result result = richards(opaque(10000));
      if (result.queued != 23246 || result.held != 9297) fail("wrong counts");
    }
  }
  puts("Richards verified");
}
