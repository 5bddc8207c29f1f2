#ifndef ERRAND_H
#define ERRAND_H
#include "shim.h"

/* What the shim has a process of its own do in the sandbox, which stands and has run nothing of the job. */

#define AT_EMPTY_PATH 0x1000
enum { FSOPEN_CLOEXEC = 1, FSMOUNT_CLOEXEC = 1 };
enum { FSCONFIG_SET_FLAG = 0, FSCONFIG_SET_STRING = 1, FSCONFIG_CMD_CREATE = 6 };
enum { ATTR_RDONLY = 1, ATTR_NOSUID = 2, ATTR_NODEV = 4, ATTR_NOEXEC = 8 };

/* In that process: ends it where `result` is an error, whose number is then its status. Else it is the result. */
long need(long result);

/* In that process: gives a mount that nothing leads to its place in the sandbox, which the process enters for that. */
void hang_up(const struct shim *shim, int mount, const char *at);

/* Waits for it. False where it could not be, which is then the shim's trouble at that step. */
int run_errand(struct shim *shim, u32 step, void (*errand)(const struct shim *shim, const void *argument), const void *argument);

#endif
