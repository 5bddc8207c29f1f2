#ifndef NFSET_H
#define NFSET_H
#include "netlink.h"

/* Elements of sets and maps of nftables, in one table of the family inet. */
enum { LINK_SIZE = 16, KEY_MOST = 64 };
enum { VERDICT_NONE, VERDICT_JUMP = -3, VERDICT_GOTO = -4 };

struct element {
  const char *set;
  const u8 *key;
  u32 size;
  int verdict;       /* of a map; VERDICT_NONE for a set */
  const char *chain; /* where it leads to */
  u64 ms;            /* until it goes by itself; 0 for never, or as the set says */
};

/* One change of all that is put between them, or of nothing. `nfset_commit` is 0 or the first error. */
void nfset_begin(struct netlink *to);
void nfset_add(struct netlink *to, const char *table, const struct element *element);
void nfset_remove(struct netlink *to, const char *table, const struct element *element);
long nfset_commit(struct netlink *to);

/* What the kernel shows of an element; -1 of what it does not. */
struct shown { const u8 *key; u32 size; i64 packets, bytes, left_ms; };

/*
 * Shows each element of the set, or, with a key, that one alone; -ENOENT where there is none, -EINTR where others may have
 * been left out, as the tables were changed meanwhile.
 */
typedef void shower(void *context, const char *set, const struct shown *shown);
long nfset_show(struct netlink *by, const char *table, const struct element *which, shower *show, void *context);

#endif
