/**
 * The system calls of a job: an allow-list in the spirit of the well-known container default, without what needs a
 * capability. What is not listed answers "no such call", so that programs fall back to older ways; what is known to
 * reach for the host answers "not permitted". Calls of other architectures (32 bit, x32) end the process.
 */
interface Rule {
  names: readonly string[];
  action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  errnoRet?: number;
  args?: readonly { index: number; value: number; valueTwo?: number; op: string }[];
}

const EPERM = 1;
const ENOSYS = 38;
/** Makes the call answer that it has been done, and does nothing. */
const DONE = 0;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWTIME (the exit signal's bits hold 0x80). */
const NEW_NAMESPACES = 0x7e020000;

const words = (text: string): string[] => text.trim().split(/\s+/);

const ALLOWED = words(`
  accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown clock_getres
  clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
  epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve
  execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat
  fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex
  futex_requeue futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid geteuid getgid
  getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
  get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid getxattr
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
  lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise map_shadow_stack
  membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect
  mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd
  msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open
  pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2
  process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg
  recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
  rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_getaffinity
  sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield select semctl semget semop
  semtimedop sendfile sendmmsg sendmsg sendto setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid
  setresgid setresuid setreuid set_robust_list setsid set_thread_area set_tid_address setuid
  setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx
  symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
  timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink
  unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev
`);

// Not io_setup and its kin: the kernel counts their events for the whole host, and one job could use them up. Programs
// with libaio fall back, as they do wherever it is missing.

const REFUSED = words(`
  acct add_key bpf chroot clock_adjtime clock_settime delete_module fanotify_init fanotify_mark finit_module fsconfig
  fsmount fsopen fspick get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp
  kexec_file_load kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages
  open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev
  ptrace quotactl quotactl_fd reboot request_key set_mempolicy setdomainname sethostname setns settimeofday swapoff
  swapon syslog umount2 unshare userfaultfd vhangup
`);

const equals = (index: number, value: number) => [{ index, value, op: "SCMP_CMP_EQ" }];

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: others only widen what of the kernel can be reached. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** Linux, with 32 bit addresses or not, UNAME26, and the question which one it is. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

/**
 * What fcntl may be asked for: everything whose number lacks bit 10, and of those that have it the ones named here. Not
 * F_SETLEASE, 1024: who opens a file with a lease has to wait for the job, which nobody outside of it shall. Not
 * F_NOTIFY, 1026. The kernel looks at 32 bits of it, so the rules do too.
 */
const FCNTL_BIT = 0x400;
const FCNTL_ABOVE = [1025, ...Array.from({ length: 12 }, (_, index) => 1027 + index)];

const LOW_BITS = 0xffffffff;
const SOL_SOCKET = 1;

/**
 * Everything of setsockopt but SO_ATTACH_FILTER, 26, and SO_ATTACH_REUSEPORT_CBPF, 51, of SOL_SOCKET: the kernel keeps
 * what it compiles of such a filter in a memory that is bounded for the whole host. When one job has used it up no other
 * can be given its list of system calls, and none starts. A rule can only say what bits are: so other levels are those
 * without bit 0 or with one of the next nine, and other options those that differ from both numbers.
 */
const OTHER_LEVELS = [{ mask: 1, bits: 0 }, ...Array.from({ length: 9 }, (_, n) => bitSet(n + 1))];
const OTHER_OPTIONS = [
  // 64 to 127, then those below without bit 4, without bit 1, or with bit 2, which both numbers have otherwise.
  { mask: 0xffffffc0, bits: 0x40 },
  { mask: 0xffffffd0, bits: 0 },
  { mask: 0xffffffc2, bits: 0 },
  { mask: 0xffffffc4, bits: 4 },
  // Of 26 bits 5, 3 and 0 are 0, 1, 0, and of 51 they are 1, 0, 1: all that is neither.
  { mask: 0xffffffe8, bits: 0 },
  { mask: 0xffffffe8, bits: 0x28 },
  { mask: 0xffffffe1, bits: 1 },
  { mask: 0xffffffe1, bits: 0x20 },
];

/**
 * The limit of core files, 4, stays as it is set for the job: 1 byte, at which the kernel also starts no program of the
 * host's for a dump (core_pattern with a pipe), as it does at 0. Programs that want no dump, as those that hold keys, and
 * those that want one are told that it was done: refused, many of them would end.
 */
const RLIMIT_CORE = 4;
const OTHER_RLIMITS = [...[0, 1, 3].map(bitSet), { mask: 4, bits: 0 }];

function bitSet(bit: number): { mask: number; bits: number } {
  return { mask: 2 ** bit, bits: 2 ** bit };
}

const bitsOf = (index: number, { mask, bits }: { mask: number; bits: number }) => ({
  index,
  value: mask,
  valueTwo: bits,
  op: "SCMP_CMP_MASKED_EQ",
});
const OF_ITSELF = { index: 0, value: 0, op: "SCMP_CMP_EQ" };
const OF_OTHERS = { index: 0, value: 0, op: "SCMP_CMP_NE" };
const OF_CORE = bitsOf(1, { mask: LOW_BITS, bits: RLIMIT_CORE });
/** prlimit64 that only asks, and that sets. */
const NO_NEW_LIMIT = { index: 2, value: 0, op: "SCMP_CMP_EQ" };
const NEW_LIMIT = { index: 2, value: 0, op: "SCMP_CMP_NE" };
type Args = NonNullable<Rule["args"]>;
const allowed = (name: string, args: Args): Rule => ({ names: [name], action: "SCMP_ACT_ALLOW", args });
const answered = (name: string, { errno, args }: { errno: number; args: Args }): Rule => ({
  names: [name],
  action: "SCMP_ACT_ERRNO",
  errnoRet: errno,
  args,
});
const setsockopt = (args: Args): Rule => allowed("setsockopt", args);

const rules: Rule[] = [
  { names: ALLOWED, action: "SCMP_ACT_ALLOW" },
  { names: REFUSED, action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
  {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  },
  // Its flags lie in memory, where no filter can look: without it libc uses clone.
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
  ...[
    { value: FCNTL_BIT, valueTwo: 0 },
    ...FCNTL_ABOVE.map((command) => ({ value: 0xffffffff, valueTwo: command })),
  ].map(
    (masked): Rule => ({
      names: ["fcntl"],
      action: "SCMP_ACT_ALLOW",
      args: [{ index: 1, ...masked, op: "SCMP_CMP_MASKED_EQ" }],
    }),
  ),
  ...OTHER_LEVELS.map((level) => setsockopt([bitsOf(1, level)])),
  ...OTHER_OPTIONS.map((option) =>
    setsockopt([bitsOf(1, { mask: LOW_BITS, bits: SOL_SOCKET }), bitsOf(2, option)]),
  ),
  ...OTHER_RLIMITS.map((limit) => allowed("setrlimit", [bitsOf(0, limit)])),
  answered("setrlimit", { errno: DONE, args: [bitsOf(0, { mask: LOW_BITS, bits: RLIMIT_CORE })] }),
  // Of itself only: pid 1, which stores the job's output, has the same user.
  answered("prlimit64", { errno: EPERM, args: [OF_OTHERS] }),
  ...OTHER_RLIMITS.map((limit) => allowed("prlimit64", [OF_ITSELF, bitsOf(1, limit)])),
  allowed("prlimit64", [OF_ITSELF, OF_CORE, NO_NEW_LIMIT]),
  answered("prlimit64", { errno: DONE, args: [OF_ITSELF, OF_CORE, NEW_LIMIT] }),
  ...SOCKET_FAMILIES.map(
    (family): Rule => ({ names: ["socket"], action: "SCMP_ACT_ALLOW", args: equals(0, family) }),
  ),
  ...PERSONALITIES.map(
    (persona): Rule => ({ names: ["personality"], action: "SCMP_ACT_ALLOW", args: equals(0, persona) }),
  ),
];

export const seccomp = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: ENOSYS,
  syscalls: rules,
};
