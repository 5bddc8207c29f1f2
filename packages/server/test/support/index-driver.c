/*
 * Drives native/src/output.c along a trace, so that its index can be compared with that of the TypeScript writer. System
 * calls are real but for the clock, which is the trace's.
 *
 *   index-driver STDOUT STDERR INDEX
 *
 * Lines on stdin: ms that never jump, epoch ms, what, bytes. What: 0 stdout grows, 1 stderr grows, 2 time has passed,
 * 3 the end, 4 another writer takes over.
 */
#include "output.h"

long syscall(long number, ...);
int *__errno_location(void);
int scanf(const char *format, ...);

static i64 monotonic, wall;

long sys(long number, long a, long b, long c, long d, long e, long f) {
  if (number == NR_clock_gettime) {
    i64 ms = a == CLOCK_REALTIME ? wall : monotonic;
    *(struct timespec *)b = (struct timespec){ms / 1000, ms % 1000 * MS};
    return 0;
  }
  long result = syscall(number, a, b, c, d, e, f);
  return result == -1 ? -(long)*__errno_location() : result;
}

static int pipes[2][2];
static u64 dropped[2];
static char bytes[1 << 16];

static void open_all(struct output *output, char **paths) {
  for (int n = 0; n < 2; n += 1)
    output->stream[n] = (struct stream){
        .pipe = pipes[n][0],
        .file = (int)CALL4(openat, AT_FDCWD, paths[n], O_WRONLY, 0),
        .limit = ~0UL,
        .dropped = &dropped[n],
    };
  output->index = (int)CALL4(openat, AT_FDCWD, paths[2], O_RDWR, 0);
  if (output_open(output) < 0) leave(2);
}

static int step(struct output *output, char **paths, long what, long size) {
  if (what < 2) {
    if (CALL3(write, pipes[what][1], bytes, size) != size) return 3;
    while (output_move(output, (int)what, monotonic * MS) > 0);
  }
  if (what == 4) open_all(output, paths);
  output_record(output, monotonic * MS, what >= 3);
  return output->error || dropped[0] || dropped[1] ? 4 : 0;
}

int main(int count, char **arguments) {
  static struct output output;
  if (count != 4) return 1;
  for (int n = 0; n < 2; n += 1)
    if (CALL2(pipe2, pipes[n], O_NONBLOCK) < 0) return 2;
  open_all(&output, arguments + 1);
  long what, size;
  while (scanf("%ld %ld %ld %ld", &monotonic, &wall, &what, &size) == 4) {
    int problem = step(&output, arguments + 1, what, size);
    if (problem) return problem;
  }
  return 0;
}
