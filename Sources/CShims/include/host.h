// What the host around a running program needs of the system: watching files, the terminal's keys, the
// size of stacks. Signatures hold integers where they can, so that Swift calls them safely.

#ifndef LANG_HOST_H
#define LANG_HOST_H

#include "shims.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/resource.h>

// Lets the main thread's stack grow to `bytes`, or as far as the hard limit allows. Threads are not concerned.
void lang_raise_stack_limit(size_t bytes);

// Keys typed for a client that stands beside the program, such as `q`. They are read only while the
// program has not asked for input itself, or while `lang_keys_claim` says that it waits for the client.
// The terminal goes to unechoed single keys for it, and back at exit.
void lang_keys_claim(bool claimed);
// A byte typed, after at most `milliseconds`; -1 when there is none for the client, -2 at the end of input.
int lang_key(int milliseconds);
void lang_keys_end(void);

// Ends the process by the signal's default action, the terminal as it was.
_Noreturn void lang_die_by(int number);

#endif
