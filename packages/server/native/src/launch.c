/* Reads the message that says what is to be executed. No system call is here: tests run it under sanitizers. */
#include "roles.h"

static u32 number_at(const u8 *at) {
  return (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

u64 launch_slots(const u8 *data, u64 size) {
  if (size < LAUNCH_HEAD || size > LAUNCH_MOST) return 0;
  if (data[0] != 'B' || data[1] != 'L' || data[2] != 'N' || data[3] != '1') return 0;
  u64 arguments = number_at(data + 8), variables = number_at(data + 12), limits = number_at(data + 16);
  if (number_at(data + 4) != size || number_at(data + 20) != 0 || arguments == 0 || limits > LIMITS_MOST) return 0;
  /* A string takes a byte at least. None of these sums can overflow. */
  if (LAUNCH_HEAD + limits * LIMIT_SIZE + 2 + arguments + variables > size) return 0;
  return 1 + arguments + 1 + variables + 1;
}

/* The string at *at, which moves behind it; NULL when it has no end before `end`. */
static char *string_at(u8 **at, const u8 *end) {
  u8 *begin = *at;
  while (*at < end && **at) *at += 1;
  if (*at == end) return NULL;
  *at += 1;
  return (char *)begin;
}

static int strings_at(u8 **at, const u8 *end, char **slots, u32 count) {
  for (u32 n = 0; n < count; n += 1) {
    slots[n] = string_at(at, end);
    if (!slots[n]) return 0;
  }
  slots[count] = NULL;
  return 1;
}

int launch_parse(u8 *data, u64 size, char **slots, struct launch *launch) {
  if (launch_slots(data, size) == 0) return 0;
  u32 arguments = number_at(data + 8), variables = number_at(data + 12);
  const u8 *end = data + size;
  launch->limit_count = number_at(data + 16);
  launch->limits = data + LAUNCH_HEAD;
  u8 *at = data + LAUNCH_HEAD + launch->limit_count * LIMIT_SIZE;
  launch->cwd = string_at(&at, end);
  launch->path = string_at(&at, end);
  launch->argv = slots + 1;
  launch->env = launch->argv + arguments + 1;
  if (!launch->cwd || !launch->path) return 0;
  slots[0] = NULL;
  return strings_at(&at, end, launch->argv, arguments) && strings_at(&at, end, launch->env, variables) && at == end;
}
