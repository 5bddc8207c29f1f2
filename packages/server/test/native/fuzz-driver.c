/*
 * What pid 1 and the shim read, without the rest of them: run hosted, under sanitizers.
 *
 *   fuzz-driver launch|sandbox|line|network|port|given|told|over COUNT SEED < one well-formed input
 *
 * Makes COUNT inputs of it, cut, grown, with bytes, words and lengths changed, each in memory of exactly its size, and reads them.
 * Prints how many were taken. What was taken must hold together: it is walked through.
 */
#include "network.h"
#include "recipe.h"
#include "roles.h"

void *malloc(u64 size);
void free(void *block);
void abort(void);
long read(int fd, void *to, u64 size);
int printf(const char *format, ...);
long atol(const char *text);

static u64 state;

static u64 random_below(u64 below) {
  state = state * 6364136223846793005UL + 1442695040888963407UL;
  return below ? (state >> 33) % below : 0;
}

static void change(u8 *data, u64 size) {
  static const u32 numbers[] = {0, 1, 2, 16, 17, 255, 0x7fffffff, 0x80000000U, 0xffffffffU, 0xfffffff8U, 0x20000000U};
  for (u64 changes = random_below(4); changes && size; changes -= 1) {
    u64 at = random_below(random_below(2) ? size : size < 32 ? size : 32);
    switch (random_below(4)) {
      case 0: data[at] = (u8)random_below(256); break;
      case 1: data[at] = 0; break;
      case 2: data[at] = (u8)"\t\n-/.sd0"[random_below(8)]; break;
      default:
        at &= ~3UL;
        if (at + 4 <= size) memcpy(data + at, &numbers[random_below(11)], 4);
    }
  }
}

static int take_launch(u8 *data, u64 size) {
  u64 slots = launch_slots(data, size);
  if (slots == 0) return 0;
  if (slots > size + 3) abort();
  char **pointers = malloc(slots * sizeof *pointers);
  struct launch launch;
  int is_taken = launch_parse(data, size, pointers, &launch);
  if (is_taken) {
    u64 used = LAUNCH_HEAD + launch.limit_count * LIMIT_SIZE + text_size(launch.cwd) + text_size(launch.path) + 2;
    if (launch.limits < data || launch.limits + launch.limit_count * LIMIT_SIZE > data + size) abort();
    for (char **at = launch.argv; *at; at += 1) used += text_size(*at) + 1;
    for (char **at = launch.env; *at; at += 1) used += text_size(*at) + 1;
    if (used != size || !launch.argv[0]) abort();
    launch.argv[-1] = launch.path;
  }
  free(pointers);
  return is_taken;
}

static int take_network(u8 *data, u64 size) {
  struct network network;
  int is_taken = network_parse(data, size, &network);
  if (is_taken && (size != NETWORK_SIZE || !network.name[0] || network.name[NETWORK_NAME - 1])) abort();
  return is_taken;
}

static int take_line(u8 *data, u64 size) {
  char *line = malloc(size + 1);
  struct job job;
  memcpy(line, data, size);
  line[size] = 0;
  int is_taken = job_parse(line, &job);
  if (is_taken) {
    u64 used = text_size(job.id) + text_size(job.file[0]) + text_size(job.file[1]) + text_size(job.index);
    if (used > size || !*job.id || job.index[0] != '/') abort();
  }
  free(line);
  return is_taken;
}

static int take_port(u8 *data, u64 size) {
  char *line = malloc(size + 1);
  u64 number = 0, port = 0;
  memcpy(line, data, size);
  line[size] = 0;
  int is_taken = connect_parse(line, &number, &port);
  if (is_taken && (!port || port > 65535)) abort();
  free(line);
  return is_taken;
}

static int take_told(u8 *data, u64 size) {
  char *line = malloc(size + 1);
  u32 bytes = 0;
  memcpy(line, data, size);
  line[size] = 0;
  int is_taken = secrets_parse(line, &bytes);
  if (is_taken && (!bytes || bytes > SECRETS_MOST)) abort();
  free(line);
  return is_taken;
}

