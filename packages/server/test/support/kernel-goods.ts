import type { CommandLine } from "./engine-subject.ts";

/** What the kernel has for all of a host, or for one user, without a control group that counts it. */
export interface Goods {
  inotify: number;
  watches: number;
  timers: number;
  signals: number;
  ptys: number;
  queues: number;
}

/**
 * A program that takes up to so many of each, prints how many it got, one JSON object in a line, then `ready`, and holds
 * them until its standard input ends, or for `holdSeconds`.
 */
export function takeGoods(wanted: Goods, { holdSeconds }: { holdSeconds: number }): CommandLine {
  const code = String.raw`
import ctypes, json, os, signal, sys, tempfile, time
libc = ctypes.CDLL(None, use_errno=True)
wanted, got = json.loads(sys.argv[1]), {}
def take(name, one):
  n = 0
  while n < wanted[name] and one(n): n += 1
  got[name] = n
notes = []
def inotify(n):
  fd = libc.inotify_init1(0)
  if fd >= 0: notes.append(fd)
  return fd >= 0
take('inotify', inotify)
folder = tempfile.mkdtemp(dir='/tmp')
def watch(n):
  path = os.path.join(folder, str(n))
  try: os.mkdir(path)
  except OSError: return False
  return libc.inotify_add_watch(notes[0], path.encode(), 2) >= 0
take('watches', watch)
for name in os.listdir(folder): os.rmdir(os.path.join(folder, name))
os.rmdir(folder)
class Event(ctypes.Structure): _fields_ = [('v', ctypes.c_long), ('signo', ctypes.c_int), ('notify', ctypes.c_int), ('pad', ctypes.c_char * 48)]
event, timer = Event(0, 34, 1), ctypes.c_int()
take('timers', lambda n: libc.syscall(222, 1, ctypes.byref(event), ctypes.byref(timer)) == 0)
signal.pthread_sigmask(signal.SIG_BLOCK, [40])
take('signals', lambda n: libc.sigqueue(os.getpid(), 40, None) == 0)
ptys = []
def pty(n):
  try: ptys.append(os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY)); return True
  except OSError: return False
take('ptys', pty)
class Size(ctypes.Structure): _fields_ = [('flags', ctypes.c_long), ('messages', ctypes.c_long), ('bytes', ctypes.c_long), ('now', ctypes.c_long), ('pad', ctypes.c_long * 4)]
def queue(n):
  size, name = Size(0, 10, 1024, 0), b'berth-%d-%d' % (os.getpid(), n)
  if libc.syscall(240, name, os.O_RDWR | os.O_CREAT, 0o600, ctypes.byref(size)) < 0: return False
  if os.getuid() == 0: libc.syscall(241, name)
  return True
take('queues', queue)
print(json.dumps(got)); print('ready', flush=True)
time.sleep(float(sys.argv[2]))`;
  return { command: "/usr/bin/python3", args: ["-c", code, JSON.stringify(wanted), String(holdSeconds)] };
}
