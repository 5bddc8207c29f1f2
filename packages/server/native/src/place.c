/* What the shim does with files. */
#include "place.h"

void join(char path[PATH_MOST], const char *const *parts) {
  u64 size = 0;
  for (; *parts; parts += 1) {
    u64 more = text_size(*parts);
    if (size + more >= PATH_MOST) {
      path[0] = 0;
      return;
    }
    memcpy(path + size, *parts, more);
    size += more;
  }
  path[size] = 0;
}

void digits_of(u64 number, char digits[DIGITS]) {
  char reversed[DIGITS];
  u32 size = 0, n = 0;
  do reversed[size++] = (char)('0' + number % 10);
  while (number /= 10);
  while (size) digits[n++] = reversed[--size];
  digits[n] = 0;
}

static long write_all(long fd, const void *bytes, u64 size) {
  if (fd < 0) return fd;
  long done = CALL3(write, fd, bytes, size);
  CALL1(close, fd);
  if (done < 0) return done;
  return done == (long)size ? 0 : -EIO;
}

long make_file(const char *name, const void *bytes, u64 size) {
  return write_all(CALL4(openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), bytes, size);
}

long join_groups(const char *view, const char *name) {
  char path[PATH_MOST], number[DIGITS];
  for (u64 n = 0;; n += 1) {
    digits_of(n, number);
    JOIN(path, view, "/groups/", number);
    if (CALL4(faccessat, AT_FDCWD, path, 0, 0) == -ENOENT) return 0;
    JOIN(path, view, "/groups/", number, "/", name);
    long done = CALL3(mkdirat, AT_FDCWD, path, 0755);
    if (done < 0 && done != -EEXIST) return done;
    JOIN(path, view, "/groups/", number, "/", name, "/cgroup.procs");
    done = write_all(CALL3(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC), "0", 1);
    if (done < 0) return done;
  }
}

/* Appends to `text` what the file says; what has no room is left out, and then `end` too. */
static u64 add_file(char *text, u64 size, u64 most, const char *path) {
  long fd = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return size;
  for (;;) {
    long got = CALL3(read, fd, text + size, most - size);
    if (got <= 0) break;
    size += (u64)got;
  }
  CALL1(close, fd);
  return size;
}

static u64 add(char *text, u64 size, const char *more) {
  u64 length = text_size(more);
  memcpy(text + size, more, length);
  return size + length;
}

long note_sandbox(int pid) {
  static const char *const kinds[] = {"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"};
  enum { MOST = 4096, LEAST_LEFT = 64 };
  char text[MOST], path[PATH_MOST], digits[DIGITS];
  u64 size = 0;
  digits_of((u64)pid, digits);
  for (u64 n = 0; n < sizeof kinds / sizeof *kinds; n += 1) {
    JOIN(path, "/proc/", digits, "/ns/", kinds[n]);
    size = add(text, add(text, size, kinds[n]), " ");
    long got = CALL4(readlinkat, AT_FDCWD, path, text + size, LEAST_LEFT);
    if (got < 0) return got;
    size = add(text, size + (u64)got, "\n");
  }
  size = add(text, size, "map ");
  JOIN(path, "/proc/", digits, "/uid_map");
  size = add_file(text, size, MOST / 2, path);
  JOIN(path, "/proc/", digits, "/status");
  size = add_file(text, size, MOST - LEAST_LEFT, path);
  if (size < MOST - LEAST_LEFT) size = add(text, size, "end\n");
  return make_file("seen", text, size);
}

int has_own_network(int pid) {
  enum { MOST = 64 };
  char path[PATH_MOST], digits[DIGITS], own[MOST], other[MOST];
  digits_of((u64)pid, digits);
  JOIN(path, "/proc/", digits, "/ns/net");
  long size = CALL4(readlinkat, AT_FDCWD, path, other, MOST);
  long own_size = CALL4(readlinkat, AT_FDCWD, "/proc/self/ns/net", own, MOST);
  if (size <= 0 || own_size <= 0) return 0;
  if (size != own_size) return 1;
  for (long n = 0; n < size; n += 1)
    if (own[n] != other[n]) return 1;
  return 0;
}

int is_only_child(int pid) {
  char text[64], digits[DIGITS];
  u64 size = add_file(text, 0, sizeof text, "/proc/thread-self/children"), n = 0;
  digits_of((u64)pid, digits);
  while (n < size && digits[n] && text[n] == digits[n]) n += 1;
  return size == 0 || (!digits[n] && n + 1 == size); /* each number has a blank behind it */
}

struct entry { u64 inode; i64 offset; u16 size; u8 type; char name[]; };

void remove_folder(const char *path) {
  u64 block[256];
  long folder = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  for (;;) {
    long got = CALL3(getdents64, folder, block, sizeof block);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      const struct entry *entry = (const struct entry *)((const char *)block + at);
      CALL3(unlinkat, folder, entry->name, 0); /* `.` and `..` cannot be */
      at += entry->size;
    }
  }
  CALL1(close, folder);
  CALL3(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}
