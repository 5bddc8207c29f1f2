/* The child of the shim, which stands in the groups of the place until it makes the sandbox, or becomes the runtime. */
#include "network.h"
#include "place.h"
#include "recipe.h"
#include "shim.h"

enum { RUNTIME_ARGUMENTS = 64 };

static void execute_runtime(const struct shim *shim) {
  char *argv[RUNTIME_ARGUMENTS + 2];
  int count = 0;
  for (; shim->runtime[count]; count += 1) {
    if (count == RUNTIME_ARGUMENTS) leave(126);
    argv[count] = shim->runtime[count];
  }
  argv[count] = (char *)shim->name;
  argv[count + 1] = NULL;
  CALL3(execve, argv[0], argv, shim->environment);
  leave(127);
}

/* What the shim has for itself neither the runtime nor pid 1 shall have. */
static void forget_signals(void) {
  for (int signal = 1; signal <= SIGNALS; signal += 1)
    if (signal != SIGKILL && signal != SIGSTOP) set_signal(signal, SIG_DFL);
  if (set_mask(SIG_SETMASK, 0) < 0) leave(126);
}

/* The socket is to be descriptor 3, also of pid 1. */
void become_runtime(const struct shim *shim, int end) {
  static struct recipe recipe;
  char path[PATH_MOST], order = 0;
  u8 said[2] = {'J', 0};
  /* Never a device: the runtime gives these files to the job's user. */
  JOIN(path, shim->view, "/sealed/", shim->name, "/started");
  long input = CALL3(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  long log = CALL3(openat, AT_FDCWD, "runtime.log", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
  long done = input < 0 ? input : log;
  if (done >= 0) done = CALL3(dup3, input, 0, 0);
  if (done >= 0) done = CALL3(dup3, log, 1, 0);
  if (done >= 0) done = CALL3(dup3, log, 2, 0);
  if (done >= 0) done = end == 3 ? CALL3(fcntl, end, F_SETFD, 0) : CALL3(dup3, end, 3, 0);
  if (done >= 0) end = 3;
  /* Above all `alive` and `go`, which are the shim's alone. */
  if (done >= 0) done = CALL3(close_range, 4, ~0U, 0);
  long has_recipe = recipe_read(&recipe);
  if (done >= 0 && has_recipe < 0) done = has_recipe;
  /* Ahead of any job, and before the groups are joined: what a namespace takes of the kernel is not the job's. */
  long has_network = done >= 0 ? network_make() : 0;
  if (has_network < 0) done = has_network, said[0] = 'N';
  if (done >= 0) done = join_groups(shim->view, shim->name);
  if (done < 0) said[1] = (u8)-done;
  if (done < 0 && has_network >= 0) said[0] = 'F';
  if (CALL3(write, end, said, sizeof said) < 0 || done < 0) leave(126);
  long got;
  do got = CALL3(read, 3, &order, 1);
  while (got == -EINTR);
  if (got != 1 || order != 'X') leave(0);
  forget_signals();
  if (has_recipe) forge(&recipe, has_network == 1);
  execute_runtime(shim);
}
