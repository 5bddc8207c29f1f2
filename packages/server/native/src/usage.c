/* What the tree of a job has used, and the end of its control groups. */
#include "place.h"
#include "shim.h"

#define UNKNOWN (~0UL)
enum { TEXT_MOST = 2048 };

/* A control file of the place in the hierarchy `n`; empty where there is none. Returns its size or the negative error. */
static long read_group(const struct shim *shim, u64 n, const char *name, char text[TEXT_MOST]) {
  char path[PATH_MOST], number[DIGITS];
  text[0] = 0;
  digits_of(n, number);
  JOIN(path, shim->view, "/groups/", number, "/", shim->name, "/", name);
  long fd = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fd;
  long got = CALL3(read, fd, text, TEXT_MOST - 1);
  CALL1(close, fd);
  text[got > 0 ? got : 0] = 0;
  return got;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* The number that stands at the beginning of a text. */
static u64 number_in(const char *text) {
  if (!is_digit(*text)) return UNKNOWN;
  u64 number = 0;
  for (; is_digit(*text); text += 1) number = number * 10 + (u64)(*text - '0');
  return number;
}

/* The number behind the word at the beginning of one of the lines. */
static u64 counter_in(const char *text, const char *word) {
  u64 size = text_size(word);
  while (*text) {
    u64 same = 0;
    while (same < size && text[same] == word[same]) same += 1;
    if (same == size && text[size] == ' ') return number_in(text + size + 1);
    while (*text && *text != '\n') text += 1;
    if (*text) text += 1;
  }
  return UNKNOWN;
}

static void known(u64 *field, u64 number) {
  if (number != UNKNOWN) *field = number;
}

static int has_group(const struct shim *shim, u64 n) {
  char path[PATH_MOST], number[DIGITS];
  digits_of(n, number);
  JOIN(path, shim->view, "/groups/", number);
  return CALL3(faccessat, AT_FDCWD, path, 0) == 0;
}

void note_usage(struct shim *shim) {
  struct usage_note note = {'1', {0}, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, {0}};
  char text[TEXT_MOST];
  u64 kills = UNKNOWN;
  if (shim->is_usage_noted) return;
  for (u64 n = 0; has_group(shim, n); n += 1) {
    read_group(shim, n, "cpu.stat", text);
    known(&note.cpu_us, counter_in(text, "usage_usec"));
    read_group(shim, n, "pids.peak", text);
    known(&note.pids_peak, number_in(text));
    read_group(shim, n, "pids.max", text);
    known(&note.pids_max, number_in(text));
    read_group(shim, n, "pids.events", text);
    known(&note.pids_refused, counter_in(text, "max"));
    read_group(shim, n, "memory.peak", text);
    known(&note.memory_peak, number_in(text));
    /* Where nobody could look, what ended it is left to the server. */
    long events = read_group(shim, n, "memory.events", text);
    if (events < 0 && events != -ENOENT) return;
    known(&kills, counter_in(text, "oom_kill"));
  }
  if (note.cpu_us == UNKNOWN || (kills != UNKNOWN && kills > 0)) return;
  long fd = CALL3(openat, AT_FDCWD, "exit", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  shim->is_usage_noted = write_at((int)fd, &note, sizeof note, USAGE_NOTE_AT) == (long)sizeof note;
  CALL1(close, fd);
}

void remove_groups(struct shim *shim) {
  char path[PATH_MOST], number[DIGITS];
  if (shim->is_handed_over && !shim->is_usage_noted) return;
  for (u64 n = 0; has_group(shim, n); n += 1) {
    digits_of(n, number);
    JOIN(path, shim->view, "/groups/", number, "/", shim->name);
    long done = CALL3(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
    if (done < 0 && done != -ENOENT) return;
  }
  tell(shim, 'g');
}
