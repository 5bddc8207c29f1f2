/* What pid 1 needs for its job, and the message that brings it there. */
#include "place.h"
#include "shim.h"

enum { PIPE_SIZE = 256 << 10 };

/* Only standard input may be a link, to a file that the server put there instead of bytes: in a folder of root's alone. */
static int open_given(struct shim *shim, int which, const char *path, int how, u32 step) {
  long fd = CALL4(openat, AT_FDCWD, path, how | O_CLOEXEC, 0600);
  if (fd < 0) return trouble(shim, step, fd), 0;
  shim->to_pid_1[which] = (int)fd;
  return 1;
}

static int open_files(struct shim *shim) {
  const struct job *job = &shim->job;
  char path[PATH_MOST];
  JOIN(path, shim->view, "/sealed/", job->id, "/stdin");
  return open_given(shim, FD_LAUNCH, "launch", O_RDONLY | O_NOFOLLOW, STEP_LAUNCH) &&
         open_given(shim, FD_STDIN, path, O_RDONLY, STEP_STDIN) &&
         open_given(shim, FD_EXIT, "exit", O_RDWR | O_NOFOLLOW, STEP_FILES) &&
         open_given(shim, FD_OUT, job->file[0], O_WRONLY | O_CREAT | O_NOFOLLOW, STEP_OUTPUT) &&
         open_given(shim, FD_ERR, job->file[1], O_WRONLY | O_CREAT | O_NOFOLLOW, STEP_OUTPUT) &&
         open_given(shim, FD_INDEX, job->index, O_RDWR | O_CREAT | O_NOFOLLOW, STEP_OUTPUT);
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

void hand_over(struct shim *shim) {
  static const int done_with[] = {FD_LAUNCH, FD_STDIN, FD_EXIT, FD_OUT_WRITE, FD_ERR_WRITE};
  if (!open_files(shim) || !make_pipe(shim, FD_OUT_READ) || !make_pipe(shim, FD_ERR_READ)) return;
  if (!lay_over(shim) || !give_secrets(shim)) return;
  if (!note_started(shim)) return;
  if (!send_job(shim)) return;
  shim->is_handed_over = 1;
  tell(shim, 's');
  for (u32 n = 0; n < sizeof done_with / sizeof *done_with; n += 1) CALL1(close, shim->to_pid_1[done_with[n]]);
  if (shim->is_term_due) order(shim, 'T');
}
