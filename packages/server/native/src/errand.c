/* A process of the shim's own for what is done in the sandbox: so the shim itself never leaves its place. */
#include "errand.h"

#define CLONE_NEWNS 0x00020000UL
enum { MOVE_MOUNT_F_EMPTY_PATH = 4 };

long need(long result) {
  if (result < 0) leave(result > -256 ? (int)-result : EPROTO);
  return result;
}

/* By the handle of pid 1, so that no process id is trusted. */
void hang_up(const struct shim *shim, int mount, const char *at) {
  need(CALL2(setns, shim->init_handle, CLONE_NEWNS));
  need(CALL5(move_mount, mount, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH));
}

int run_errand(struct shim *shim, u32 step, void (*errand)(const struct shim *shim, const void *argument), const void *argument) {
  int status = 0;
  long child = fork_process();
  if (child == 0) {
    errand(shim, argument);
    leave(0);
  }
  long done = child;
  if (child > 0) do done = CALL4(wait4, child, &status, WALL, 0);
  while (done == -EINTR);
  if (done >= 0 && !status) return 1;
  return trouble(shim, step, done < 0 ? done : status & 127 ? -EIO : -(long)(status >> 8 & 255)), 0;
}
