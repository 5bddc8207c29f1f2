/*
 * The spawner's view of the host, and with it all that jobs see of it: a mount namespace of its own, made step by step as
 * the server says, see README.md. Nothing of a job has run in it yet. One process for all of it: a shell would fork for
 * each of some sixty mounts, which on a busy host takes seconds, and the first job after a start waits for them.
 */
#include "place.h"
#include "recipe.h"
#include "roles.h"

#define CLONE_NEWNS 0x00020000UL
enum { MS_REMOUNT = 0x20, MS_MOVE = 0x2000, MS_REC = 0x4000, MS_PRIVATE = 0x40000 };
enum { BLOCK = 1 << 16 };

static char block[BLOCK];

static void mount(const char *source, const char *at, const char *type, u64 flags, const char *data) {
  must(CALL5(mount, source, at, type, flags, data), "mount", at);
}

static u64 flags_of(const char *letters) {
  u64 flags = 0;
  for (const char *at = letters; *at; at += 1) {
    if (*at == 'r') flags |= MOUNT_RDONLY;
    else if (*at == 's') flags |= MOUNT_NOSUID;
    else if (*at == 'd') flags |= MOUNT_NODEV;
    else if (*at == 'x') flags |= MOUNT_NOEXEC;
    else if (*at != '-') must(-EINVAL, "understand the flags", letters);
  }
  return flags;
}

static u32 mode_of(const char *digits) {
  u32 mode = 0;
  for (const char *at = digits; *at; at += 1) {
    if (*at < '0' || *at > '7') must(-EINVAL, "understand the mode", digits);
    mode = mode * 8 + (u32)(*at - '0');
  }
  return mode;
}

static void make_folder(char **words) {
  long made = CALL3(mkdirat, AT_FDCWD, words[1], mode_of(words[0]));
  if (made != -EEXIST) must(made, "make", words[1]);
}

static long new_file(const char *path, u32 mode) {
  return must(CALL4(openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode), "make", path);
}

static void write_all(long file, const char *bytes, u64 size, const char *path) {
  while (size) {
    long done = must(CALL3(write, file, bytes, size), "write", path);
    bytes += done;
    size -= (u64)done;
  }
}

static void write_file(char **words) {
  long file = new_file(words[0], 0644);
  write_all(file, words[1], text_size(words[1]), words[0]);
  CALL1(close, file);
}

static void copy_file(char **words) {
  long from = must(CALL3(openat, AT_FDCWD, words[1], O_RDONLY | O_CLOEXEC), "open", words[1]);
  long to = new_file(words[2], mode_of(words[0]));
  for (long got; (got = must(CALL3(read, from, block, BLOCK), "read", words[1])) > 0;)
    write_all(to, block, (u64)got, words[2]);
  CALL1(close, from);
  CALL1(close, to);
}

static void make_link(char **words) {
  must(CALL3(symlinkat, words[0], AT_FDCWD, words[1]), "link", words[1]);
}

static void mount_memory(char **words) { mount("berth", words[2], "tmpfs", flags_of(words[0]), words[1]); }

static void bind_tree(char **words) { mount(words[0], words[1], NULL, MOUNT_BIND | MS_REC, NULL); }

static void move(char **words) { mount(words[0], words[1], NULL, MS_MOVE, NULL); }

static void mount_groups(char **words) { mount("none", words[0], "cgroup2", 0, NULL); }

/* In place: the kernel writes some letters of a path as a backslash and three digits. */
static void decode(char *path) {
  char *to = path;
  while (*path) {
    if (path[0] == '\\' && path[1] && path[2] && path[3]) {
      *to++ = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0'));
      path += 4;
    } else *to++ = *path++;
  }
  *to = 0;
}

static int is_within(const char *path, const char *folder) {
  while (*folder && *path == *folder) path += 1, folder += 1;
  return !*folder && (!*path || *path == '/');
}

static int has_word(const char *list, const char *word) {
  u64 size = text_size(word);
  for (const char *at = list; *at; at += 1) {
    u64 n = 0;
    while (n < size && at[n] == word[n]) n += 1;
    if (n == size && (at == list || at[-1] == ',') && (!at[n] || at[n] == ',')) return 1;
  }
  return 0;
}

