/* Reads the lines that hand a job over, that say what its /work is, and that ask for a port of it. No system call is here: tests run it under sanitizers. */
#include "roles.h"

enum { FIELDS = 6 };

/* False when it is no decimal number of at most 18 digits. */
static int number_of(const char *text, u64 *number) {
  u64 digits = 0;
  *number = 0;
  for (; text[digits] >= '0' && text[digits] <= '9' && digits < 19; digits += 1)
    *number = *number * 10 + (u64)(text[digits] - '0');
  return digits > 0 && digits < 19 && !text[digits];
}

int connect_parse(char *line, u64 *number, u64 *port) {
  static const char word[] = "connect\t";
  char *at = line;
  for (u32 n = 0; word[n]; n += 1) if (*at++ != word[n]) return 0;
  char *first = at;
  while (*at && *at != '\t') at += 1;
  if (!*at) return 0;
  *at = 0;
  return number_of(first, number) && number_of(at + 1, port) && *port > 0 && *port < 65536;
}

static int is_id(const char *text) {
  if (!*text || *text == '.') return 0;
  for (; *text; text += 1) if (*text == '/') return 0;
  return 1;
}

int overlay_parse(char *line, struct overlay *overlay) {
  static const char word[] = "overlay\t";
  char *at = line, *field[3];
  for (u32 n = 0; word[n]; n += 1) if (*at++ != word[n]) return 0;
  for (int n = 0; n < 3; n += 1) {
    field[n] = at;
    if (*at != '/') return 0;
    while (*at && *at != '\t') at += 1;
    if (!*at == (n < 2)) return 0;
    *at++ = 0;
  }
  overlay->lower = field[0];
  overlay->upper = field[1];
  overlay->work = field[2];
  return 1;
}

int job_parse(char *line, struct job *job) {
  char *field[FIELDS];
  char *at = line + 4;
  if (line[0] != 'j' || line[1] != 'o' || line[2] != 'b' || line[3] != '\t') return 0;
  for (int n = 0; n < FIELDS; n += 1) {
    field[n] = at;
    while (*at && *at != '\t') at += 1;
    if (n < FIELDS - 1 && !*at) return 0;
    if (n == FIELDS - 1 && *at) return 0;
    *at++ = 0;
  }
  job->id = field[0];
  job->file[0] = field[1];
  job->file[1] = field[2];
  job->index = field[3];
  if (!is_id(job->id) || *field[1] != '/' || *field[2] != '/' || *field[3] != '/') return 0;
  job->limit = NO_LIMIT;
  if (!(field[4][0] == '-' && !field[4][1]) && !number_of(field[4], &job->limit)) return 0;
  u64 size = text_size(field[5]);
  job->is_stopped = field[5][0] == 's';
  return (size == 4 && field[5][0] == 's') || (size == 7 && field[5][0] == 'd');
}
