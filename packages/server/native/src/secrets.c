/*
 * What a job is given to know. A child of the shim takes it from the server's socket, writes it into a file system in memory
 * that has no place anywhere yet, and hangs that up in the sandbox, which stands and has run nothing of the job. So no path of
 * the host ever leads to it, and the shim itself never holds a byte of it. Whatever fails on the way ends the place.
 */
#include "errand.h"
#include "place.h"

enum { MFD_CLOEXEC = 1, O_EXCL = 0200, SOCK_STREAM = 1 };
enum { LAUNCH_LENGTH_AT = 4, LAUNCH_VARIABLES_AT = 12 };

static void receive(u8 *data, u64 size) {
  struct { u16 family; char path[108]; } to = {AF_UNIX, "secrets"};
  long server = need(CALL3(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  need(CALL3(connect, server, &to, sizeof to));
  for (u64 done = 0; done < size;) {
    long got = CALL3(read, server, data + done, size - done);
    if (got == -EINTR) continue;
    if (need(got) == 0) leave(EPIPE); /* the server is gone */
    done += (u64)got;
  }
  CALL1(close, server);
}

static void write_whole(int fd, const u8 *from, u64 size) {
  while (size > 0) {
    long done = CALL3(write, fd, from, size);
    if (done == -EINTR) continue;
    need(done);
    from += done;
    size -= (u64)done;
  }
}

static void make_secret(const struct shim *shim, int folder, const struct secret_file *file) {
  char name[SECRET_NAME_MOST + 1];
  memcpy(name, file->name, file->name_size);
  name[file->name_size] = 0;
  long fd = need(CALL4(openat, folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  write_whole((int)fd, file->content, file->size);
  need(CALL3(fchown, fd, shim->user, shim->user));
  CALL1(close, fd);
}

/* A file system that nothing leads to. Not to be swapped out where the kernel knows that (Linux 6.4). */
static int make_folder(void) {
  long fs = need(CALL2(fsopen, "tmpfs", FSOPEN_CLOEXEC));
  need(CALL5(fsconfig, fs, FSCONFIG_SET_STRING, "size", "1m", 0));
  need(CALL5(fsconfig, fs, FSCONFIG_SET_STRING, "nr_inodes", "100", 0));
  need(CALL5(fsconfig, fs, FSCONFIG_SET_STRING, "mode", "0755", 0));
  CALL5(fsconfig, fs, FSCONFIG_SET_FLAG, "noswap", NULL, 0);
  need(CALL5(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
  return (int)need(CALL3(fsmount, fs, FSMOUNT_CLOEXEC, ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC));
}

static void seal(int folder) {
  struct { u64 set, clear, propagation, users; } change = {ATTR_RDONLY, 0, 0, 0};
  need(CALL5(mount_setattr, folder, "", AT_EMPTY_PATH, &change, sizeof change));
}

/* The message to pid 1 with more variables, which come last in it. */
static void add_variables(const struct shim *shim, int message, const struct secrets *secrets) {
  u8 part[4096];
  for (u64 at = 0;;) {
    long got = CALL4(pread64, shim->to_pid_1[FD_LAUNCH], part, sizeof part, at);
    if (got == -EINTR) continue;
    if (need(got) == 0) break;
    if (at == 0 && got < LAUNCH_HEAD) leave(EPROTO);
    if (at == 0) {
      u32 length, count;
      memcpy(&length, part + LAUNCH_LENGTH_AT, sizeof length);
      memcpy(&count, part + LAUNCH_VARIABLES_AT, sizeof count);
      length += (u32)secrets->variables_size;
      count += secrets->variable_count;
      memcpy(part + LAUNCH_LENGTH_AT, &length, sizeof length);
      memcpy(part + LAUNCH_VARIABLES_AT, &count, sizeof count);
    }
    write_whole(message, part, (u64)got);
    at += (u64)got;
  }
  write_whole(message, secrets->variables, secrets->variables_size);
}

static void deliver(const struct shim *shim, const void *argument) {
  int message = *(const int *)argument;
  static u8 data[SECRETS_MOST];
  static struct secrets secrets;
  receive(data, shim->secrets_size);
  if (!secrets_read(data, shim->secrets_size, &secrets)) leave(EPROTO);
  if (secrets.variable_count > 0) add_variables(shim, message, &secrets);
  if (secrets.file_count > 0) {
    int folder = make_folder();
    for (u32 n = 0; n < secrets.file_count; n += 1) make_secret(shim, folder, &secrets.files[n]);
    seal(folder);
    hang_up(shim, folder, "/etc/secret");
  }
  leave(0);
}

int give_secrets(struct shim *shim) {
  if (shim->secrets_size == 0) return 1;
  long message = CALL2(memfd_create, "launch", MFD_CLOEXEC);
  if (message < 0) return trouble(shim, STEP_SECRETS, message), 0;
  int unused = (int)message;
  if (!run_errand(shim, STEP_SECRETS, deliver, &unused)) {
    CALL1(close, message);
    return 0;
  }
  if (CALL3(lseek, message, 0, SEEK_END) > 0) {
    unused = shim->to_pid_1[FD_LAUNCH];
    shim->to_pid_1[FD_LAUNCH] = (int)message;
  }
  CALL1(close, unused);
  return 1;
}
