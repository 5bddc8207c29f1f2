#ifndef ROLES_H
#define ROLES_H
#include "sys.h"

/* Pid 1 of a sandbox. */
int init_role(void);

/* The process outside. Arguments from NAME on. */
int shim_role(char **arguments, char **environment);

/* The server's helper for the networks of jobs, in nets.c. Ends with its standard input. Whether it tells of changes by others. */
int nets_role(const char *table, int hears);

/* Makes the spawner's view and becomes what comes behind `--`, in view.c. */
int view_role(char **words, char **environment);

/* Whether this kernel lays three such folders over each other: lower, upper, work. Ends with the number of the error. */
int overlay_role(char **folders);

/* In launch.c: what the message says is to be executed. */
struct launch {
  char *cwd, *path;
  char **argv; /* with one place free before it */
  char **env;
  const u8 *limits;
  u32 limit_count;
};
enum { LAUNCH_MOST = 16 << 20, LAUNCH_HEAD = 24, LIMIT_SIZE = 24, LIMITS_MOST = 16 };

/* Pointers that the message needs; 0 when it is none. */
u64 launch_slots(const u8 *data, u64 size);

/* Points into `data`, which must stay. `slots` are as many as launch_slots says. False when it is not as README.md says. */
int launch_parse(u8 *data, u64 size, char **slots, struct launch *launch);

/* In job-line.c: a line of `go`. */
struct job {
  const char *id, *file[2], *index;
  u64 limit;
  int is_stopped; /* at the limit; else what is beyond is thrown away */
};
#define NO_LIMIT (~0UL)

/* Cuts the line, which ends with a NUL, into `job`, which points into it. False when it is none. */
int job_parse(char *line, struct job *job);

/* The same of one that asks for a port of the job: which socket is listened on for it, and the port. Cuts the line. */
int connect_parse(char *line, u64 *number, u64 *port);

/* The same of one that says what the job finds as /work. Cuts the line, into which `overlay` points. */
struct overlay { const char *lower, *upper, *work; };
int overlay_parse(char *line, struct overlay *overlay);

/* In secret-message.c: what the server says of secrets. Points into `data`. False when it is not as README.md says. */
enum { SECRETS_MOST = 1 << 16, SECRETS_HEAD = 16, SECRETS_COUNT_MOST = 64, SECRET_NAME_MOST = 128 };
struct secret_file { const u8 *name, *content; u32 name_size, size; };
struct secrets {
  struct secret_file files[SECRETS_COUNT_MOST];
  const u8 *variables;
  u64 variables_size;
  u32 file_count, variable_count;
};
int secrets_read(const u8 *data, u64 size, struct secrets *secrets);

/* The same of the line that says how many bytes that is. */
int secrets_parse(char *line, u32 *size);

/* In command.c: becomes the command, or says in `failure` why it cannot, and ends. Descriptors 0, 1, 2 are its own. */
struct failure { u32 error, part; };
enum {
  PART_PROGRAM = 1, PART_INTERPRETER = 2, PART_FORMAT = 3, PART_ARGUMENTS = 4, PART_FOLDER = 5, PART_PROCESS = 6,
  PART_MESSAGE = 7,
};
void become_command(const struct launch *launch, volatile struct failure *failure);

/* In filter.c: from now on only what pid 1 needs. */
long filter_self(void);
/* And what becomes the command can give itself none. */
long filter_command(void);

/* What the shim sends to pid 1 with the descriptors below, in this order. */
struct order { u8 kind, mode, zero[6]; u64 limit; };
enum { FD_LAUNCH, FD_STDIN, FD_OUT, FD_ERR, FD_INDEX, FD_EXIT, FD_OUT_READ, FD_OUT_WRITE, FD_ERR_READ, FD_ERR_WRITE, FDS };

/* The file `exit`, see README.md. */
enum { KIND_NONE, KIND_EXITED, KIND_SIGNALED, KIND_FAILED };
enum { ENDED_CORE = 1, ENDED_COMPLETE = 2, ENDED_OUT_OVER = 4, ENDED_ERR_OVER = 8 };
struct init_note {
  u8 version, kind, code, flags;
  struct failure failure;
  u32 output_error;
  u64 started, started_boot, ended, ended_boot, dropped[2];
};
enum { SHIM_SANDBOX = 1, SHIM_RUNTIME, SHIM_FAILED, SHIM_UNWANTED };
enum { SHIM_DRAINED = 1, SHIM_OUT_OVER = 4, SHIM_ERR_OVER = 8 };
struct shim_note {
  u8 version, kind, flags, zero;
  int status;
  u32 error, step;
  u64 ended, ended_boot, dropped[2], stored[2];
};
/* What the tree has used. All ones where the kernel does not say. */
struct usage_note {
  u8 version, zero[7];
  u64 cpu_us, pids_peak, pids_max, pids_refused, memory_peak, rest[2];
};
enum { EXIT_SIZE = 256, SHIM_NOTE_AT = 128, USAGE_NOTE_AT = 192 };
_Static_assert(sizeof(struct init_note) == 64 && sizeof(struct shim_note) == 64 && sizeof(struct usage_note) == 64, "as README.md says");
_Static_assert(sizeof(struct order) == 16, "as README.md says");

#endif
