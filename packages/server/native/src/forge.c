/*
 * Makes a sandbox: what an OCI runtime does for the one configuration that nearly all jobs have, without what makes it
 * general. Two processes, one after the other. The first is the child of the shim and stands in the groups of the place: it
 * takes what only the host's root may give, then becomes root of the sandbox's user namespace, who is nobody outside. The
 * second is born into all other namespaces, makes what the sandbox sees, gives up everything, and becomes pid 1.
 */
#include "recipe.h"

#define CLONE_NEWNS 0x00020000UL
#define CLONE_NEWCGROUP 0x02000000UL
#define CLONE_NEWUTS 0x04000000UL
#define CLONE_NEWIPC 0x08000000UL
#define CLONE_NEWUSER 0x10000000UL
#define CLONE_NEWPID 0x20000000UL
#define CLONE_NEWNET 0x40000000UL
#define SIOCSIFFLAGS 0x8914
enum { AF_INET = 2, SOCK_DGRAM = 2, IFF_UP_RUNNING = 0x41 };
enum { KEYCTL_JOIN_SESSION_KEYRING = 1, PR_CAPBSET_DROP = 24, PR_CAP_AMBIENT = 47, PR_CAP_AMBIENT_CLEAR_ALL = 4 };
enum { SECCOMP_SET_MODE_FILTER = 1, SECCOMP_SPEC_ALLOW = 4 };
#define CAPABILITIES_V3 0x20080522U

long recipe_read(struct recipe *recipe) {
  static u64 data[RECIPE_MOST / sizeof(u64) + 1];
  long file = CALL3(openat, AT_FDCWD, "sandbox", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file == -ENOENT) return 0;
  if (file < 0) return file;
  long size = CALL3(read, file, data, sizeof data); /* a file in memory comes whole */
  CALL1(close, file);
  if (size < 0) return size;
  return recipe_parse((u8 *)data, (u64)size, recipe) ? 1 : -EPROTO;
}

/* While this is root of the host, who may raise them. Everything that is made from here on has them. */
static void take_limits(const struct recipe *recipe) {
  for (u32 n = 0; n < recipe->limit_count; n += 1)
    must(CALL4(prlimit64, 0, recipe->limits[n].resource, &recipe->limits[n].limit, 0), "set", "a limit");
}

/* Root of the user namespace that the spawner made for these ids; it is owned by the first of them, not by root. */
static void enter_users(const char *path) {
  long users = must(CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), "open", path);
  must(CALL2(setns, users, CLONE_NEWUSER), "enter", path);
  must(CALL2(setgroups, 0, NULL), "leave", "all groups");
  must(CALL3(setresgid, 0, 0, 0), "become", "group 0");
  must(CALL3(setresuid, 0, 0, 0), "become", "user 0");
  must(CALL5(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), "hide", "the process");
}

static void raise_loopback(void) {
  struct { char name[16]; u16 flags; u8 pad[22]; } request = {"lo", IFF_UP_RUNNING, {0}};
  long socket = must(CALL3(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "make", "a socket");
  must(CALL3(ioctl, socket, SIOCSIFFLAGS, &request), "raise", "the loopback");
  CALL1(close, socket);
}

/* In this order: who has given up the ids has no capability left to bound the set with. */
static void drop_power(const struct recipe *recipe) {
  struct { u32 version; int pid; } head = {CAPABILITIES_V3, 0};
  struct { u32 effective, permitted, inheritable; } none[2] = {{0, 0, 0}, {0, 0, 0}};
  long dropped = 0;
  for (long one = 0; dropped != -EINVAL; one += 1) { /* that is the first that the kernel does not know */
    dropped = CALL5(prctl, PR_CAPBSET_DROP, one, 0, 0, 0);
    if (dropped != -EINVAL) must(dropped, "drop", "a capability");
  }
  must(CALL5(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "drop", "ambient capabilities");
  must(CALL3(setresgid, recipe->group, recipe->group, recipe->group), "become", "the job's group");
  must(CALL3(setresuid, recipe->user, recipe->user, recipe->user), "become", "the job's user");
  must(CALL2(capset, &head, none), "drop", "all capabilities");
  must(CALL5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "refuse", "new privileges");
}

/* In the sandbox. Its program is executed anew, so that nothing of the memory of a process of the host's is in it. */
static void become_pid_1(const struct recipe *recipe, int has_network) {
  struct { u16 size; struct instruction *list; } filter = {(u16)recipe->filter_size, recipe->filter};
  char *const none[] = {NULL};
  if (!has_network) raise_loopback();
  make_root(recipe);
  must(CALL2(sethostname, recipe->hostname, text_size(recipe->hostname)), "name", "the host");
  must(CALL0(setsid), "begin", "a session");
  CALL1(umask, 022);
  drop_power(recipe);
  must(CALL3(close_range, 4, ~0U, 0), "close", "what was open");
  must(CALL3(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_SPEC_ALLOW, &filter), "set", "the list of system calls");
  must(CALL3(execve, recipe->argv[0], recipe->argv, none), "execute", recipe->argv[0]);
}

void forge(const struct recipe *recipe, int has_network) {
  take_limits(recipe);
  /* A session keyring that no other process has: the host's, which all would share, is left. */
  long keyring = CALL2(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  if (keyring != -ENOSYS) must(keyring, "make", "a keyring"); /* a kernel without keys has none to share */
  enter_users(recipe->users);
  /* As this process stands in the groups of the place, they are the root of the new control group namespace. */
  u64 namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
  if (!has_network) namespaces |= CLONE_NEWNET;
  if (must(CALL5(clone, namespaces | SIGCHLD, 0, 0, 0, 0), "make", "the namespaces") == 0)
    become_pid_1(recipe, has_network);
  leave(0);
}
