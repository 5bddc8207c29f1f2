#ifndef SHIM_H
#define SHIM_H
#include "output.h"
#include "roles.h"

/* What the shim was about to do when it could not: `step` in `exit`. */
enum {
  STEP_SIGNALS = 1, STEP_FOLDER, STEP_ALIVE, STEP_GO, STEP_FILES, STEP_SOCKET, STEP_FORK, STEP_GROUPS, STEP_LINE,
  STEP_SEEN, STEP_LAUNCH, STEP_STDIN, STEP_OUTPUT, STEP_PIPES, STEP_STARTED, STEP_SEND, STEP_STOPPED,
  STEP_NETWORK, STEP_SECRETS, STEP_OVERLAY,
};

enum { LINE_MOST = 4096, WAYS_MOST = 64, COUNTERS_MOST = 16 };

/* A file of the groups that is read at the end, opened while there is time. */
struct counter { int fd, which; };

struct shim {
  const char *name, *view;
  u32 user;
  char **runtime, **environment;

  int alive, go, signals, socket;
  int is_executed, is_ready, is_standing, is_unwanted, is_handed_over, is_term_due;
  int child, child_status; /* the runtime; 0 when it has ended */
  int init, init_handle, init_status;
  int is_init_gone, was_reaped, is_usage_noted;

  char line[LINE_MOST];
  u64 line_size;
  int has_job;
  struct job job;
  struct overlay overlay; /* no lower folder where /work is the job's own alone */
  u32 secrets_size; /* of what the job is given to know; 0 for nothing */
  struct output output;
  int to_pid_1[FDS];
  u64 dropped[2];
  int ways[WAYS_MOST]; /* the processes that pass on what goes to a port of the job and comes from it; 0 for none */
  struct counter counters[COUNTERS_MOST];
  u32 counter_count;
  int lacks_counters;
  struct shim_note note;
};

/* In tell.c. The first trouble counts: with it the place is of no use to a job that has not begun. */
void trouble(struct shim *shim, u32 step, long error);

/* In tell.c. A byte to the server, and one to whoever is at the other end of the socket. */
void tell(const struct shim *shim, char what);
void order(const struct shim *shim, char what);

/* In runtime.c, in the child: stands in the groups, waits, becomes the runtime. `end` is its end of the socket. */
void become_runtime(const struct shim *shim, int end);

/* In hand-over.c: gives the job to pid 1, which waits for it. */
void hand_over(struct shim *shim);

/* In secrets.c: gives the sandbox what its job is to know, before the job comes. False where that could not be. */
int give_secrets(struct shim *shim);

/* In overlay.c: gives the sandbox the tree that its job finds as /work. False where that could not be. */
int lay_over(struct shim *shim);

/* In connect.c: begins to pass on what goes to the port of the job that the line names. What cannot be now is not answered. */
void connect_to(struct shim *shim, char *line);
/* A process has ended, which may have been one of these. */
void forget_way(struct shim *shim, int pid);

/* In end.c: stores what pid 1 left in the pipes, and gives the index what it lacks. */
void drain(struct shim *shim);

/* In usage.c: opens what the groups of the place count, once it stands in them. */
void open_counters(struct shim *shim);

/* In usage.c: writes into `exit` what the tree has used, once. Left to the server where memory ran out: it looks closer. */
void note_usage(struct shim *shim);

/* In usage.c: takes the groups of the place away, and says so; what cannot be now is left to the server. */
void remove_groups(struct shim *shim);

/* In end.c: writes the shim's half of `exit`. */
void tell_end(struct shim *shim);

#endif
