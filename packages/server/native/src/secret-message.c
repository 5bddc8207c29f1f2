/* Reads what the server says of secrets. No system call is here: tests run it under sanitizers. */
#include "roles.h"

static u32 number_at(const u8 *at) {
  u32 number;
  memcpy(&number, at, sizeof number);
  return number;
}

static int is_name(const u8 *name, u32 size) {
  if (size == 0 || size > SECRET_NAME_MOST || *name == '.') return 0;
  for (u32 n = 0; n < size; n += 1) if (!name[n] || name[n] == '/') return 0;
  return 1;
}

int secrets_read(const u8 *data, u64 size, struct secrets *secrets) {
  if (size < SECRETS_HEAD || size > SECRETS_MOST || number_at(data) != 0x31435342U || number_at(data + 4) != size) return 0;
  u64 at = SECRETS_HEAD;
  secrets->file_count = number_at(data + 8);
  secrets->variable_count = number_at(data + 12);
  if (secrets->file_count > SECRETS_COUNT_MOST || secrets->variable_count > SECRETS_COUNT_MOST) return 0;
  for (u32 n = 0; n < secrets->file_count; n += 1) {
    struct secret_file *file = &secrets->files[n];
    if (size - at < 8) return 0;
    file->name_size = number_at(data + at);
    file->size = number_at(data + at + 4);
    at += 8;
    if (file->name_size > size - at || file->size > size - at - file->name_size) return 0;
    file->name = data + at;
    file->content = data + at + file->name_size;
    if (!is_name(file->name, file->name_size)) return 0;
    at += (u64)file->name_size + file->size;
  }
  secrets->variables = data + at;
  secrets->variables_size = size - at;
  u32 ends = 0;
  for (; at < size; at += 1) ends += !data[at];
  return ends == secrets->variable_count && (secrets->variables_size == 0 || !data[size - 1]);
}

int secrets_parse(char *line, u32 *size) {
  static const char word[] = "secrets\t";
  char *at = line;
  for (u32 n = 0; word[n]; n += 1) if (*at++ != word[n]) return 0;
  u32 digits = 0, number = 0;
  for (; at[digits] >= '0' && at[digits] <= '9' && digits < 8; digits += 1) number = number * 10 + (u32)(at[digits] - '0');
  *size = number;
  return digits > 0 && digits < 8 && !at[digits] && number > 0 && number <= SECRETS_MOST;
}
