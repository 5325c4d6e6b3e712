// What the host around a running program needs of the system: watching files, the terminal's keys, the
// size of stacks. Signatures hold integers where they can, so that Swift calls them safely.

#ifndef LANG_HOST_H
#define LANG_HOST_H

#include "shims.h"

// The names in a directory, one a call, NULL at the end. The handle is NULL when it cannot be read.
void *lang_directory_open(const char *path);
const char *lang_directory_next(void *directory);
void lang_directory_close(void *directory);

// Watching directories (inotify). Descriptors and watches are negative when the system refuses.
int lang_watch_open(void);
int lang_watch_add(int file, const char *directory);
void lang_watch_remove(int file, int watch);
struct lang_watch_event {
  int watch;
  // Somebody wrote to the file and still has it open; the directory itself is gone; events were lost.
  bool unfinished, end, lost;
  const char *name;
};
// Takes the event at `at` of `count` bytes read from the descriptor; answers where the next begins.
size_t lang_watch_event(const void *events, size_t at, struct lang_watch_event *event);

// Lets the main thread's stack grow to `bytes`, or as far as the hard limit allows. Threads are not concerned.
void lang_raise_stack_limit(size_t bytes);

// Keys typed for a client that stands beside the program, such as `q`. They are read only while the
// program has not asked for input itself, or while `lang_keys_claim` says that it waits for the client.
// The terminal goes to unechoed single keys for it, and back at exit.
void lang_keys_claim(bool claimed);
// A byte typed, after at most `milliseconds`; -1 when there is none for the client, -2 at the end of input.
int lang_key(int milliseconds);
void lang_keys_end(void);

// Unix domain sockets. Descriptors are negative when the system refuses, and -1 with EAGAIN when nobody waits
// to be accepted. Both ends must be the same user's: others are turned away.
size_t lang_socket_path_limit(void);
int lang_socket_listen(const char *path);
int lang_socket_accept(int listener);
int lang_socket_connect(const char *path);
// Never waits and never raises SIGPIPE.
long lang_socket_send(int file, const void *bytes, size_t count);
// Ends both directions; the descriptor stays.
void lang_socket_end(int file);

// Whether it is a directory, no link, of this user and for nobody else.
bool lang_private_directory(const char *path);
// Opens, or makes, a file and locks it for as long as it is open; negative when another process has the lock.
int lang_lock_file(const char *path);

// Ends the process by the signal's default action, the terminal as it was.
_Noreturn void lang_die_by(int number);

/// Calls `body` with the lowest address of this thread's stack in use; registers that callers may rely on are on it.
void lang_with_stack(void (*body)(void *context, void *low), void *context);

/// A stack of `bytes`, whose pages come as they are used; null when the system has no address space. A touch below its low
/// end is a fault.
void *lang_stack_create(size_t bytes);
void lang_stack_release(void *low, size_t bytes);

/// Calls `body` on the stack that ends at `top`, and comes back when it returns.
void lang_call_on_stack(void *top, void (*body)(void *context), void *context);

#endif
