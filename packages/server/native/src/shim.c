/*
 * The process outside a sandbox: holds a prepared place, starts the runtime when told to, hands the job to pid 1, and
 * tells how it ended.
 */
#include "place.h"
#include "shim.h"

/* ---- The beginning. ---- */

static int open_place(struct shim *shim) {
  char path[PATH_MOST];
  u8 room[EXIT_SIZE] = {'-'};
  JOIN(path, shim->view, "/jobs/", shim->name);
  long done = CALL1(chdir, path);
  if (done < 0) return trouble(shim, STEP_FOLDER, done), 0;
  /* First of all: who waits there for a first writer would wait for ever. */
  long alive = CALL3(openat, AT_FDCWD, "alive", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (alive < 0) return trouble(shim, STEP_ALIVE, alive), 0;
  shim->alive = (int)alive;
  long go = CALL3(openat, AT_FDCWD, "go", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (go < 0) return trouble(shim, STEP_GO, go), 0;
  shim->go = (int)go;
  long files = make_file("exit", room, sizeof room);
  if (files == 0) files = make_file("started", "", 0);
  if (files == 0) files = make_file("seen", "-", 1);
  if (files == 0) files = make_file("runtime.log", "", 0);
  if (files < 0) return trouble(shim, STEP_FILES, files), 0;
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
  if (done == 0) become_runtime(shim, ends[1]);
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
static void obey(struct shim *shim, char *line) {
  if (begins(line, "term") && !line[4]) {
    if (shim->is_handed_over) order(shim, 'T');
    shim->is_term_due = 1;
    return;
  }
  if (begins(line, "connect\t")) return connect_to(shim, line);
  if (shim->has_job) return;
  if (begins(line, "warm") && !line[4]) return execute(shim);
  if (begins(line, "overlay\t")) {
    static char folders[LINE_MOST];
    memcpy(folders, line, text_size(line) + 1);
    if (!overlay_parse(folders, &shim->overlay)) trouble(shim, STEP_LINE, -EPROTO);
    return;
  }
  if (begins(line, "secrets\t")) {
    if (!secrets_parse(line, &shim->secrets_size)) trouble(shim, STEP_LINE, -EPROTO);
    return;
  }
  static char kept[LINE_MOST];
  memcpy(kept, line, text_size(line) + 1);
  if (!job_parse(kept, &shim->job)) return trouble(shim, STEP_LINE, -EPROTO);
  shim->has_job = 1;
  keep_go(shim);
  execute(shim);
  if (shim->is_standing && !shim->is_unwanted) hand_over(shim);
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

/* Pid 1 waits, and the runtime, which counted with it in the groups, has ended well. */
static void stand(struct shim *shim) {
  shim->is_standing = 1;
  /* A runtime shares the network of who starts it where it is to join one: that must not have been the host's. */
  if (!has_own_network(shim->init)) return trouble(shim, STEP_NETWORK, -EPROTO);
  long done = shim->child_status ? -EPROTO : note_sandbox(shim->init);
  if (done < 0) return trouble(shim, STEP_SEEN, done);
  open_counters(shim);
  tell(shim, 'r');
  if (shim->has_job) hand_over(shim);
}

struct credentials { int pid; u32 user, group; };

/* Pid 1 has told all that is to be told of the job, and is alone. It goes when nobody is at this end any more. */
static void main_ended(struct shim *shim) {
  note_usage(shim);
  tell(shim, 'e');
  CALL1(close, shim->socket);
  shim->socket = -1;
}

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
  else if (what[0] == 'N') trouble(shim, STEP_NETWORK, -(long)what[1]);
  else if (what[0] == 'E' && shim->is_handed_over) main_ended(shim);
  else if (what[0] == 'R' && is_known && shim->is_executed && !shim->is_ready) ready(shim, control.who.pid);
}

enum { STOPPED = 0x7f }; /* the low byte of the status of a process that has not ended */

/* A sandbox that somebody has stopped before its job came is of no use: it would never begin. */
static void reap(struct shim *shim) {
  u8 infos[512];
  while (CALL3(read, shim->signals, infos, sizeof infos) > 0);
  for (;;) {
    int status = 0;
    long pid = CALL4(wait4, -1, &status, WNOHANG | WALL | WUNTRACED, 0);
    if (pid == -EINTR) continue;
    if (pid <= 0) return;
    if ((status & 255) == STOPPED) {
      if (shim->is_ready && pid == shim->init && !shim->is_handed_over) trouble(shim, STEP_STOPPED, 0);
      continue;
    }
    if (pid == shim->child) {
      shim->child = 0;
      shim->child_status = status;
    } else if (shim->is_ready && pid == shim->init) {
      shim->init_status = status;
      shim->was_reaped = shim->is_init_gone = 1;
    } else {
      forget_way(shim, (int)pid);
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
    /* A runtime that detaches leaves a process that is about to end, and counts until then: SIGCHLD tells of it. */
    int is_alone = shim->is_ready && !shim->child && !shim->is_standing && is_only_child(shim->init);
    if (is_alone && !shim->is_unwanted) stand(shim);
  }
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
  if (open_place(&shim) && take_signals(&shim) && fork_child(&shim)) supervise(&shim);
  if (shim.is_handed_over) {
    drain(&shim);
    note_usage(&shim);
  }
  if (shim.is_executed) {
    JOIN(path, shim.view, "/state/", shim.name);
    remove_folder(path);
  }
  tell_end(&shim);
  remove_groups(&shim);
  return 0;
}
