/*
 * A way to a port of the job that leads through no network. A child of the shim enters the network namespace of pid 1 by
 * its handle, so that no process id is trusted, and passes on what comes, until one of them is gone.
 */
#include "place.h"
#include "shim.h"

enum { AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_NONBLOCK = 04000, SHUT_WR = 1, PR_SET_PDEATHSIG = 1 };
enum { POLLOUT = 4, POLLHUP = 0x10, EISCONN = 106, EALREADY = 114, EINPROGRESS = 115 };
#define CLONE_NEWNET 0x40000000UL

struct local { u16 family; char path[108]; };
struct inet { u16 family; u8 port[2], address[4], zero[8]; };
struct inet6 { u16 family; u8 port[2]; u32 flow; u8 address[16]; u32 scope; };

/* What came from one end and has not gone to the other. */
enum { ROOM = 1 << 16 };
struct way {
  int from, to;
  u32 at, size;
  int is_ended; /* nothing more comes; what was left has gone, and the other end knows */
  u8 bytes[ROOM];
};

/* The server listens in the folder of the job, in which this process stands. */
static int reach_server(u64 number) {
  struct local to = {AF_UNIX, {0}};
  char path[PATH_MOST], digits[DIGITS];
  digits_of(number, digits);
  JOIN(path, "connect-", digits);
  u64 size = text_size(path);
  memcpy(to.path, path, size);
  long socket = CALL3(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 || CALL3(connect, socket, &to, sizeof to.family + size + 1) < 0) leave(1);
  CALL3(fcntl, socket, F_SETFL, O_NONBLOCK);
  return (int)socket;
}

/* Waits for that; the process ends where pid 1 does, or the server goes. */
static void await_dial(int init, int server, int socket) {
  struct pollfd fds[] = {{socket, POLLOUT, 0}, {init, POLLIN, 0}, {server, 0, 0}};
  CALL5(ppoll, fds, sizeof fds / sizeof *fds, NULL, 0, 8);
  if (fds[1].revents || fds[2].revents) leave(1);
}

static long dial(int init, int server, int family, const void *address, u32 size) {
  long socket = CALL3(socket, family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return socket;
  for (;;) {
    long done = CALL3(connect, socket, address, size);
    if (done >= 0 || done == -EISCONN) return socket;
    if (done != -EINPROGRESS && done != -EALREADY && done != -EINTR) return CALL1(close, socket), done;
    await_dial(init, server, (int)socket);
  }
}

/* By whichever of the two loopback addresses somebody listens; else what the first has answered. */
static long reach_job(int init, int server, u32 port) {
  u8 high = (u8)(port >> 8), low = (u8)port;
  struct inet four = {AF_INET, {high, low}, {127, 0, 0, 1}, {0}};
  struct inet6 six = {AF_INET6, {high, low}, 0, {[15] = 1}, 0};
  long done = CALL2(setns, init, CLONE_NEWNET);
  if (done < 0) return done;
  done = dial(init, server, AF_INET, &four, sizeof four);
  if (done >= 0) return done;
  long other = dial(init, server, AF_INET6, &six, sizeof six);
  return other >= 0 ? other : done;
}

static int has_more(const struct way *way) { return way->at < way->size; }

/* Takes in what has come, where all before has gone on, and passes on what the other end takes. False where one is broken. */
static int move(struct way *way) {
  if (!has_more(way) && !way->is_ended) {
    long got = CALL3(read, way->from, way->bytes, ROOM);
    if (got == -EAGAIN || got == -EINTR) return 1;
    if (got < 0) return 0;
    way->at = 0;
    way->size = (u32)got;
    way->is_ended = got == 0;
    if (way->is_ended) return CALL2(shutdown, way->to, SHUT_WR) >= 0;
  }
  if (!has_more(way)) return 1;
  long sent = CALL6(sendto, way->to, way->bytes + way->at, way->size - way->at, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0);
  if (sent > 0) way->at += (u32)sent;
  return sent > 0 || sent == -EAGAIN || sent == -EINTR;
}

/* What is waited for at an end from which `in` comes and to which `out` goes. */
static short wanted(const struct way *in, const struct way *out) {
  return (short)((!has_more(in) && !in->is_ended ? POLLIN : 0) | (has_more(out) ? POLLOUT : 0));
}

static void pass_on(int init, int server, int job) {
  static struct way out, back;
  out.from = back.to = server;
  out.to = back.from = job;
  while (!out.is_ended || !back.is_ended) {
    short of_server = wanted(&out, &back), of_job = wanted(&back, &out);
    /* An end of which nothing is wanted could only tell again and again that it is gone. The server's is watched for that. */
    struct pollfd fds[] = {
      {of_server || out.is_ended ? server : -1, of_server, 0}, {of_job ? job : -1, of_job, 0}, {init, POLLIN, 0},
    };
    if (CALL5(ppoll, fds, sizeof fds / sizeof *fds, NULL, 0, 8) < 0) continue;
    if (fds[2].revents) return;
    if (out.is_ended && fds[0].revents & POLLHUP) return;
    if (!move(&out) || !move(&back)) return;
  }
}

/* Of the shim only the handle of pid 1 is kept: whoever hears of the end of the shim by its descriptors shall hear it. */
static void relay(int init, u64 number, u32 port) {
  enum { HANDLE = 3 };
  CALL5(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (init != HANDLE && CALL3(dup3, init, HANDLE, O_CLOEXEC) < 0) leave(1);
  CALL3(close_range, HANDLE + 1, ~0U, 0);
  int server = reach_server(number);
  long job = reach_job(HANDLE, server, port);
  u8 answer = job < 0 ? (u8)-job : 0;
  if (CALL6(sendto, server, &answer, 1, MSG_NOSIGNAL, 0, 0) == 1 && job >= 0) pass_on(HANDLE, server, (int)job);
  leave(0);
}


void connect_to(struct shim *shim, char *line) {
  u64 number, port;
  u32 free = 0;
  while (free < WAYS_MOST && shim->ways[free]) free += 1;
  if (!shim->is_handed_over || shim->is_init_gone || free == WAYS_MOST || !connect_parse(line, &number, &port)) return;
  long done = fork_process();
  if (done == 0) relay(shim->init_handle, number, (u32)port);
  if (done > 0) shim->ways[free] = (int)done;
}

void forget_way(struct shim *shim, int pid) {
  for (u32 n = 0; n < WAYS_MOST; n += 1)
    if (shim->ways[n] == pid) shim->ways[n] = 0;
}
