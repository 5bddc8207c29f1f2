#ifndef OUTPUT_H
#define OUTPUT_H
#include "sys.h"

/* One stream of a command on its way from a pipe to a file. */
struct stream {
  int pipe;  /* its read end, does not block; -1 once it has ended */
  int file;
  u64 size;  /* of the file */
  u64 limit; /* most that it may come to */
  volatile u64 *dropped;
  u32 error; /* by which it could not be stored; from there on it is dropped */
  int is_over;
  i64 moved, pause; /* when something came last, and how long to leave more alone now */
};

/* Both, and the index of what came when: the format is that of src/core/output/index-writer.ts. */
struct output {
  struct stream stream[2];
  int index;
  u64 count;             /* records */
  u64 before[2], end[2]; /* ends of the record before the last one, and of the last one */
  int first;             /* the stream that comes first in the last record */
  int leading;           /* the stream that grew first since; -1 when none has */
  i64 led;               /* when that was, epoch ms */
  i64 recorded;          /* when the last record was begun */
  int has_dropped;       /* something since the index was touched */
  i64 touched;           /* when that was */
  u32 error;             /* by which the index could not be written; it is tried again */
};

/* Takes up files and index where they end. 0, or the negative error. */
long output_open(struct output *output);

/* Moves what is in the pipe, once. Bytes that were there, 0 when it has ended, -EAGAIN when nothing is there now. */
long output_move(struct output *output, int which, i64 now);

/* Writes to the index what has grown. The ns until it is to be called again; 0 when all is written. `last` waits for nothing. */
i64 output_record(struct output *output, i64 now, int last);

#endif
