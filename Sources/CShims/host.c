#define _GNU_SOURCE
#include "host.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

void *lang_directory_open(const char *path) { return opendir(path); }

const char *lang_directory_next(void *directory) {
  struct dirent *entry = readdir(directory);
  return entry ? entry->d_name : NULL;
}

void lang_directory_close(void *directory) { closedir(directory); }

int lang_watch_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int lang_watch_add(int file, const char *directory) {
  return inotify_add_watch(
      file, directory,
      IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE |
          IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

void lang_watch_remove(int file, int watch) { inotify_rm_watch(file, watch); }

size_t lang_watch_event(const void *events, size_t at, struct lang_watch_event *out) {
  const struct inotify_event *event = (const void *)((const char *)events + at);
  out->watch = event->wd;
  out->unfinished = (event->mask & IN_MODIFY) != 0;
  out->end = (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0;
  out->lost = (event->mask & IN_Q_OVERFLOW) != 0;
  out->name = event->len ? event->name : "";
  return at + sizeof *event + event->len;
}

void lang_raise_stack_limit(size_t bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0) return;
  rlim_t wanted = bytes;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) wanted = limit.rlim_max;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  (void)setrlimit(RLIMIT_STACK, &limit);
}

__attribute__((noinline)) void lang_with_stack(void (*body)(void *context, void *low), void *context) {
  __builtin_unwind_init();
  void *low;
#if defined(__x86_64__)
  __asm__ volatile("mov %%rsp, %0" : "=r"(low));
#else
  __asm__ volatile("mov %0, sp" : "=r"(low));
#endif
  body(context, low);
  __asm__ volatile("" ::: "memory");
}

static const size_t guard_bytes = 64 << 10;

void *lang_stack_create(size_t bytes) {
  char *low = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (low == MAP_FAILED) return NULL;
  (void)mprotect(low, guard_bytes, PROT_NONE);
  return low;
}

void lang_stack_release(void *low, size_t bytes) { (void)munmap(low, bytes); }

#if defined(__x86_64__)
__asm__(
    ".text\n.globl lang_call_on_stack\n.type lang_call_on_stack, @function\n"
    "lang_call_on_stack:\n"
    "  .cfi_startproc\n"
    "  push %rbp\n"
    "  .cfi_def_cfa_offset 16\n"
    "  .cfi_offset %rbp, -16\n"
    "  mov %rsp, %rbp\n"
    "  .cfi_def_cfa_register %rbp\n"
    "  mov %rdi, %rsp\n"
    "  mov %rdx, %rdi\n"
    "  call *%rsi\n"
    "  mov %rbp, %rsp\n"
    "  pop %rbp\n"
    "  .cfi_def_cfa %rsp, 8\n"
    "  ret\n"
    "  .cfi_endproc\n");
#else
__asm__(
    ".text\n.globl lang_call_on_stack\n.type lang_call_on_stack, @function\n"
    "lang_call_on_stack:\n"
    "  stp x29, x30, [sp, #-16]!\n"
    "  mov x29, sp\n"
    "  mov sp, x0\n"
    "  mov x0, x2\n"
    "  blr x1\n"
    "  mov sp, x29\n"
    "  ldp x29, x30, [sp], #16\n"
    "  ret\n");
#endif

static struct termios before;
// Whether the terminal is in the client's mode, the program reads, the client claims the keys.
static volatile sig_atomic_t reading, taken, claimed;
static bool registered;
static pthread_mutex_t mode = PTHREAD_MUTEX_INITIALIZER;

void lang_keys_end(void) {
  if (!reading) return;
  reading = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void lang_keys_claim(bool value) { claimed = value; }

void lang_program_reads(void) {
  if (taken && !reading) return;
  taken = 1;
  pthread_mutex_lock(&mode);
  lang_keys_end();
  pthread_mutex_unlock(&mode);
}

static bool ours(void) { return !taken || claimed; }

static void begin(void) {
  if (reading || lang_terminal_is_raw() || tcgetattr(STDIN_FILENO, &before) != 0) return;
  struct termios t = before;
  t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &t) != 0) return;
  reading = 1;
  if (!registered) {
    registered = true;
    atexit(lang_keys_end);
  }
}

int lang_key(int milliseconds) {
  // A background process must not touch the terminal: it would be stopped.
  bool mine = ours() && tcgetpgrp(STDIN_FILENO) == getpgrp();
  pthread_mutex_lock(&mode);
  if (mine) begin(); else lang_keys_end();
  pthread_mutex_unlock(&mode);
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (poll(&input, mine ? 1 : 0, milliseconds) <= 0 || !ours()) return -1;
  unsigned char byte;
  ssize_t got = read(STDIN_FILENO, &byte, 1);
  return got == 1 ? byte : got == 0 && !lang_terminal_is_raw() ? -2 : -1;
}

void lang_die_by(int number) {
  lang_terminal_restore();
  lang_keys_end();
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
  _exit(128 + number);
}
