/* From pipes to files, and into the index. Both roles do it: pid 1 while it lives, the shim for what it left. */
#include "output.h"

enum { RECORD = 24, FIRST_AT = 6, ENDS_AT = 8, FORMAT = 1, STAGE = 8192, CHUNK = 1 << 20, RETRY_MS = 100 };
#define EXACT_MOST (1L << 53)

/* What is dropped goes here. Never less is read than the largest packet of a pipe (O_DIRECT), whose rest would be gone. */
static u8 scratch[1 << 16];

static double double_at(const u8 *at) {
  double value;
  memcpy(&value, at, 8);
  return value;
}

/* False for what is no end of a stream, as where a KILL cut a write short. */
static int ends_of(const u8 *record, const u64 least[2], u64 ends[2]) {
  if (record[7] != FORMAT) return 0;
  for (int n = 0; n < 2; n += 1) {
    double end = double_at(record + ENDS_AT + 8 * n);
    if (!(end >= 0 && end <= (double)EXACT_MOST)) return 0;
    ends[n] = (u64)(i64)end;
    if (ends[n] < least[n]) return 0;
  }
  return 1;
}

/* The record before the last one, and the last one, are all that is ever needed. */
static int load_record(struct output *output, u64 count) {
  static const u64 none[2] = {0, 0};
  u8 record[2 * RECORD];
  u64 from = count > 1 ? count - 2 : 0, size = (count - from) * RECORD;
  if (CALL4(pread64, output->index, record, size, from * RECORD) != (long)size) return 0;
  output->before[0] = output->before[1] = 0;
  if (count > 1 && !ends_of(record, none, output->before)) return 0;
  const u8 *last = record + size - RECORD;
  output->first = last[6] == 1;
  return ends_of(last, output->before, output->end);
}

long output_open(struct output *output) {
  for (int n = 0; n < 2; n += 1) {
    long size = CALL3(lseek, output->stream[n].file, 0, SEEK_END);
    if (size < 0) return size;
    output->stream[n].size = (u64)size;
  }
  long size = CALL3(lseek, output->index, 0, SEEK_END);
  if (size < 0) return size;
  for (output->count = (u64)size / RECORD; output->count > 0; output->count -= 1)
    if (load_record(output, output->count)) break;
  if (output->count == 0) output->end[0] = output->end[1] = output->before[0] = output->before[1] = 0;
  output->leading = -1;
  output->recorded = -(1L << 62);
  return 0;
}

/* For files that cannot be spliced to: what a KILL finds between read and write is lost. */
static long copy(struct stream *stream, u64 room) {
  long got = CALL3(read, stream->pipe, scratch, sizeof scratch);
  if (got <= 0) return got;
  u64 kept = (u64)got < room ? (u64)got : room, done = 0;
  while (done < kept) {
    long put = write_at(stream->file, scratch + done, kept - done, stream->size);
    if (put == -EINTR) continue;
    if (put <= 0) {
      stream->error = put == 0 ? EIO : (u32)-put;
      break;
    }
    done += (u64)put;
    stream->size += (u64)put;
  }
  if (kept < (u64)got) stream->is_over = 1;
  *stream->dropped += (u64)got - done;
  return got;
}

static long store(struct stream *stream, u64 room) {
  i64 at = (i64)stream->size;
  u64 most = room < CHUNK ? room : CHUNK;
  long moved = CALL6(splice, stream->pipe, 0, stream->file, &at, most, SPLICE_F_NONBLOCK);
  if (moved == -EINVAL) return copy(stream, room);
  if (moved > 0) stream->size += (u64)moved;
  return moved;
}

static long drop(struct stream *stream) {
  long got = CALL3(read, stream->pipe, scratch, sizeof scratch);
  if (got <= 0) return got;
  *stream->dropped += (u64)got;
  if (!stream->error) stream->is_over = 1;
  return got;
}

static long move(struct stream *stream) {
  u64 room = stream->error || stream->size > stream->limit ? 0 : stream->limit - stream->size;
  if (room == 0) return drop(stream);
  long moved = store(stream, room);
  if (moved >= 0 || moved == -EAGAIN || moved == -EINTR) return moved;
  /* Nothing has left the pipe: the disk is full, or fails. A terminal that was hung up says EIO too, then again. */
  stream->error = (u32)-moved;
  moved = drop(stream);
  return moved == -EIO ? 0 : moved;
}