/* What a mount has, of what may be asked for: the kernel would take away what it is not told again. */
static u64 kept_of(const char *options) {
  static const char *const names[] = {"ro", "nosuid", "nodev", "noexec"};
  static const u64 flags[] = {MOUNT_RDONLY, MOUNT_NOSUID, MOUNT_NODEV, MOUNT_NOEXEC};
  u64 kept = 0;
  for (u32 n = 0; n < sizeof names / sizeof *names; n += 1)
    if (has_word(options, names[n])) kept |= flags[n];
  return kept;
}

/* Of a line of the kernel's list of mounts: number, parent, device, root, path, options, ... Whether it lies there. */
static int restrict_one(char *line, const char *folder, u64 flags) {
  enum { PATH = 4, OPTIONS = 5, FIELDS = 6 };
  char *field[FIELDS];
  for (u32 n = 0; n < FIELDS; n += 1) {
    field[n] = line;
    while (*line && *line != ' ') line += 1;
    if (*line) *line++ = 0;
  }
  decode(field[PATH]);
  if (!is_within(field[PATH], folder)) return 0;
  mount(NULL, field[PATH], NULL, MS_REMOUNT | MOUNT_BIND | flags | kept_of(field[OPTIONS]), NULL);
  return 1;
}

/* Each mount at the folder and below, by the path that the kernel has for it: one is read-only by itself, not by the one above. */
static void restrict_within(const char *folder, u64 flags) {
  static const char list[] = "/proc/self/mountinfo";
  long file = must(CALL3(openat, AT_FDCWD, list, O_RDONLY | O_CLOEXEC), "open", list);
  u64 held = 0;
  int any = 0;
  for (long got; (got = must(CALL3(read, file, block + held, BLOCK - held), "read", list)) > 0;) {
    u64 line = 0, end = held + (u64)got;
    for (u64 at = held; at < end; at += 1) {
      if (block[at] != '\n') continue;
      block[at] = 0;
      any |= restrict_one(block + line, folder, flags);
      line = at + 1;
    }
    held = end - line;
    memmove(block, block + line, held);
    if (held == BLOCK) must(-E2BIG, "read", list);
  }
  CALL1(close, file);
  if (!any) must(-ENOENT, "restrict", folder);
}

static void bind(char **words) {
  u64 flags = flags_of(words[0]);
  mount(words[1], words[2], NULL, MOUNT_BIND, NULL);
  if (flags) restrict_within(words[2], flags);
}

static void seal(char **words) { restrict_within(words[1], flags_of(words[0])); }

struct verb { const char *name; u32 count; void (*does)(char **words); };
static const struct verb verbs[] = {
  {"folder", 2, make_folder}, {"file", 2, write_file}, {"copy", 3, copy_file}, {"link", 2, make_link},
  {"memory", 3, mount_memory}, {"bind", 3, bind}, {"tree", 2, bind_tree}, {"seal", 2, seal}, {"move", 2, move},
  {"groups", 1, mount_groups},
};

/* What comes behind it. */
static char **take_step(char **words) {
  for (u32 n = 0; n < sizeof verbs / sizeof *verbs; n += 1) {
    if (!is_same(words[0], verbs[n].name)) continue;
    for (u32 word = 1; word <= verbs[n].count; word += 1)
      if (!words[word] || is_same(words[word], "--")) must(-EINVAL, "understand the step", words[0]);
    verbs[n].does(words + 1);
    return words + 1 + verbs[n].count;
  }
  must(-EINVAL, "understand the step", words[0]);
  return words;
}

int view_role(char **words, char **environment) {
  must(CALL1(unshare, CLONE_NEWNS), "make", "the view");
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  CALL1(umask, 0);
  while (*words && !is_same(*words, "--")) words = take_step(words);
  if (!words[0] || !words[1]) must(-EINVAL, "execute", "nothing");
  CALL1(umask, 022);
  must(CALL3(execve, words[1], words + 1, environment), "execute", words[1]);
  return 1;
}
