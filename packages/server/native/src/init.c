/* Pid 1 of a sandbox: waits for one order, starts the command, moves its output, reaps, ends with it. */
#include "output.h"
#include "roles.h"

enum { SOCKET = 3 };
/* How long what cannot be killed is waited for before the end is told: the kernel goes on waiting when pid 1 ends. */
#define PATIENCE (2 * SECOND)

struct init {
  int fd[FDS];
  int signals;
  int has_socket;
  long main;
  i64 deadline; /* when main has ended, or is to: for the rest; else 0 */
  int stops;    /* at the limit of its output */
  volatile struct init_note *note;
  struct output output;
};

/* Codes with which pid 1 ends where it has no note to write on yet: 64 and the step. */
static void require(long result, int step) {
  if (result < 0) leave(64 + step);
}

/* Makes this process ready to wait; returns the descriptor of its children's signals. */
static int settle(void) {
  require(CALL5(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), 1);
  require(CALL3(close_range, SOCKET + 1, ~0U, 0), 2);
  require(CALL3(fcntl, SOCKET, F_SETFD, FD_CLOEXEC), 3);
  /* What the runtime had as 0, 1, 2 goes, and nothing else gets these numbers. */
  for (int fd = 0; fd < 3; fd += 1) require(CALL3(dup3, SOCKET, fd, 0), 4);
  u64 children = 1UL << (SIGCHLD - 1);
  require(set_mask(SIG_SETMASK, children), 5);
  long signals = CALL4(signalfd4, -1, &children, 8, O_CLOEXEC | O_NONBLOCK);
  require(signals, 6);
  require(CALL6(sendto, SOCKET, "R", 1, MSG_NOSIGNAL, 0, 0), 7);
  return (int)signals;
}

/* Waits for the order. False when there will be none. */
static int receive(struct init *init, struct order *order) {
  struct { struct cmsghdr head; int fd[FDS + 2]; } control;
  struct iovec part = {order, sizeof *order};
  struct msghdr message = {NULL, 0, 0, &part, 1, &control, sizeof control.head + sizeof init->fd, 0, 0};
  long got;
  do got = CALL3(recvmsg, SOCKET, &message, MSG_CMSG_CLOEXEC);
  while (got == -EINTR);
  if (got <= 0) return 0;
  if (got == 1 && order->kind == 'T') leave(0);
  int is_whole = got == sizeof *order && order->kind == 'J' && !(message.flags & (MSG_CTRUNC | MSG_TRUNC)) &&
                 message.control_size >= sizeof control.head && control.head.level == SOL_SOCKET &&
                 control.head.type == SCM_RIGHTS && control.head.size == sizeof control.head + sizeof init->fd;
  if (!is_whole) leave(64 + 8);
  memcpy(init->fd, control.fd, sizeof init->fd);
  return 1;
}

static void *memory(u64 size, int fd) {
  int how = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  long at = CALL6(mmap, 0, size, PROT_READ | PROT_WRITE, how, fd, 0);
  return is_error(at) ? NULL : (void *)at;
}

static void open_output(struct init *init, u64 limit) {
  static const int files[2] = {FD_OUT, FD_ERR}, pipes[2] = {FD_OUT_READ, FD_ERR_READ};
  struct output *output = &init->output;
  for (int n = 0; n < 2; n += 1) {
    output->stream[n].pipe = init->fd[pipes[n]];
    output->stream[n].file = init->fd[files[n]];
    output->stream[n].limit = limit;
    output->stream[n].dropped = &init->note->dropped[n];
  }
  output->index = init->fd[FD_INDEX];
  require(output_open(output), 10);
}

struct message { u8 *data; char **slots; u64 size, slots_size; };

/* The message in memory of our own; 0 when all is well. */
static u32 read_message(const struct init *init, struct message *message, struct launch *launch) {
  int fd = init->fd[FD_LAUNCH];
  long size = CALL3(lseek, fd, 0, SEEK_END);
  if (size < LAUNCH_HEAD || size > LAUNCH_MOST) return EPROTO;
  u8 *data = message->data = memory((u64)size, -1);
  if (!data) return EAGAIN;
  message->size = (u64)size;
  for (long done = 0; done < size;) {
    long got = CALL4(pread64, fd, data + done, size - done, done);
    if (got == -EINTR) continue;
    if (got <= 0) return got < 0 ? (u32)-got : EPROTO;
    done += got;
  }
  u64 slots = launch_slots(data, message->size);
  if (slots == 0) return EPROTO;
  message->slots_size = slots * sizeof *message->slots;
  message->slots = memory(message->slots_size, -1);
  if (!message->slots) return EAGAIN;
  return launch_parse(data, message->size, message->slots, launch) ? 0 : EPROTO;
}

