/*
 * What a sandbox sees. All of it is made in a mount namespace that belongs to the user namespace of the sandbox, by its
 * root, who is nobody outside: what goes wrong here has no power over the host. Nothing of a job has run yet, and
 * every folder on the way is the server's own: no path can lead elsewhere.
 */
#include "recipe.h"

#define MS_REC 0x4000
#define MS_PRIVATE 0x40000
#define MNT_DETACH 2
#define AT_RECURSIVE 0x8000
enum { OF_THE_MOUNT = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC }; /* the same as MOUNT_ATTR_... */

static void mount(const char *source, const char *at, const char *type, u64 flags, const char *data) {
  must(CALL5(mount, source, at, type, flags, data), "mount", at);
}

/* Adds to what a mount has, and takes nothing away: what it had from the host it keeps, and could not lose. */
static void restrict_mount(const char *at, u32 how, u32 flags) {
  struct { u64 set, clear, propagation, users; } change = {flags, 0, 0, 0};
  must(CALL5(mount_setattr, AT_FDCWD, at, how, &change, sizeof change), "restrict", at);
}

/* Paths of a recipe begin with a slash, and mean the new root, in which this process stands. */
static const char *inside(const char *path) { return path + 1; }

static void attach(const struct mount *one) {
  const char *at = inside(one->at);
  CALL3(mkdirat, AT_FDCWD, at, 0755); /* mostly there; where it then is not, the mount fails */
  if (!(one->flags & MOUNT_BIND)) return mount(one->source, at, one->type, one->flags, one->data);
  mount(one->source, at, NULL, MOUNT_BIND, NULL);
  restrict_mount(at, 0, one->flags & OF_THE_MOUNT);
}

/* The devices that each sandbox has. They are the host's, by bind: a user namespace may make none. */
static void add_devices(void) {
  static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/random", "/dev/urandom"};
  static const char *const links[][2] = {
    {"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"}, {"/proc/self/fd/1", "dev/stdout"},
    {"/proc/self/fd/2", "dev/stderr"}, {"/proc/kcore", "dev/core"}, {"pts/ptmx", "dev/ptmx"},
  };
  for (u32 n = 0; n < sizeof devices / sizeof *devices; n += 1) {
    const char *at = inside(devices[n]);
    long file = CALL4(openat, AT_FDCWD, at, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    CALL1(close, must(file, "make", at));
    mount(devices[n], at, NULL, MOUNT_BIND, NULL);
    restrict_mount(at, 0, MOUNT_NOSUID | MOUNT_NOEXEC);
  }
  for (u32 n = 0; n < sizeof links / sizeof *links; n += 1)
    must(CALL3(symlinkat, links[n][0], AT_FDCWD, links[n][1]), "link", links[n][1]);
}

/* A file shows nothing, a folder is empty. What the kernel does not have needs no mask. */
static void mask(const struct recipe *recipe) {
  const char *empty = NULL;
  for (u32 n = 0; n < recipe->masked_count; n += 1) {
    const char *at = inside(recipe->masked[n]);
    long done = CALL5(mount, "/dev/null", at, NULL, MOUNT_BIND, NULL);
    if (done == -ENOENT) continue;
    if (done == -ENOTDIR && empty) mount(empty, at, NULL, MOUNT_BIND, NULL);
    else if (done == -ENOTDIR) mount("tmpfs", empty = at, "tmpfs", MOUNT_RDONLY, "size=0k");
    else must(done, "mask", at);
    restrict_mount(at, 0, OF_THE_MOUNT & ~(u32)MOUNT_NODEV);
  }
}

static void seal(const struct recipe *recipe) {
  for (u32 n = 0; n < recipe->read_only_count; n += 1) {
    const char *at = inside(recipe->read_only[n]);
    long done = CALL5(mount, at, at, NULL, MOUNT_BIND | MS_REC, NULL);
    if (done == -ENOENT) continue;
    must(done, "seal", at);
    restrict_mount(at, AT_RECURSIVE, MOUNT_RDONLY);
  }
}

void make_root(const struct recipe *recipe) {
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  /* What came with the namespace is locked to its place: only a mount that was made here can become the root. */
  mount(recipe->root, recipe->root, NULL, MOUNT_BIND | MS_REC, NULL);
  restrict_mount(recipe->root, AT_RECURSIVE, MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV);
  must(CALL1(chdir, recipe->root), "enter", recipe->root);
  /* While the host's /proc is still in sight: the kernel gives a user namespace one that hides no more than those it sees. */
  for (u32 n = 0; n < recipe->mount_count; n += 1) attach(&recipe->mounts[n]);
  add_devices();
  mask(recipe);
  seal(recipe);
  /* The old root comes to lie upon the new one, and goes with all that is in it. */
  must(CALL2(pivot_root, ".", "."), "make", "the root");
  must(CALL2(umount2, ".", MNT_DETACH), "leave", "the host");
  must(CALL1(chdir, "/"), "enter", "/");
}
