/*
 * The process outside a sandbox: holds a prepared place, starts the runtime when told to, hands the job to pid 1, and
 * tells how it ended.
 */
#include "shim.h"
#include "output.h"
#include "place.h"
#include "roles.h"

enum { LINE_MOST = 4096 };

struct shim {
  const char *name, *view;
  u32 user;
  char **runtime, **environment;

  int alive, go, signals, socket;
  int is_executed, is_ready, is_standing, is_unwanted, is_handed_over, is_term_due;
  int child, child_status; /* the runtime; 0 when it has ended */
  int init, init_handle, init_status;
  int is_init_gone, was_reaped;

  char line[LINE_MOST];
  u64 line_size;
  int has_job;
  struct job job;
  struct output output;
  int to_pid_1[FDS];
  u64 dropped[2];
  struct shim_note note;
};

/* The first trouble counts: with it the place is of no use to a job that has not begun. */
static void trouble(struct shim *shim, u32 step, long error) {
  if (shim->note.kind) return;
  shim->note.kind = SHIM_FAILED;
  shim->note.step = step;
  shim->note.error = (u32)-error;
  shim->is_unwanted = 1;
}

static void tell(const struct shim *shim, char what) {
  CALL3(write, shim->alive, &what, 1); /* to nobody where the server is gone: then `exit` tells */
}

static void order(const struct shim *shim, char what) {
  CALL6(sendto, shim->socket, &what, 1, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0); /* who is gone needs none */
}

/* ---- The child: stands in the groups, waits, becomes the runtime. ---- */

enum { RUNTIME_ARGUMENTS = 64 };

static void become_runtime(const struct shim *shim) {
  char *argv[RUNTIME_ARGUMENTS + 2];
  int count = 0;
  for (; shim->runtime[count]; count += 1) {
    if (count == RUNTIME_ARGUMENTS) leave(126);
    argv[count] = shim->runtime[count];
  }
  argv[count] = (char *)shim->name;
  argv[count + 1] = NULL;
  for (int signal = 1; signal <= SIGNALS; signal += 1)
    if (signal != SIGKILL && signal != SIGSTOP) set_signal(signal, SIG_DFL);
  if (set_mask(SIG_SETMASK, 0) < 0 || CALL3(close_range, 4, ~0U, 0) < 0) leave(126);
  CALL3(execve, argv[0], argv, shim->environment);
  leave(127);
}

/* `end` is the child's end of the socket, which pid 1 will have as its descriptor 3. */
static void child(struct shim *shim, int end) {
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
  if (done >= 0) done = join_groups(shim->view, shim->name);
  if (done < 0) said[0] = 'F', said[1] = (u8)-done;
  if (CALL3(write, end, said, sizeof said) < 0 || done < 0) leave(126);
  long got;
  do got = CALL3(read, 3, &order, 1);
  while (got == -EINTR);
  if (got == 1 && order == 'X') become_runtime(shim);
  leave(0);
}

/* ---- The beginning. ---- */

