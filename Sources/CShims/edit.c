#include "edit.h"
#include "shims.h"

#include <dlfcn.h>
#include <histedit.h>
#include <sys/stat.h>

// The part of libedit that is used.
static EditLine *(*make_editor)(const char *, FILE *, FILE *, FILE *);
static void (*end_editor)(EditLine *);
static int (*set)(EditLine *, int, ...);
static const char *(*get_line)(EditLine *, int *);
static const LineInfo *(*line_info)(EditLine *);
static int (*insert)(EditLine *, const char *);
static History *(*make_history)(void);
static void (*end_history)(History *);
static int (*history_do)(History *, HistEvent *, int, ...);

static EditLine *editor;
static History *past;
static const char *prompt_text = "";
static bool cancelled;

static char *names;
static const char **name_list;
static int name_count;

static char *prompt(EditLine *e) {
  (void)e;
  return (char *)prompt_text;
}

// Ctrl-C is a key here: the line is dropped, the prompt comes back.
static unsigned char cancel(EditLine *e, int key) {
  (void)e;
  (void)key;
  cancelled = true;
  fputs("^C\r\n", stdout);
  fflush(stdout);
  return CC_NEWLINE;
}

static bool ends_name(char c) { return c <= ' ' || strchr("()[]\"';`~,", c) != NULL; }

static unsigned char complete(EditLine *e, int key) {
  (void)key;
  const LineInfo *line = line_info(e);
  const char *start = line->cursor;
  while (start > line->buffer && !ends_name(start[-1])) start--;
  size_t length = (size_t)(line->cursor - start);
  const char *first = NULL;
  size_t common = 0;
  int found = 0;
  for (int i = 0; i < name_count; i++) {
    if (strncmp(name_list[i], start, length) != 0) continue;
    if (found++ == 0) {
      first = name_list[i];
      common = strlen(first);
    } else {
      size_t k = length;
      while (k < common && name_list[i][k] == first[k]) k++;
      common = k;
    }
  }
  if (found == 0) return CC_REFRESH_BEEP;
  if (common > length || found == 1) {
    char text[256];
    size_t add = common - length;
    if (add > sizeof text - 2) return CC_REFRESH_BEEP;
    memcpy(text, first + length, add);
    if (found == 1) text[add++] = ' ';
    text[add] = 0;
    return insert(e, text) == 0 ? CC_REFRESH : CC_ERROR;
  }
  int columns = 80, rows = 24, at = 0;
  (void)lang_window_size(STDOUT_FILENO, &columns, &rows);
  fputc('\n', stdout);
  for (int i = 0, shown = 0; i < name_count; i++) {
    if (strncmp(name_list[i], start, length) != 0) continue;
    if (shown++ == 100) {
      fprintf(stdout, "... %d more", found - 100);
      break;
    }
    int width = (int)strlen(name_list[i]) + 2;
    if (at + width > columns && at > 0) {
      fputc('\n', stdout);
      at = 0;
    }
    fprintf(stdout, "%s  ", name_list[i]);
    at += width;
  }
  fputc('\n', stdout);
  fflush(stdout);
  return CC_REDISPLAY;
}

static bool load(void) {
  void *library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libedit.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
#define FIND(variable, name) \
  do { \
    *(void **)&variable = dlsym(library, name); \
    if (!variable) return false; \
  } while (0)
  FIND(make_editor, "el_init");
  FIND(end_editor, "el_end");
  FIND(set, "el_set");
  FIND(get_line, "el_gets");
  FIND(line_info, "el_line");
  FIND(insert, "el_insertstr");
  FIND(make_history, "history_init");
  FIND(end_history, "history_end");
  FIND(history_do, "history");
#undef FIND
  return true;
}

bool lang_edit_begin(void) {
  if (editor) return true;
  if (!load()) return false;
  setlocale(LC_CTYPE, "");
  editor = make_editor("lang", stdin, stdout, stderr);
  past = make_history();
  if (!editor || !past) return false;
  HistEvent event;
  history_do(past, &event, H_SETSIZE, 5000);
  history_do(past, &event, H_SETUNIQUE, 1);
  set(editor, EL_EDITOR, "emacs");
  set(editor, EL_PROMPT, prompt);
  set(editor, EL_SIGNAL, 0);
  set(editor, EL_HIST, history_do, past);
  set(editor, EL_ADDFN, "lang-complete", "Complete a name", complete);
  set(editor, EL_ADDFN, "lang-cancel", "Drop the line", cancel);
  set(editor, EL_SETTY, "-d", "-isig", NULL);
  set(editor, EL_BIND, "^I", "lang-complete", NULL);
  set(editor, EL_BIND, "^C", "lang-cancel", NULL);
  set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  return true;
}

void lang_edit_end(void) {
  if (editor) end_editor(editor);
  if (past) end_history(past);
  editor = NULL;
  past = NULL;
}

const char *lang_edit_line(const char *text, int *length) {
  if (!editor) return NULL;
  prompt_text = text;
  cancelled = false;
  *length = 0;
  // Before the prompt is seen: what is typed at once is a key already, Ctrl-D above all.
  set(editor, EL_PREP_TERM, 1);
  const char *line = get_line(editor, length);
  return line && *length > 0 ? line : cancelled ? "" : NULL;
}

bool lang_edit_cancelled(void) { return cancelled; }

void lang_edit_names(const char *text, size_t bytes, int count) {
  free(names);
  free(name_list);
  names = malloc(bytes ? bytes : 1);
  name_list = malloc(sizeof(char *) * (size_t)(count ? count : 1));
  name_count = 0;
  if (!names || !name_list) return;
  memcpy(names, text, bytes);
  for (char *at = names; name_count < count && at < names + bytes; at += strlen(at) + 1) name_list[name_count++] = at;
}

void lang_edit_remember(const char *text) {
  HistEvent event;
  if (past) history_do(past, &event, H_ENTER, text);
}

void lang_edit_load(const char *path) {
  HistEvent event;
  if (past) history_do(past, &event, H_LOAD, path);
}

void lang_edit_save(const char *path) {
  HistEvent event;
  if (!past) return;
  mode_t mask = umask(077);
  history_do(past, &event, H_SAVE, path);
  umask(mask);
}