/* Pid 1 lives as long as its job: what only the command needed goes. */
static void forget(const struct init *init, const struct message *message) {
  static const int done_with[] = {FD_LAUNCH, FD_STDIN, FD_EXIT};
  if (message->data) CALL2(munmap, message->data, message->size);
  if (message->slots) CALL2(munmap, message->slots, message->slots_size);
  for (u32 n = 0; n < sizeof done_with / sizeof *done_with; n += 1) CALL1(close, init->fd[done_with[n]]);
}

/* In the child: its descriptors, then the command. */
static void command(const struct init *init, const struct launch *launch) {
  static const int given[3] = {FD_STDIN, FD_OUT_WRITE, FD_ERR_WRITE};
  volatile struct failure *failure = &init->note->failure;
  for (int n = 0; n < 3; n += 1) {
    long done = CALL3(dup3, init->fd[given[n]], n, 0);
    if (done >= 0) continue;
    failure->error = (u32)-done;
    failure->part = PART_PROCESS;
    leave(126);
  }
  become_command(launch, failure);
}

static void now_is(volatile u64 *wall, volatile u64 *boot) {
  *wall = (u64)clock_ns(CLOCK_REALTIME) / 1000;
  *boot = (u64)clock_ns(CLOCK_BOOTTIME) / 1000;
}

static void ended(struct init *init, u8 kind, u8 code) {
  volatile struct init_note *note = init->note;
  now_is(&note->ended, &note->ended_boot);
  note->code = code;
  note->kind = kind;
}

static void failed(struct init *init, u32 part, u32 error) {
  init->note->failure.part = part;
  init->note->failure.error = error;
  ended(init, KIND_FAILED, 0);
}

static void start(struct init *init) {
  struct launch launch;
  struct message message = {NULL, NULL, 0, 0};
  u32 error = read_message(init, &message, &launch);
  now_is(&init->note->started, &init->note->started_boot);
  long child = error ? 0 : fork_process();
  if (!error && child == 0) command(init, &launch);
  if (error) failed(init, PART_MESSAGE, error);
  else if (child < 0) failed(init, PART_PROCESS, (u32)-child);
  else init->main = child;
  forget(init, &message);
}

static void main_ended(struct init *init, int status) {
  int signal = status & 127;
  init->main = 0;
  if (init->note->failure.part) return ended(init, KIND_FAILED, 0);
  if (signal == 0) return ended(init, KIND_EXITED, (u8)(status >> 8 & 255));
  if (status & 128) init->note->flags |= ENDED_CORE;
  ended(init, KIND_SIGNALED, (u8)signal);
}

/* Takes up all that have ended. False when no process is left. */
static int reap(struct init *init) {
  for (;;) {
    int status = 0;
    long pid = CALL4(wait4, -1, &status, WNOHANG | WALL, 0);
    if (pid == 0) return 1;
    if (pid == -EINTR) continue;
    if (pid < 0) return 0;
    if (pid == init->main) main_ended(init, status);
  }
}

static void heed(struct init *init) {
  char order = 0;
  long got = CALL3(read, SOCKET, &order, 1);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got <= 0) init->has_socket = 0;
  else if (order == 'T' && init->main > 0) CALL2(kill, init->main, SIGTERM);
}

static void clear_signals(int fd) {
  u8 infos[512];
  while (CALL3(read, fd, infos, sizeof infos) > 0);
}

/* Moves once from a stream, and tells what has become of it. Whether anything came. */
static int move_output(struct init *init, int which, i64 now) {
  struct stream *stream = &init->output.stream[which];
  if (stream->pipe < 0) return 0;
  long moved = output_move(&init->output, which, now);
  if (stream->is_over) init->note->flags |= which == 0 ? ENDED_OUT_OVER : ENDED_ERR_OVER;
  if (stream->error) init->note->output_error = stream->error;
  return moved > 0;
}

enum { WAKE_SOCKET, WAKE_SIGNALS, WAKE_OUTPUT, WAKES = WAKE_OUTPUT + 2 };

