#ifndef RECIPE_H
#define RECIPE_H
#include "sys.h"

/* What a sandbox is made of: the file `sandbox` of a place, see README.md. */
enum { RECIPE_HEAD = 48, RECIPE_MOST = 64 << 10 };
enum { RECIPE_LIMITS = 16, RECIPE_MOUNTS = 32, RECIPE_PATHS = 64, RECIPE_FILTER = 4096, RECIPE_ARGUMENTS = 15 };

enum { MOUNT_RDONLY = 1, MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_NOEXEC = 8, MOUNT_BIND = 0x1000 };
struct mount { u32 flags; const char *at, *type, *source, *data; };

/* A limit and an instruction, as the kernel takes them but for the number of the limit. */
struct recipe_limit { u32 resource, zero; struct rlimit limit; };
struct instruction { u16 code; u8 if_true, if_false; u32 value; };

struct recipe {
  u32 user, group;
  const char *users, *root, *hostname;
  char *argv[RECIPE_ARGUMENTS + 1];
  const struct recipe_limit *limits;
  struct instruction *filter;
  u32 limit_count, filter_size, mount_count, masked_count, read_only_count;
  struct mount mounts[RECIPE_MOUNTS];
  const char *masked[RECIPE_PATHS], *read_only[RECIPE_PATHS];
};

/* Points into `data`, which must stay and begin at a multiple of 8. False when it is not as README.md says. */
int recipe_parse(u8 *data, u64 size, struct recipe *recipe);

/* In forge.c: reads the file `sandbox` of this folder. 1, or 0 where there is none, or the negative error. */
long recipe_read(struct recipe *recipe);

/*
 * In forge.c: has pid 1 made, as a child of its own, and ends. What it cannot do it says on descriptor 2. The network is
 * this process's, where it `has_network`; else one of the sandbox's own with a loopback.
 */
void forge(const struct recipe *recipe, int has_network);

/* In mounts.c: makes what the sandbox sees, and makes that its root. */
void make_root(const struct recipe *recipe);

/* In must.c: says what could not be done, and ends, where `result` is an error. Else it is the result. */
long must(long result, const char *what, const char *which);

#endif