static int open_place(struct shim *shim) {
  char path[PATH_MOST];
  u8 room[EXIT_SIZE] = {'-'};
  JOIN(path, shim->view, "/jobs/", shim->name);
  long done = CALL1(chdir, path);
  if (done < 0) return trouble(shim, STEP_FOLDER, done), 0;
  long files = make_file("exit", room, sizeof room);
  if (files == 0) files = make_file("started", "", 0);
  if (files == 0) files = make_file("seen", "-", 1);
  if (files == 0) files = make_file("runtime.log", "", 0);
  if (files < 0) return trouble(shim, STEP_FILES, files), 0;
  long alive = CALL3(openat, AT_FDCWD, "alive", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (alive < 0) return trouble(shim, STEP_ALIVE, alive), 0;
  shim->alive = (int)alive;
  long go = CALL3(openat, AT_FDCWD, "go", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (go < 0) return trouble(shim, STEP_GO, go), 0;
  shim->go = (int)go;
  return 1;
}

static int take_signals(struct shim *shim) {
  static const int ignored[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
  for (u32 n = 0; n < sizeof ignored / sizeof *ignored; n += 1) set_signal(ignored[n], SIG_IGN);
  set_signal(SIGCHLD, SIG_DFL);
  u64 children = 1UL << (SIGCHLD - 1);
  long done = set_mask(SIG_SETMASK, children);
  if (done >= 0) done = CALL5(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (done >= 0) done = CALL4(signalfd4, -1, &children, 8, O_CLOEXEC | O_NONBLOCK);
  if (done < 0) return trouble(shim, STEP_SIGNALS, done), 0;
  shim->signals = (int)done;
  return 1;
}

static int fork_child(struct shim *shim) {
  int ends[2], yes = 1;
  long done = CALL4(socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
  if (done >= 0) done = CALL5(setsockopt, ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  if (done < 0) return trouble(shim, STEP_SOCKET, done), 0;
  shim->socket = ends[0];
  done = fork_process();
  if (done == 0) child(shim, ends[1]);
  if (done < 0) return trouble(shim, STEP_FORK, done), 0;
  CALL1(close, ends[1]);
  shim->child = (int)done;
  return 1;
}

static void execute(struct shim *shim) {
  if (shim->is_executed) return;
  shim->is_executed = 1;
  order(shim, 'X');
}

/* ---- The hand-over. ---- */

enum { PIPE_SIZE = 256 << 10 };

static int open_given(struct shim *shim, int which, const char *path, int how, u32 step) {
  long fd = CALL4(openat, AT_FDCWD, path, how | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return trouble(shim, step, fd), 0;
  shim->to_pid_1[which] = (int)fd;
  return 1;
}

static int open_files(struct shim *shim) {
  const struct job *job = &shim->job;
  char path[PATH_MOST];
  JOIN(path, shim->view, "/sealed/", job->id, "/stdin");
  return open_given(shim, FD_LAUNCH, "launch", O_RDONLY, STEP_LAUNCH) &&
         open_given(shim, FD_STDIN, path, O_RDONLY, STEP_STDIN) &&
         open_given(shim, FD_EXIT, "exit", O_RDWR, STEP_FILES) &&
         open_given(shim, FD_OUT, job->file[0], O_WRONLY | O_CREAT, STEP_OUTPUT) &&
         open_given(shim, FD_ERR, job->file[1], O_WRONLY | O_CREAT, STEP_OUTPUT) &&
         open_given(shim, FD_INDEX, job->index, O_RDWR | O_CREAT, STEP_OUTPUT);
}

/* A pipe whose read end does not block, and whose inode is the job's, which may then open it again. */
static int make_pipe(struct shim *shim, int which) {
  int ends[2];
  long done = CALL2(pipe2, ends, O_CLOEXEC);
  if (done < 0) return trouble(shim, STEP_PIPES, done), 0;
  shim->to_pid_1[which] = ends[0];
  shim->to_pid_1[which + 1] = ends[1];
  CALL3(fcntl, ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* a quick writer waits less often; with less it works as well */
  done = CALL3(fcntl, ends[0], F_SETFL, O_NONBLOCK);
  if (done >= 0) done = CALL3(fchown, ends[1], shim->user, shim->user);
  if (done < 0) return trouble(shim, STEP_PIPES, done), 0;
  return 1;
}

static int note_started(struct shim *shim) {
  char line[LINE_MOST + 1];
  u64 size = text_size(shim->job.id);
  memcpy(line, shim->job.id, size);
  line[size] = '\n';
  long done = make_file("started", line, size + 1);
  if (done >= 0) return 1;
  return trouble(shim, STEP_STARTED, done), 0;
}

static int send_job(struct shim *shim) {
  struct order order = {'J', shim->job.is_stopped ? 's' : 'd', {0}, shim->job.limit};
  struct { struct cmsghdr head; int fd[FDS]; } control = {{sizeof control, SOL_SOCKET, SCM_RIGHTS}, {0}};
  memcpy(control.fd, shim->to_pid_1, sizeof control.fd);
  struct iovec part = {&order, sizeof order};
  struct msghdr message = {NULL, 0, 0, &part, 1, &control, sizeof control, 0, 0};
  long done = CALL3(sendmsg, shim->socket, &message, MSG_NOSIGNAL);
  if (done == sizeof order) return 1;
  CALL4(openat, AT_FDCWD, "started", O_WRONLY | O_TRUNC | O_CLOEXEC, 0); /* it cannot have begun */
  return trouble(shim, STEP_SEND, done < 0 ? done : -EIO), 0;
}

static void hand_over(struct shim *shim) {
  static const int done_with[] = {FD_LAUNCH, FD_STDIN, FD_EXIT, FD_OUT_WRITE, FD_ERR_WRITE};
  if (!open_files(shim) || !make_pipe(shim, FD_OUT_READ) || !make_pipe(shim, FD_ERR_READ)) return;
  if (!note_started(shim)) return;
  if (!send_job(shim)) return;
  shim->is_handed_over = 1;
  tell(shim, 's');
  for (u32 n = 0; n < sizeof done_with / sizeof *done_with; n += 1) CALL1(close, shim->to_pid_1[done_with[n]]);
  if (shim->is_term_due) order(shim, 'T');
}

/* ---- What is heard. ---- */

static void kill_init(struct shim *shim) {
  if (shim->is_ready && !shim->is_init_gone) CALL4(pidfd_send_signal, shim->init_handle, SIGKILL, 0, 0);
}

/* Holds the FIFO itself from now on: that its server is gone no longer matters, and another one can open it. */
static void keep_go(struct shim *shim) {
  long go = CALL3(openat, AT_FDCWD, "go", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (go < 0) return trouble(shim, STEP_GO, go);
  CALL1(close, shim->go);
  shim->go = (int)go;
}

static int begins(const char *text, const char *with) {
  while (*with && *text == *with) text += 1, with += 1;
  return !*with;
}

/* `line` ends with a NUL. The one of the job stays where it is. */
static int obey(struct shim *shim, char *line) {
  if (begins(line, "term") && !line[4]) {
    if (shim->is_handed_over) order(shim, 'T');
    shim->is_term_due = 1;
    return 0;
  }
  if (shim->has_job) return 0;
  if (begins(line, "warm") && !line[4]) return execute(shim), 0;
  static char kept[LINE_MOST];
  memcpy(kept, line, text_size(line) + 1);
  if (!job_parse(kept, &shim->job)) return trouble(shim, STEP_LINE, -EPROTO), 0;
  shim->has_job = 1;
  keep_go(shim);
  execute(shim);
  if (shim->is_standing && !shim->is_unwanted) hand_over(shim);
  return 0;
}

static void read_lines(struct shim *shim) {
  long got = CALL3(read, shim->go, shim->line + shim->line_size, LINE_MOST - shim->line_size);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got <= 0) {
    if (!shim->has_job) shim->is_unwanted = 1;
    CALL1(close, shim->go);
    shim->go = -1;
    return;
  }
  shim->line_size += (u64)got;
  u64 begin = 0;
  for (u64 at = 0; at < shim->line_size; at += 1) {
    if (shim->line[at] != '\n') continue;
    shim->line[at] = 0;
    obey(shim, shim->line + begin);
    begin = at + 1;
  }
  shim->line_size -= begin;
  memmove(shim->line, shim->line + begin, shim->line_size);
  if (shim->line_size < LINE_MOST) return;
  shim->line_size = 0;
  if (!shim->has_job) trouble(shim, STEP_LINE, -E2BIG);
}

static void ready(struct shim *shim, int pid) {
  long handle = CALL2(pidfd_open, pid, 0);
  if (handle < 0) return trouble(shim, STEP_SEEN, handle);
  shim->init = pid;
  shim->init_handle = (int)handle;
  shim->is_ready = 1;
}

/*
 * Whether nothing but pid 1 is left in the groups: what the runtime leaves behind for a moment comes to the shim and counts
 * until it is reaped, and so the next look is due when it is.
 */
static int is_alone(const struct shim *shim) {
  return count_in_groups(shim->view, shim->name) <= 1;
}

/* Pid 1 waits, and the runtime, which counted with it in the groups, has ended well. */
static void stand(struct shim *shim) {
  shim->is_standing = 1;
  long done = shim->child_status ? -EPROTO : note_sandbox(shim->init);
  if (done < 0) return trouble(shim, STEP_SEEN, done);
  tell(shim, 'r');
  if (shim->has_job) hand_over(shim);
}

struct credentials { int pid; u32 user, group; };

static void hear(struct shim *shim) {
  struct { struct cmsghdr head; struct credentials who; u32 pad; } control;
  u8 what[2] = {0, 0};
  struct iovec part = {what, sizeof what};
  struct msghdr message = {NULL, 0, 0, &part, 1, &control, sizeof control, 0, 0};
  long got = CALL3(recvmsg, shim->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got <= 0) {
    CALL1(close, shim->socket);
    shim->socket = -1;
    return;
  }
  int is_known = message.control_size >= sizeof control.head + sizeof control.who && control.head.type == SCM_CREDENTIALS;
  if (what[0] == 'J') tell(shim, 'w');
  else if (what[0] == 'F') trouble(shim, STEP_GROUPS, -(long)what[1]);
  else if (what[0] == 'R' && is_known && shim->is_executed && !shim->is_ready) ready(shim, control.who.pid);
}

static void reap(struct shim *shim) {
  u8 infos[512];
  while (CALL3(read, shim->signals, infos, sizeof infos) > 0);
  for (;;) {
    int status = 0;
    long pid = CALL4(wait4, -1, &status, WNOHANG | WALL, 0);
    if (pid == -EINTR) continue;
    if (pid <= 0) return;
    if (pid == shim->child) {
      shim->child = 0;
      shim->child_status = status;
    } else if (shim->is_ready && pid == shim->init) {
      shim->init_status = status;
      shim->was_reaped = shim->is_init_gone = 1;
    }
  }
}

/* ---- Until it is over. ---- */

static void await(struct shim *shim) {
  struct pollfd fds[] = {
    {shim->go, POLLIN, 0},
    {shim->socket, POLLIN, 0},
    {shim->signals, POLLIN, 0},
    {shim->is_ready && !shim->is_init_gone ? shim->init_handle : -1, POLLIN, 0},
  };
  if (CALL5(ppoll, fds, sizeof fds / sizeof *fds, NULL, 0, 8) < 0) return; /* EINTR: no other can be */
  if (fds[0].revents) read_lines(shim);
  if (fds[1].revents) hear(shim);
  if (fds[2].revents) reap(shim);
  if (fds[3].revents) {
    reap(shim);
    shim->is_init_gone = 1;
  }
}

/* Pid 1 is gone, and the runtime; or there never was one. */
static int is_over(const struct shim *shim) {
  if (shim->child) return 0;
  return shim->is_ready ? shim->is_init_gone : !shim->is_executed || shim->socket < 0 || shim->child_status != 0;
}

static void supervise(struct shim *shim) {
  /* Before a first writer no end of file can be waited for: who asked may be gone already. */
  read_lines(shim);
  while (!is_over(shim)) {
    if (shim->is_unwanted) {
      kill_init(shim);
      /* The child that still waits ends when nobody is at the other end. */
      if (!shim->is_executed && shim->socket >= 0) {
        CALL1(close, shim->socket);
        shim->socket = -1;
      }
    }
    await(shim);
    if (shim->is_ready && !shim->child && !shim->is_standing && !shim->is_unwanted && is_alone(shim)) stand(shim);
  }
}

/* ---- The end. ---- */

/* Stores what pid 1 left in the pipes, and gives the index what it lacks. */
static void drain(struct shim *shim) {
  static const int files[2] = {FD_OUT, FD_ERR}, pipes[2] = {FD_OUT_READ, FD_ERR_READ};
  struct output *output = &shim->output;
  u64 before = 0;
  for (int n = 0; n < 2; n += 1) {
    output->stream[n].pipe = shim->to_pid_1[pipes[n]];
    output->stream[n].file = shim->to_pid_1[files[n]];
    output->stream[n].limit = shim->job.limit;
    output->stream[n].dropped = &shim->dropped[n];
  }
  output->index = shim->to_pid_1[FD_INDEX];
  long done = output_open(output);
  if (done < 0) {
    shim->note.error = (u32)-done;
    return;
  }
  before = output->stream[0].size + output->stream[1].size + output->end[0] + output->end[1];
  for (int n = 0; n < 2; n += 1) {
    struct stream *stream = &output->stream[n];
    while (stream->pipe >= 0 && output_move(output, n, clock_ns(CLOCK_MONOTONIC)) > 0);
    if (stream->is_over) shim->note.flags |= (u8)(n == 0 ? SHIM_OUT_OVER : SHIM_ERR_OVER);
    if (stream->error) shim->note.error = stream->error;
    shim->note.dropped[n] = shim->dropped[n];
    shim->note.stored[n] = stream->size;
  }
  output_record(output, clock_ns(CLOCK_MONOTONIC), 1);
  if (output->error) shim->note.error = output->error;
  u64 after = output->stream[0].size + output->stream[1].size + output->end[0] + output->end[1];
  if (after != before) shim->note.flags |= SHIM_DRAINED;
}

static void tell_end(struct shim *shim) {
  struct shim_note *note = &shim->note;
  note->version = '1';
  note->status = -1;
  if (!note->kind) note->kind = shim->is_unwanted ? SHIM_UNWANTED : shim->is_ready ? SHIM_SANDBOX : SHIM_RUNTIME;
  if (shim->was_reaped) note->status = shim->init_status;
  else if (shim->is_executed && !shim->is_ready) note->status = shim->child_status;
  note->ended = (u64)clock_ns(CLOCK_REALTIME) / 1000;
  note->ended_boot = (u64)clock_ns(CLOCK_BOOTTIME) / 1000;
  long fd = CALL3(openat, AT_FDCWD, "exit", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) write_at((int)fd, note, sizeof *note, SHIM_NOTE_AT); /* its room is there; without it the job is lost */
}

static u32 number_of(const char *text) {
  u32 number = 0;
  for (; *text >= '0' && *text <= '9'; text += 1) number = number * 10 + (u32)(*text - '0');
  return number;
}

int shim_role(char **arguments, char **environment) {
  static struct shim shim;
  char path[PATH_MOST];
  shim.name = arguments[0];
  shim.view = arguments[1];
  shim.user = number_of(arguments[2]);
  shim.runtime = arguments + 3;
  shim.environment = environment;
  shim.alive = shim.go = shim.signals = shim.socket = shim.init_handle = -1;
  if (take_signals(&shim) && open_place(&shim) && fork_child(&shim)) supervise(&shim);
  if (shim.is_handed_over) drain(&shim);
  if (shim.is_executed) {
    JOIN(path, shim.view, "/state/", shim.name);
    remove_folder(path);
  }
  tell_end(&shim);
  return 0;
}
