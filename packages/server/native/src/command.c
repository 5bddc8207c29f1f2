/* The child of pid 1 on its way to become the command, and what is to be said where it cannot. */
#include "roles.h"

enum { MODE_AT = 28, TYPE_MASK = 0170000, REGULAR = 0100000, STATX_TYPE = 1, HEAD = 20 };

static void fail(volatile struct failure *failure, u32 part, long error) {
  failure->error = (u32)-error;
  failure->part = part;
  leave(127);
}

/* Whether the kernel had no objection to the file itself. */
static int is_runnable(const char *path) {
  u8 found[256]; /* struct statx */
  if (CALL5(statx, AT_FDCWD, path, 0, STATX_TYPE, found) < 0) return 0;
  u32 mode = (u32)found[MODE_AT] | (u32)found[MODE_AT + 1] << 8;
  return (mode & TYPE_MASK) == REGULAR && CALL3(faccessat, AT_FDCWD, path, X_OK) == 0;
}

/* For what the kernel does not know how to execute. An ELF file has a class and a byte order behind its magic. */
static u32 format_part(const char *path) {
  u8 head[HEAD] = {0};
  long fd = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return PART_PROGRAM;
  long got = CALL3(read, fd, head, HEAD);
  CALL1(close, fd);
  if (got >= 2 && head[0] == '#' && head[1] == '!') return PART_INTERPRETER;
  int is_elf = got >= 6 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
  if (is_elf && (head[4] == 1 || head[4] == 2) && (head[5] == 1 || head[5] == 2)) return PART_FORMAT;
  return PART_PROGRAM;
}

static void set_limits(const struct launch *launch, volatile struct failure *failure) {
  for (u32 n = 0; n < launch->limit_count; n += 1) {
    const u8 *at = launch->limits + n * LIMIT_SIZE;
    u32 resource;
    struct rlimit limit;
    memcpy(&resource, at, sizeof resource);
    memcpy(&limit, at + 8, sizeof limit);
    long done = CALL4(prlimit64, 0, resource, &limit, 0);
    if (done < 0) fail(failure, PART_PROCESS, done);
  }
}

void become_command(const struct launch *launch, volatile struct failure *failure) {
  set_limits(launch, failure);
  long done = set_mask(SIG_SETMASK, 0);
  if (done < 0) fail(failure, PART_PROCESS, done);
  done = CALL1(chdir, launch->cwd);
  if (done < 0) fail(failure, PART_FOLDER, done);
  done = CALL3(close_range, 3, ~0U, 0);
  if (done < 0) fail(failure, PART_PROCESS, done);
  done = filter_command();
  if (done < 0) fail(failure, PART_PROCESS, done);

  long error = CALL3(execve, launch->path, launch->argv, launch->env);
  if (error == -E2BIG) fail(failure, PART_ARGUMENTS, error);
  if (error != -ENOEXEC) fail(failure, is_runnable(launch->path) ? PART_INTERPRETER : PART_PROGRAM, error);
  u32 part = format_part(launch->path);
  if (part != PART_PROGRAM) fail(failure, part, error);
  /* A script without a first line is the shell's, as everywhere. */
  char **argv = launch->argv - 1;
  argv[0] = "/bin/sh";
  argv[1] = launch->path;
  error = CALL3(execve, "/bin/sh", argv, launch->env);
  fail(failure, error == -E2BIG ? PART_ARGUMENTS : PART_INTERPRETER, error);
}
