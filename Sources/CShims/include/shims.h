// The C library as Runtime sees it, and the few lines that Swift cannot express: variadic calls,
// errno, macros, atomics on plain fields and prefetches.

#ifndef LANG_SHIMS_H
#define LANG_SHIMS_H

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// Two GNU functions by hand: with _GNU_SOURCE, fd_set would have other fields here than in Swift's own
// module of the C library, and a file that imports both sometimes fails to compile.
int ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
void *memmem(const void *text, size_t length, const void *part, size_t partLength);

// errno is a macro over a function.
static inline int lang_errno(void) { return errno; }

// MAP_FAILED is a cast. NULL on failure. The pages take no memory and no commit charge.
static inline void *lang_reserve(size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

// The same below 2 GB, where an instruction of x86-64 has room for the address. NULL when there is no such run of addresses free; elsewhere
// an address costs the same wherever it is.
static inline void *lang_reserve_low(size_t bytes) {
#if defined(__x86_64__) && defined(MAP_FIXED_NOREPLACE)
  const size_t first = (size_t)1 << 28, end = (size_t)1 << 31, step = (size_t)1 << 26;
  for (size_t at = first; bytes <= end - at && at < end; at += step) {
    void *p = mmap((void *)at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == (void *)at) return p;
    // An old kernel takes the address for a hint.
    if (p != MAP_FAILED) munmap(p, bytes);
  }
#endif
  return NULL;
}

// Makes reserved pages usable. False when the system refuses.
static inline bool lang_commit(void *address, size_t bytes) {
  return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

// Takes memory for pages that are about to be written, all at once: a tenth of what faults one by one cost.
static inline void lang_populate(void *address, size_t bytes) {
#ifdef MADV_POPULATE_WRITE
  (void)madvise(address, bytes, MADV_POPULATE_WRITE);
#endif
}

// Large pages where the system has them: marking misses the TLB less.
static inline void lang_use_large_pages(void *address, size_t bytes) {
#ifdef MADV_HUGEPAGE
  (void)madvise(address, bytes, MADV_HUGEPAGE);
#endif
}

// Gives pages back; they read as zero when touched again.
static inline void lang_discard(void *address, size_t bytes) {
  (void)madvise(address, bytes, MADV_DONTNEED);
}

// Variadic in C.
static inline int lang_open(const char *path, int flags, int mode) { return open(path, flags, mode); }
static inline int lang_format_fixed(char *out, size_t size, int digits, double value) {
  return snprintf(out, size, "%.*f", digits, value);
}
static inline bool lang_window_size(int fd, int *columns, int *rows) {
  struct winsize w;
  if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return false;
  *columns = w.ws_col;
  *rows = w.ws_row;
  return true;
}

// The number in a NUL-terminated text, whatever locale the process has set.
double lang_parse_double(const char *text);

// SIGPIPE must not end the process; the write then reports EPIPE.
static inline void lang_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

// Fields that another thread or a signal handler stores; plain loads elsewhere stay plain.
static inline void lang_store_pointer(void *field, const void *value) {
  __atomic_store_n((const void **)field, value, __ATOMIC_SEQ_CST);
}
static inline uint32_t lang_load32(const void *field) {
  return __atomic_load_n((const uint32_t *)field, __ATOMIC_SEQ_CST);
}
static inline void lang_store32(void *field, uint32_t value) {
  __atomic_store_n((uint32_t *)field, value, __ATOMIC_SEQ_CST);
}
static inline uint32_t lang_exchange32(void *field, uint32_t value) {
  return __atomic_exchange_n((uint32_t *)field, value, __ATOMIC_SEQ_CST);
}

// The instruction, without the call for errno.
static inline double lang_sqrt(double x) { return __builtin_elementwise_sqrt(x); }

// The instruction, without a trap; the caller has checked that x is in range.
static inline int64_t lang_truncate(double x) { return (int64_t)x; }
static inline uint64_t lang_truncate_unsigned(double x) { return (uint64_t)x; }

static inline void lang_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

// Reports a fault of the runtime itself and ends the process.
_Noreturn void lang_fault(const char *message);

// Raw mode of the terminal, left again at exit however the process ends in order.
bool lang_terminal_raw(void);
void lang_terminal_restore(void);
bool lang_terminal_is_raw(void);

// The program reads standard input: from now on what is typed is its own. Gives back the terminal's mode.
void lang_program_reads(void);

#endif
