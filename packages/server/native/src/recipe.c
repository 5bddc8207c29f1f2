/* Reads what a sandbox is made of. No system call is here: tests run it under sanitizers. */
#include "recipe.h"

enum { FLAGS_KNOWN = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC | MOUNT_BIND };

static u32 number_at(const u8 *at) {
  return (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

/* What has not been read yet. */
struct rest { u8 *at; const u8 *end; };

/* The next string; NULL when it has no end. */
static char *string_of(struct rest *rest) {
  u8 *begin = rest->at;
  while (rest->at < rest->end && *rest->at) rest->at += 1;
  if (rest->at == rest->end) return NULL;
  rest->at += 1;
  return (char *)begin;
}

/* An absolute path that names each folder on its way, and goes back by none. Not `/` itself. */
static const char *path_of(struct rest *rest) {
  const char *path = string_of(rest);
  if (!path || path[0] != '/' || !path[1]) return NULL;
  for (const char *at = path; *at; at += 1) {
    if (*at != '/') continue;
    const char *name = at + 1;
    u32 dots = 0;
    while (dots < 2 && name[dots] == '.') dots += 1;
    if (!*name || *name == '/' || (dots > 0 && (!name[dots] || name[dots] == '/'))) return NULL;
  }
  return path;
}

static int mount_of(struct rest *rest, struct mount *mount) {
  mount->at = path_of(rest);
  mount->type = string_of(rest);
  mount->source = string_of(rest);
  mount->data = string_of(rest);
  return mount->at && mount->type && mount->source && mount->data && !(mount->flags & ~(u32)FLAGS_KNOWN);
}

static int paths_of(struct rest *rest, const char **paths, u32 count) {
  for (u32 n = 0; n < count; n += 1) {
    paths[n] = path_of(rest);
    if (!paths[n]) return 0;
  }
  return 1;
}

int recipe_parse(u8 *data, u64 size, struct recipe *recipe) {
  if (size < RECIPE_HEAD || size > RECIPE_MOST) return 0;
  if (data[0] != 'B' || data[1] != 'S' || data[2] != 'B' || data[3] != '1' || number_at(data + 4) != size) return 0;
  recipe->user = number_at(data + 8);
  recipe->group = number_at(data + 12);
  recipe->limit_count = number_at(data + 16);
  recipe->filter_size = number_at(data + 20);
  recipe->mount_count = number_at(data + 24);
  recipe->masked_count = number_at(data + 28);
  recipe->read_only_count = number_at(data + 32);
  u32 arguments = number_at(data + 36);
  if (number_at(data + 40) || number_at(data + 44) || !recipe->user || !recipe->group) return 0;
  int is_bounded = recipe->limit_count <= RECIPE_LIMITS && recipe->mount_count <= RECIPE_MOUNTS &&
                   recipe->masked_count <= RECIPE_PATHS && recipe->read_only_count <= RECIPE_PATHS &&
                   arguments > 0 && arguments <= RECIPE_ARGUMENTS && recipe->filter_size > 0 &&
                   recipe->filter_size <= RECIPE_FILTER;
  if (!is_bounded) return 0;
  u64 limits = recipe->limit_count * sizeof *recipe->limits, filter = recipe->filter_size * sizeof *recipe->filter;
  u64 flags = recipe->mount_count * sizeof(u32);
  if (RECIPE_HEAD + limits + filter + flags > size) return 0;
  u8 *at = data + RECIPE_HEAD;
  recipe->limits = (const struct recipe_limit *)at;
  recipe->filter = (struct instruction *)(at + limits);
  at += limits + filter;
  struct rest rest = {at + flags, data + size};
  recipe->users = path_of(&rest);
  recipe->root = path_of(&rest);
  recipe->hostname = string_of(&rest);
  if (!recipe->users || !recipe->root || !recipe->hostname) return 0;
  for (u32 n = 0; n < arguments; n += 1) {
    recipe->argv[n] = string_of(&rest);
    if (!recipe->argv[n]) return 0;
  }
  recipe->argv[arguments] = NULL;
  for (u32 n = 0; n < recipe->mount_count; n += 1) {
    recipe->mounts[n].flags = number_at(at + n * sizeof(u32));
    if (!mount_of(&rest, &recipe->mounts[n])) return 0;
  }
  return paths_of(&rest, recipe->masked, recipe->masked_count) &&
         paths_of(&rest, recipe->read_only, recipe->read_only_count) && rest.at == rest.end;
}