/*
 * Waking up for each line of a quick writer costs both of us more than the line. So who writes little and often is left
 * alone for a while, up to 1 ms, as long as less than half a pipe comes together by that.
 */
static void set_pace(struct stream *stream, long moved, i64 now) {
  i64 since = now - stream->moved;
  stream->moved = now;
  if (moved >= 32 << 10) stream->pause /= 2;
  else if (since > 4 * MS) stream->pause = 0;
  else if (moved < 4 << 10) stream->pause = stream->pause ? stream->pause * 2 : MS / 16;
  if (stream->pause > MS) stream->pause = MS;
  if (stream->pause < MS / 16) stream->pause = 0;
}

long output_move(struct output *output, int which, i64 now) {
  struct stream *stream = &output->stream[which];
  u64 before = stream->size;
  long moved = move(stream);
  if (moved == -EINTR) return -EAGAIN;
  if (moved == -EAGAIN) return moved;
  if (moved <= 0) {
    stream->pipe = -1;
    return 0;
  }
  if (stream->size == before) output->has_dropped = 1;
  else if (output->leading < 0) {
    output->leading = which;
    output->led = clock_ns(CLOCK_REALTIME) / MS;
  }
  set_pace(stream, moved, now);
  return moved;
}

/* How fine the index is: coalescing.ts. */
static i64 merge_window(u64 count) {
  u64 steps = count / STAGE;
  return 100 * MS << (steps < 24 ? steps : 24);
}

static i64 spacing(u64 count) {
  u64 steps = count / STAGE;
  if (steps == 0) return 0;
  return steps > 7 ? 1000 * MS : 5 * MS << steps;
}

/* More of a stream may be added to the last record where it comes last in it. */
static int can_extend(const struct output *output, int which) {
  if (output->count == 0) return 0;
  return output->first != which || output->end[!which] == output->before[!which];
}

static int put(struct output *output, const void *bytes, u64 size, u64 at) {
  long done = write_at(output->index, bytes, size, at);
  if (done == (long)size) return 1;
  output->error = done < 0 ? (u32)-done : EIO;
  return 0;
}

static int extend(struct output *output, int which) {
  double end = (double)(i64)output->stream[which].size;
  u64 at = (output->count - 1) * RECORD + ENDS_AT + 8 * (u64)which;
  if (!put(output, &end, 8, at)) return 0;
  output->end[which] = output->stream[which].size;
  return 1;
}

static int append(struct output *output, int first, i64 now) {
  u8 record[RECORD];
  i64 at = output->leading < 0 ? clock_ns(CLOCK_REALTIME) / MS : output->led;
  for (int n = 0; n < 6; n += 1) record[n] = (u8)(at >> (8 * n));
  record[6] = (u8)first;
  record[7] = FORMAT;
  for (int n = 0; n < 2; n += 1) {
    double end = (double)(i64)output->stream[n].size;
    memcpy(record + ENDS_AT + 8 * n, &end, 8);
  }
  if (!put(output, record, RECORD, output->count * RECORD)) return 0;
  for (int n = 0; n < 2; n += 1) {
    output->before[n] = output->end[n];
    output->end[n] = output->stream[n].size;
  }
  output->count += 1;
  output->first = first;
  output->recorded = now;
  return 1;
}

/* What is dropped makes no file longer: that a job still writes shows by when the index was written. */
static void touch(struct output *output, i64 now) {
  u8 first = (u8)output->first;
  if (!output->has_dropped || output->count == 0 || now - output->touched < SECOND) return;
  output->has_dropped = 0;
  output->touched = now;
  put(output, &first, 1, (output->count - 1) * RECORD + FIRST_AT);
}

i64 output_record(struct output *output, i64 now, int last) {
  int has_out = output->stream[0].size > output->end[0], has_err = output->stream[1].size > output->end[1];
  if (!has_out && !has_err) {
    touch(output, now);
    return 0;
  }
  i64 since = now - output->recorded;
  int isDone;
  if (has_out != has_err && can_extend(output, has_err) && since < merge_window(output->count)) {
    isDone = extend(output, has_err);
  } else {
    i64 wait = spacing(output->count) - since;
    if (!last && wait > 0) return wait;
    int leads = has_out && has_err ? output->leading == 1 : has_err;
    isDone = append(output, leads, now);
  }
  if (!isDone) return RETRY_MS * MS;
  output->leading = -1;
  return 0;
}
