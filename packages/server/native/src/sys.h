/*
 * The system calls of Linux on x86-64 and arm64, without a C library and without its headers. A call returns what the
 * kernel returns: the negative error number where it failed.
 */
#ifndef SYS_H
#define SYS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;

/* In sys.c. */
long sys(long number, long a, long b, long c, long d, long e, long f);
void *memset(void *to, int byte, u64 size);
void *memcpy(void *to, const void *from, u64 size);
void *memmove(void *to, const void *from, u64 size);

#define CALL0(n) sys(NR_##n, 0, 0, 0, 0, 0, 0)
#define CALL1(n, a) sys(NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) sys(NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) sys(NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) sys(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(n, a, b, c, d, e) sys(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL6(n, a, b, c, d, e, f) sys(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#if defined(__x86_64__)
#define AUDIT_ARCH 0xc000003eU
enum {
  NR_read = 0, NR_write = 1, NR_close = 3, NR_lseek = 8, NR_mmap = 9, NR_munmap = 11, NR_rt_sigaction = 13,
  NR_rt_sigprocmask = 14, NR_rt_sigreturn = 15, NR_pread64 = 17, NR_pwrite64 = 18, NR_getpid = 39, NR_sendto = 44, NR_sendmsg = 46,
  NR_recvmsg = 47, NR_socketpair = 53, NR_setsockopt = 54, NR_clone = 56, NR_execve = 59, NR_wait4 = 61, NR_kill = 62,
  NR_fcntl = 72, NR_chdir = 80, NR_fchown = 93, NR_prctl = 157, NR_getdents64 = 217, NR_restart_syscall = 219,
  NR_clock_gettime = 228, NR_exit_group = 231, NR_openat = 257, NR_mkdirat = 258, NR_unlinkat = 263, NR_readlinkat = 267,
  NR_faccessat = 269, NR_ppoll = 271, NR_splice = 275, NR_signalfd4 = 289, NR_dup3 = 292, NR_pipe2 = 293,
  NR_prlimit64 = 302, NR_statx = 332,
  /* To make a sandbox. */
  NR_ioctl = 16, NR_socket = 41, NR_umask = 95, NR_setsid = 112, NR_setgroups = 116, NR_setresuid = 117, NR_setresgid = 119,
  NR_capset = 126, NR_pivot_root = 155, NR_mount = 165, NR_umount2 = 166, NR_sethostname = 170, NR_keyctl = 250,
  NR_symlinkat = 266, NR_unshare = 272, NR_setns = 308, NR_seccomp = 317,
  /* To reach a port of a job. */
  NR_connect = 42, NR_shutdown = 48,
  /* To hear what others change. */
  NR_recvfrom = 45, NR_bind = 49, NR_getsockname = 51,
  /* To give a job secrets. */
  NR_memfd_create = 319,
};
#define O_DIRECTORY 0200000
#define O_NOFOLLOW 0400000
#elif defined(__aarch64__)
#define AUDIT_ARCH 0xc00000b7U
enum {
  NR_dup3 = 24, NR_fcntl = 25, NR_mkdirat = 34, NR_unlinkat = 35, NR_faccessat = 48, NR_chdir = 49, NR_fchown = 55, NR_openat = 56,
  NR_close = 57, NR_pipe2 = 59, NR_getdents64 = 61, NR_lseek = 62, NR_read = 63, NR_write = 64, NR_pread64 = 67,
  NR_pwrite64 = 68, NR_ppoll = 73, NR_signalfd4 = 74, NR_splice = 76, NR_readlinkat = 78, NR_exit_group = 94,
  NR_clock_gettime = 113, NR_restart_syscall = 128, NR_kill = 129, NR_rt_sigaction = 134, NR_rt_sigprocmask = 135,
  NR_rt_sigreturn = 139, NR_prctl = 167, NR_getpid = 172, NR_socketpair = 199, NR_sendto = 206, NR_setsockopt = 208, NR_sendmsg = 211,
  NR_recvmsg = 212, NR_munmap = 215, NR_clone = 220, NR_execve = 221, NR_mmap = 222, NR_wait4 = 260,
  NR_prlimit64 = 261, NR_statx = 291,
  /* To make a sandbox. */
  NR_ioctl = 29, NR_symlinkat = 36, NR_umount2 = 39, NR_mount = 40, NR_pivot_root = 41, NR_capset = 91,
  NR_setresuid = 147, NR_setresgid = 149, NR_setsid = 157, NR_setgroups = 159, NR_sethostname = 161, NR_umask = 166,
  NR_unshare = 97, NR_socket = 198, NR_keyctl = 219, NR_setns = 268, NR_seccomp = 277,
  /* To reach a port of a job. */
  NR_connect = 203, NR_shutdown = 210,
  /* To hear what others change. */
  NR_recvfrom = 207, NR_bind = 200, NR_getsockname = 204,
  /* To give a job secrets. */
  NR_memfd_create = 279,
};
#define O_DIRECTORY 040000
#define O_NOFOLLOW 0100000
#else
#error "no system calls known for this processor"
#endif
enum { NR_move_mount = 429, NR_fsopen = 430, NR_fsconfig = 431, NR_fsmount = 432 };
enum { NR_pidfd_send_signal = 424, NR_pidfd_open = 434, NR_close_range = 436, NR_mount_setattr = 442 };

