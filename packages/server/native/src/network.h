#ifndef NETWORK_H
#define NETWORK_H
#include "sys.h"

/* The network that a place is to have: its file `network`, see README.md. */
enum { NETWORK_SIZE = 56, NETWORK_NAME = 16, NETWORK_V6 = 1 };
struct network {
  u32 flags;
  u8 address4[4], gateway4[4], address6[16];
  char name[NETWORK_NAME]; /* of the host's end */
};

/* False when it is not as README.md says. */
int network_parse(const u8 *data, u64 size, struct network *network);

/*
 * In network-make.c: puts this process into a network namespace of its own that has what the file `network` of this folder says; into none
 * where that is not there. 1, or 0, or the negative error: then what was begun goes with this process.
 */
long network_make(void);

#endif
