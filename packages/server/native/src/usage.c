/* What the tree of a job has used, and the end of its control groups. */
#include "place.h"
#include "shim.h"

#define UNKNOWN (~0UL)
enum { TEXT_MOST = 2048 };

/* What is read of the groups, and where it goes. */
enum { CPU_STAT, PIDS_PEAK, PIDS_MAX, PIDS_EVENTS, MEMORY_PEAK, MEMORY_EVENTS, COUNTERS };
static const char *const names[COUNTERS] = {
  "cpu.stat", "pids.peak", "pids.max", "pids.events", "memory.peak", "memory.events",
};

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

/* Most kernels have each of them in one hierarchy, and none in the others. */
void open_counters(struct shim *shim) {
  char path[PATH_MOST], number[DIGITS];
  for (u64 n = 0; has_group(shim, n); n += 1) {
    digits_of(n, number);
    for (int which = 0; which < COUNTERS; which += 1) {
      JOIN(path, shim->view, "/groups/", number, "/", shim->name, "/", names[which]);
      long fd = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
      if (fd == -ENOENT) continue;
      /* Where nobody could look, what ended it is left to the server. */
      if (fd < 0 || shim->counter_count == COUNTERS_MOST) {
        shim->lacks_counters = 1;
        return;
      }
      shim->counters[shim->counter_count++] = (struct counter){(int)fd, which};
    }
  }
}

/* Adds what one of the files says. False where it could not be read. */
static int note_counter(const struct counter *counter, struct usage_note *note, u64 *kills) {
  char text[TEXT_MOST];
  long got = CALL4(pread64, counter->fd, text, TEXT_MOST - 1, 0);
  text[got > 0 ? got : 0] = 0;
  switch (counter->which) {
    case CPU_STAT: known(&note->cpu_us, counter_in(text, "usage_usec")); break;
    case PIDS_PEAK: known(&note->pids_peak, number_in(text)); break;
    case PIDS_MAX: known(&note->pids_max, number_in(text)); break;
    case PIDS_EVENTS: known(&note->pids_refused, counter_in(text, "max")); break;
    case MEMORY_PEAK: known(&note->memory_peak, number_in(text)); break;
    default: known(kills, counter_in(text, "oom_kill"));
  }
  return got >= 0;
}

void note_usage(struct shim *shim) {
  struct usage_note note = {'1', {0}, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, {0}};
  u64 kills = UNKNOWN;
  if (shim->is_usage_noted || shim->lacks_counters) return;
  for (u32 n = 0; n < shim->counter_count; n += 1)
    if (!note_counter(&shim->counters[n], &note, &kills)) return;
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
