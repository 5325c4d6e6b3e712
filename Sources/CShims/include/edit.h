// Line editing at a terminal by libedit, loaded when it is first needed: a program that is only run must
// not pay for it, and where it is missing lines are read plainly.

#ifndef LANG_EDIT_H
#define LANG_EDIT_H

#include <stdbool.h>
#include <stddef.h>

// False when there is no libedit. Once.
bool lang_edit_begin(void);
void lang_edit_end(void);
// A line with its newline, valid until the next call; NULL at the end of input.
const char *lang_edit_line(const char *prompt, int *length);
// Whether the last line was given up by Ctrl-C.
bool lang_edit_cancelled(void);
// The names that Tab completes: each ended by a NUL, `count` of them. They are copied.
void lang_edit_names(const char *names, size_t bytes, int count);
// History. Loading and saving a file that cannot be used does nothing.
void lang_edit_remember(const char *text);
void lang_edit_load(const char *path);
void lang_edit_save(const char *path);

#endif
