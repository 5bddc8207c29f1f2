/* What the shim says to the server, to pid 1, and of itself. */
#include "shim.h"

void trouble(struct shim *shim, u32 step, long error) {
  if (shim->note.kind) return;
  shim->note.kind = SHIM_FAILED;
  shim->note.step = step;
  shim->note.error = (u32)-error;
  shim->is_unwanted = 1;
}

void tell(const struct shim *shim, char what) {
  CALL3(write, shim->alive, &what, 1); /* to nobody where the server is gone: then `exit` tells */
}

void order(const struct shim *shim, char what) {
  CALL6(sendto, shim->socket, &what, 1, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0); /* who is gone needs none */
}
