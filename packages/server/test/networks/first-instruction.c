/*
 * Tries with its first system calls to reach every target, each in its way, all at once, and says of each, by one letter in
 * their order, what came of it: `o` open, `x` refused or no way there, `r` no such socket or option is to be had, `-` nothing
 * in time. The test makes `targets.h`: of those that must answer it is waited for, of all others a little longer.
 */
#include "sys.h"

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  and $-16, %rsp\n"
        "  call begin\n");
#else
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, 0\n"
        "  mov x30, 0\n"
        "  bl begin\n");
#endif

enum { STREAM = 1, DATAGRAM = 2, RAW = 3, NONBLOCK = 04000, READABLE = 1, WRITABLE = 4, IN_PROGRESS = 115, AGAIN = 11 };
enum { INET = 2, ICMP = 1, ICMP6 = 58, ECHO = 8, ECHO6 = 128, LEVEL_IP = 0, LEVEL_IP6 = 41, OPTIONS = 4, ROUTING = 57 };
/* A tenth of a second each. */
enum { ROUNDS = 600, MORE_ROUNDS = 4 };
/* More than two links take at once. */
enum { LARGE = 4000 };
enum way { TCP, UDP, PARTS, RECORDED, PING, LOOSE, STRICT, ANY };
struct target { u32 way, must, family, size; u8 address[28]; };
static const struct target targets[] = {
#include "targets.h"
};
enum { COUNT = sizeof targets / sizeof *targets };
static char found[COUNT + 1];
static struct { int fd; u16 events, revents; } polled[COUNT];
static u8 large[LARGE];

static long socket_of(const struct target *to) {
  int is4 = to->family == INET, by_number = to->way == PING || to->way == ANY;
  u32 kind = to->way == TCP ? STREAM : to->way == ANY ? RAW : DATAGRAM;
  return CALL3(socket, to->family, kind | NONBLOCK, !by_number ? 0 : is4 ? ICMP : ICMP6);
}

/* The way that its packets are to take by their own word: over the target, whomever they are for. */
static long route_by(long fd, const struct target *to) {
  u8 routing[24] = {0, 2, 4, 1}, option[12] = {1, to->way == RECORDED ? 7 : to->way == LOOSE ? 131 : 137, 11, 4};
  if (to->way != RECORDED && to->way != LOOSE && to->way != STRICT) return 0;
  if (to->family == INET) {
    if (to->way != RECORDED) memcpy(option + 4, to->address + 4, 4);
    return CALL5(setsockopt, fd, LEVEL_IP, OPTIONS, option, sizeof option);
  }
  memcpy(routing + 8, to->address + 8, 16);
  return CALL5(setsockopt, fd, LEVEL_IP6, ROUTING, routing, sizeof routing);
}

static void ask(const struct target *to, int fd) {
  u8 echo[8] = {to->family == INET ? ECHO : ECHO6, [7] = 1};
  if (to->way == PING || to->way == ANY) CALL6(sendto, fd, echo, sizeof echo, 0, 0, 0);
  else if (to->way != TCP) CALL6(sendto, fd, large, to->way == PARTS ? LARGE : 1, 0, 0, 0);
}

static char begin_one(const struct target *to, int *kept) {
  long fd = socket_of(to);
  *kept = -1;
  if (fd < 0 || route_by(fd, to) < 0) return 'r';
  long done = CALL3(connect, fd, to->address, to->size);
  if (done < 0 && done != -IN_PROGRESS) return 'x';
  *kept = (int)fd;
  ask(to, *kept);
  return '-';
}

static void hear(u32 n) {
  u8 one[64];
  long done = CALL3(read, polled[n].fd, one, sizeof one);
  /* A connection is open where there is nothing to be read yet. */
  if (done == -AGAIN && targets[n].way != TCP) return;
  found[n] = done >= 0 || done == -AGAIN ? 'o' : 'x';
  polled[n].fd = -1;
}

void begin(void);
void begin(void) {
  for (u32 n = 0; n < COUNT; n += 1) {
    found[n] = begin_one(&targets[n], &polled[n].fd);
    polled[n].events = targets[n].way == TCP ? WRITABLE : READABLE;
  }
  for (u32 round = 0, more = 0; round < ROUNDS && more < MORE_ROUNDS; round += 1) {
    long tenth[2] = {0, 100000000}, nothing[2] = {0, 0};
    CALL5(ppoll, NULL, 0, tenth, NULL, 8);
    CALL5(ppoll, polled, COUNT, nothing, NULL, 8);
    u32 wanted = 0;
    for (u32 n = 0; n < COUNT; n += 1) {
      if (polled[n].fd < 0) continue;
      if (polled[n].revents) hear(n);
      /* What was lost on the way is asked again. */
      if (polled[n].fd >= 0) ask(&targets[n], polled[n].fd), wanted += targets[n].must;
    }
    more += !wanted;
  }
  found[COUNT] = '\n';
  CALL3(write, 1, found, COUNT + 1);
  CALL1(exit_group, 0);
}
