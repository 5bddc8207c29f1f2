/* What is left to do when pid 1 is gone. */
#include "place.h"
#include "shim.h"

/* Where pid 1 has dropped something of a stream nothing more of it is stored: what came after would stand in its place. */
static void heed_gaps(struct shim *shim) {
  struct init_note noted;
  long fd = CALL3(openat, AT_FDCWD, "exit", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || CALL4(pread64, fd, &noted, sizeof noted, 0) != (long)sizeof noted) return;
  for (int n = 0; n < 2; n += 1)
    if (noted.dropped[n] > 0) shim->output.stream[n].error = noted.output_error;
}

void drain(struct shim *shim) {
  static const int files[2] = {FD_OUT, FD_ERR}, pipes[2] = {FD_OUT_READ, FD_ERR_READ};
  struct output *output = &shim->output;
  for (int n = 0; n < 2; n += 1) {
    output->stream[n].pipe = shim->to_pid_1[pipes[n]];
    output->stream[n].file = shim->to_pid_1[files[n]];
    output->stream[n].limit = shim->job.limit;
    output->stream[n].dropped = &shim->dropped[n];
  }
  output->index = shim->to_pid_1[FD_INDEX];
  long done = output_open(output);
  if (done < 0) {
    shim->note.error = (u32)-done;
    return;
  }
  heed_gaps(shim);
  u64 before = output->stream[0].size + output->stream[1].size + output->end[0] + output->end[1];
  for (int n = 0; n < 2; n += 1) {
    struct stream *stream = &output->stream[n];
    while (stream->pipe >= 0 && output_move(output, n, clock_ns(CLOCK_MONOTONIC)) > 0);
    if (stream->is_over) shim->note.flags |= (u8)(n == 0 ? SHIM_OUT_OVER : SHIM_ERR_OVER);
    if (stream->error) shim->note.error = stream->error;
    shim->note.dropped[n] = shim->dropped[n];
    shim->note.stored[n] = stream->size;
  }
  output_record(output, clock_ns(CLOCK_MONOTONIC), 1);
  if (output->error) shim->note.error = output->error;
  u64 after = output->stream[0].size + output->stream[1].size + output->end[0] + output->end[1];
  if (after != before) shim->note.flags |= SHIM_DRAINED;
}

void tell_end(struct shim *shim) {
  struct shim_note *note = &shim->note;
  note->version = '1';
  note->status = -1;
  if (!note->kind) note->kind = shim->is_unwanted ? SHIM_UNWANTED : shim->is_ready ? SHIM_SANDBOX : SHIM_RUNTIME;
  if (shim->was_reaped) note->status = shim->init_status;
  else if (shim->is_executed && !shim->is_ready) note->status = shim->child_status;
  note->ended = (u64)clock_ns(CLOCK_REALTIME) / 1000;
  note->ended_boot = (u64)clock_ns(CLOCK_BOOTTIME) / 1000;
  long fd = CALL3(openat, AT_FDCWD, "exit", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) write_at((int)fd, note, sizeof *note, SHIM_NOTE_AT); /* its room is there; without it the job is lost */
}
