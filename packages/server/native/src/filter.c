/* The system calls that pid 1 needs once its command runs; all others answer "not permitted". */
#include "recipe.h"
#include "roles.h"

struct program { u16 size; struct instruction *instructions; };

enum { LOAD = 0x20, EQUALS = 0x15, RETURN = 0x06 };
#define ALLOW 0x7fff0000U
#define REFUSE 0x00050001U /* ERRNO, EPERM */
#define KILL_PROCESS 0x80000000U
#define INVALID 0x00050016U /* ERRNO, EINVAL */
enum { AT_NUMBER = 0, AT_ARCHITECTURE = 4, AT_OPTION = 16, MODE_FILTER = 2 };

static const u32 needed[] = {
  NR_read, NR_splice, NR_pwrite64, NR_ppoll, NR_wait4, NR_kill, NR_clock_gettime, NR_sendto,
  NR_exit_group, NR_restart_syscall,
};
enum { NEEDED = sizeof needed / sizeof *needed };

long filter_self(void) {
  struct instruction list[NEEDED + 6];
  u16 size = 0;
  list[size++] = (struct instruction){LOAD, 0, 0, AT_ARCHITECTURE};
  list[size++] = (struct instruction){EQUALS, 1, 0, AUDIT_ARCH};
  list[size++] = (struct instruction){RETURN, 0, 0, KILL_PROCESS};
  list[size++] = (struct instruction){LOAD, 0, 0, AT_NUMBER};
  for (u32 n = 0; n < NEEDED; n += 1)
    list[size++] = (struct instruction){EQUALS, (u8)(NEEDED - n), 0, needed[n]};
  list[size++] = (struct instruction){RETURN, 0, 0, REFUSE};
  list[size++] = (struct instruction){RETURN, 0, 0, ALLOW};
  struct program program = {size, list};
  return CALL3(prctl, PR_SET_SECCOMP, MODE_FILTER, &program);
}

/*
 * The command is to give itself no filters: each of its processes could have some that are 370 KiB of machine code, of a
 * memory that the kernel bounds for the whole host and charges to no group. A job with 1,400 processes could keep all
 * others from starting. Answered as by a kernel that was built without, which programs that only want to be careful
 * take for an answer. The list that the runtime gives cannot say so, as pid 1 could not give itself its own then; the call
 * `seccomp` is on neither.
 */
long filter_command(void) {
  struct instruction list[] = {
    {LOAD, 0, 0, AT_NUMBER}, {EQUALS, 0, 2, NR_prctl}, {LOAD, 0, 0, AT_OPTION}, {EQUALS, 1, 0, PR_SET_SECCOMP},
    {RETURN, 0, 0, ALLOW},   {RETURN, 0, 0, INVALID},
  };
  struct program program = {sizeof list / sizeof *list, list};
  return CALL3(prctl, PR_SET_SECCOMP, MODE_FILTER, &program);
}
