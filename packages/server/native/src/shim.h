#ifndef SHIM_H
#define SHIM_H

/* What the shim was about to do when it could not: `step` in `exit`. */
enum {
  STEP_SIGNALS = 1, STEP_FOLDER, STEP_ALIVE, STEP_GO, STEP_FILES, STEP_SOCKET, STEP_FORK, STEP_GROUPS, STEP_LINE,
  STEP_SEEN, STEP_LAUNCH, STEP_STDIN, STEP_OUTPUT, STEP_PIPES, STEP_STARTED, STEP_SEND,
};

#endif