static int take_over(u8 *data, u64 size) {
  char *line = malloc(size + 1);
  struct overlay overlay;
  memcpy(line, data, size);
  line[size] = 0;
  int is_taken = overlay_parse(line, &overlay);
  if (is_taken) {
    u64 used = text_size(overlay.lower) + text_size(overlay.upper) + text_size(overlay.work);
    if (used + 10 > size || overlay.lower[0] != '/' || overlay.upper[0] != '/' || overlay.work[0] != '/') abort();
  }
  free(line);
  return is_taken;
}

static int take_given(u8 *data, u64 size) {
  static struct secrets secrets;
  if (!secrets_read(data, size, &secrets)) return 0;
  u64 used = SECRETS_HEAD + secrets.variables_size;
  for (u32 n = 0; n < secrets.file_count; n += 1) {
    const struct secret_file *file = &secrets.files[n];
    if (!file->name_size || file->name_size > SECRET_NAME_MOST || file->name[0] == '.') abort();
    for (u32 at = 0; at < file->name_size; at += 1) if (!file->name[at] || file->name[at] == '/') abort();
    for (u32 at = 0; at < file->size; at += 1) used += file->content[at] > 255;
    used += 8 + (u64)file->name_size + file->size;
  }
  if (used != size || secrets.variables + secrets.variables_size != data + size) abort();
  return 1;
}

static u64 sizes_of(const char **paths, u32 count) {
  u64 used = 0;
  for (u32 n = 0; n < count; n += 1) {
    if (paths[n][0] != '/' || !paths[n][1]) abort();
    used += text_size(paths[n]) + 1;
  }
  return used;
}

static int take_sandbox(u8 *data, u64 size) {
  static struct recipe recipe;
  if (!recipe_parse(data, size, &recipe)) return 0;
  u64 used = RECIPE_HEAD + recipe.limit_count * sizeof *recipe.limits + recipe.filter_size * sizeof *recipe.filter;
  used += recipe.mount_count * sizeof(u32) + text_size(recipe.users) + text_size(recipe.root) + text_size(recipe.hostname) + 3;
  for (char **at = recipe.argv; *at; at += 1) used += text_size(*at) + 1;
  for (u32 n = 0; n < recipe.mount_count; n += 1) {
    const struct mount *mount = &recipe.mounts[n];
    used += sizes_of(&recipe.mounts[n].at, 1) + text_size(mount->type) + text_size(mount->source) + text_size(mount->data) + 3;
  }
  used += sizes_of(recipe.masked, recipe.masked_count) + sizes_of(recipe.read_only, recipe.read_only_count);
  for (u32 n = 0; n < recipe.filter_size; n += 1) used += recipe.filter[n].code > 0xffff;
  if (used != size || !recipe.argv[0] || !recipe.user || !recipe.group) abort();
  return 1;
}

static int take(const char *kind, u8 *data, u64 size) {
  switch (kind[0]) {
    case 's': return take_sandbox(data, size);
    case 'n': return take_network(data, size);
    case 'p': return take_port(data, size);
    case 'g': return take_given(data, size);
    case 't': return take_told(data, size);
    case 'o': return take_over(data, size);
    default: return kind[1] == 'a' ? take_launch(data, size) : take_line(data, size);
  }
}

int main(int count, char **arguments) {
  static u8 given[1 << 16];
  if (count != 4) return 1;
  long size = read(0, given, sizeof given), taken = 0;
  if (size <= 0) return 1;
  state = (u64)atol(arguments[3]);
  for (long n = 0; n < atol(arguments[2]); n += 1) {
    u64 length = (u64)size;
    if (random_below(3) == 0) length = random_below(length + 1);
    u8 *data = malloc(length ? length : 1);
    memcpy(data, given, length);
    change(data, length);
    if (length >= 8 && arguments[1][1] != 'i' && arguments[1][0] != 'p' && arguments[1][0] != 't' && arguments[1][0] != 'o' && random_below(2)) memcpy(data + 4, &length, 4);
    taken += take(arguments[1], data, length);
    free(data);
  }
  printf("%ld\n", taken);
  return 0;
}
