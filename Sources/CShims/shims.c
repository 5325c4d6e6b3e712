#define _GNU_SOURCE 1  // strtod_l
#include "shims.h"

double lang_parse_double(const char *text) {
  static locale_t c_locale;
  locale_t known = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
  if (!known) {
    known = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    // Two threads may both make one; the loser's is never freed, once.
    __atomic_store_n(&c_locale, known, __ATOMIC_RELEASE);
  }
  return known ? strtod_l(text, NULL, known) : strtod(text, NULL);
}

void lang_fault(const char *message) {
  fprintf(stderr, "lang: heap fault: %s\n", message);
  abort();
}

static struct termios saved;
static volatile sig_atomic_t raw;
static bool registered;

void lang_terminal_restore(void) {
  if (!raw) return;
  raw = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

bool lang_terminal_is_raw(void) { return raw != 0; }

bool lang_terminal_raw(void) {
  if (raw) return true;
  if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0) return false;
  struct termios t = saved;
  // Keys arrive at once and unechoed; Ctrl-C keeps its meaning, output keeps its newlines.
  t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  t.c_cc[VMIN] = 0;
  t.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &t) != 0) return false;
  raw = 1;
  if (!registered) {
    registered = true;
    atexit(lang_terminal_restore);
  }
  return true;
}