/* Sleeps until something is to be done, `most` ns at the longest where it is not 0. */
static void await(const struct init *init, struct pollfd wakes[WAKES], i64 now, i64 most) {
  wakes[WAKE_SOCKET] = (struct pollfd){init->has_socket ? SOCKET : -1, POLLIN, 0};
  wakes[WAKE_SIGNALS] = (struct pollfd){init->signals, POLLIN, 0};
  for (int n = 0; n < 2; n += 1) {
    const struct stream *stream = &init->output.stream[n];
    i64 rest = init->deadline ? 0 : stream->moved + stream->pause - now;
    wakes[WAKE_OUTPUT + n] = (struct pollfd){rest > 0 ? -1 : stream->pipe, POLLIN, 0};
    if (stream->pipe >= 0 && rest > 0 && (most == 0 || rest < most)) most = rest;
  }
  struct timespec patience = {most / SECOND, most % SECOND};
  CALL5(ppoll, wakes, WAKES, most ? &patience : NULL, 0, 8); /* where it fails nothing is awake */
}

/* Whether a stream went over its limit, and the job ends by that. Nobody else is needed for it, nor has to be there. */
static int is_cut_off(const struct init *init) {
  return init->stops && (init->output.stream[0].is_over || init->output.stream[1].is_over);
}

/* Main runs: what comes is moved, told and recorded. */
static void supervise(struct init *init) {
  struct pollfd wakes[WAKES];
  i64 wait = 0, now = clock_ns(CLOCK_MONOTONIC);
  while (init->main > 0 && !is_cut_off(init)) {
    await(init, wakes, now, wait);
    now = clock_ns(CLOCK_MONOTONIC);
    for (int n = 0; n < 2; n += 1)
      if (wakes[WAKE_OUTPUT + n].revents) move_output(init, n, now);
    wait = output_record(&init->output, now, 0);
    if (wakes[WAKE_SOCKET].revents) heed(init);
    if (!wakes[WAKE_SIGNALS].revents) continue;
    clear_signals(init->signals);
    reap(init);
  }
  init->deadline = clock_ns(CLOCK_MONOTONIC) + PATIENCE;
}

/*
 * Ending takes the kernel a while, and who has just been told of the end may have to wait for this processor: so the shim
 * comes first, and lets go of the socket when it has told the server. One that does not move keeps nobody here.
 */
static void linger(const struct init *init) {
  struct pollfd shim = {SOCKET, 0, 0}; /* only whether somebody is at the other end */
  struct timespec patience = {0, 20 * MS};
  if (init->has_socket) CALL5(ppoll, &shim, 1, &patience, 0, 8);
}

/* Main has ended, or has gone over its limit: so does everything else, and what it wrote is stored. */
static void finish(struct init *init) {
  struct pollfd wakes[WAKES];
  for (;;) {
    int is_alone = !reap(init);
    /* Whoever is left is a child of this process: what has lost its parent comes to it. */
    if (!is_alone) {
      CALL2(kill, -1, SIGKILL); /* all that is left */
      is_alone = !reap(init);
    }
    i64 now = clock_ns(CLOCK_MONOTONIC);
    int any = move_output(init, 0, now) | move_output(init, 1, now);
    if (is_alone && !any) break;
    if (now > init->deadline) return;
    if (any) continue;
    await(init, wakes, now, 10 * MS);
    clear_signals(init->signals);
  }
  /* What has no place in the index yet the shim gives it, from the sizes of the files. */
  if (output_record(&init->output, clock_ns(CLOCK_MONOTONIC), 1) != 0) return;
  init->note->flags |= ENDED_COMPLETE;
  /* Nothing of the job is left but this process. What the kernel takes down with it nobody has to wait for. */
  CALL6(sendto, SOCKET, "E", 1, MSG_NOSIGNAL, 0, 0);
  linger(init);
}

int init_role(void) {
  static struct init init;
  static struct order order;
  /* It kills all that it can see. */
  if (CALL0(getpid) != 1) return 2;
  init.signals = settle();
  init.has_socket = 1;
  if (!receive(&init, &order)) return 0;
  require(CALL3(fcntl, SOCKET, F_SETFL, O_NONBLOCK), 9);
  init.note = memory(EXIT_SIZE, init.fd[FD_EXIT]);
  if (!init.note) return 64 + 11;
  open_output(&init, order.limit);
  init.stops = order.mode == 's';
  init.note->version = '1';
  start(&init);
  long done = filter_self();
  if (done < 0 && init.main > 0) {
    CALL2(kill, init.main, SIGKILL);
    failed(&init, PART_PROCESS, (u32)-done);
    init.main = 0;
  }
  supervise(&init);
  finish(&init);
  u8 kind = init.note->kind, code = init.note->code;
  return kind == KIND_EXITED ? code : kind == KIND_SIGNALED ? 128 + code : 127;
}