#define NULL ((void *)0)
#define AT_FDCWD (-100)
#define AT_REMOVEDIR 0x200
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_CLOEXEC 02000000
#define F_SETFD 2
#define F_SETFL 4
#define F_SETPIPE_SZ 1031
#define FD_CLOEXEC 1
#define SEEK_END 2
#define X_OK 1

enum {
  ENOENT = 2, EINTR = 4, EIO = 5, E2BIG = 7, ENOEXEC = 8, ECHILD = 10, EAGAIN = 11, EACCES = 13, EEXIST = 17, ENODEV = 19, ENOTDIR = 20,
  EINVAL = 22, EPIPE = 32, ENOSYS = 38, ELOOP = 40, EPROTO = 71, ENOBUFS = 105,
};
enum { SIGHUP = 1, SIGINT = 2, SIGKILL = 9, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIGSTOP = 19, SIGNALS = 64 };
enum { SIG_BLOCK = 0, SIG_SETMASK = 2, SIG_DFL = 0, SIG_IGN = 1 };

#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20

#define PR_SET_DUMPABLE 4
#define PR_SET_SECCOMP 22
#define PR_SET_CHILD_SUBREAPER 36
#define PR_SET_NO_NEW_PRIVS 38

#define AF_UNIX 1
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 02000000
#define SOL_SOCKET 1
#define SO_PASSCRED 16
#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#define MSG_CTRUNC 8
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000

#define POLLIN 1
#define POLLERR 8
#define WNOHANG 1
#define WUNTRACED 2
#define WALL 0x40000000
#define SPLICE_F_NONBLOCK 2
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

struct timespec { i64 sec, nsec; };
struct pollfd { int fd; short events, revents; };
struct iovec { void *base; u64 size; };
struct msghdr {
  void *name; u32 name_size; u32 pad; struct iovec *parts; u64 part_count; void *control; u64 control_size;
  u32 flags; u32 pad2;
};
struct cmsghdr { u64 size; int level, type; };
/* What the kernel calls sigaction: the same on both processors but for a field that nobody here sets. */
struct sigaction { u64 handler, flags, restorer, mask; };
struct rlimit { u64 soft, hard; };

#define MS 1000000L
#define SECOND 1000000000L

static inline i64 clock_ns(int clock) {
  struct timespec now = {0, 0};
  CALL2(clock_gettime, clock, &now); /* cannot fail for these clocks */
  return now.sec * SECOND + now.nsec;
}

static inline void set_signal(int signal, u64 handler) {
  struct sigaction action = {handler, 0, 0, 0};
  CALL4(rt_sigaction, signal, &action, 0, 8); /* fails for KILL and STOP, which nobody asks for */
}

static inline long set_mask(int how, u64 mask) { return CALL4(rt_sigprocmask, how, &mask, 0, 8); }

static inline long fork_process(void) { return CALL5(clone, SIGCHLD, 0, 0, 0, 0); }

static inline void leave(int status) {
  for (;;) CALL1(exit_group, status);
}

static inline int is_error(long result) { return result < 0 && result > -4096; }

static inline u64 text_size(const char *text) {
  u64 size = 0;
  while (text[size]) size += 1;
  return size;
}

static inline int is_same(const char *a, const char *b) {
  while (*a && *a == *b) a += 1, b += 1;
  return *a == *b;
}

/* Blocks of `size` bytes at a known place of a file; the number that was done, or the error. */
static inline long write_at(int fd, const void *from, u64 size, u64 at) {
  return CALL4(pwrite64, fd, from, size, at);
}

#endif
