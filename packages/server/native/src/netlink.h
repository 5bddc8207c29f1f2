#ifndef NETLINK_H
#define NETLINK_H
#include "sys.h"

/* Messages to the kernel about networks, one behind the other, sent at once and answered one by one. */
enum { NETLINK_MOST = 4096 };
struct netlink {
  int socket;
  u32 size, message; /* bytes, and where the last message begins */
  u32 number, count; /* of the last message; how many wait for an answer */
  u32 mark;          /* number of the first that waits for none; 0 for no such */
  u8 data[NETLINK_MOST];
  u64 answer[1 << 12]; /* the kernel shows things in pieces of up to 32 KiB where there is room for them */
};

enum { NETLINK_ROUTE = 0, NETLINK_NETFILTER = 12 };
enum { NLM_ADD = 0x400, NLM_CREATE = 0x600, NLM_REPLACE = 0x500 }; /* where there is none; exclusively; or replace */

long netlink_open(struct netlink *netlink, int protocol);

/* Begins a message with its fixed part. What has no room makes `netlink_send` fail. */
void netlink_begin(struct netlink *netlink, u16 type, u16 flags, const void *fixed, u32 size);
/* The same for one that is not answered, unless it fails. */
void netlink_mark(struct netlink *netlink, u16 type, const void *fixed, u32 size);
void netlink_put(struct netlink *netlink, u16 type, const void *value, u32 size);
void netlink_put32(struct netlink *netlink, u16 type, u32 value);

/* Attributes within an attribute: what `netlink_nest` returns goes to `netlink_close`. A nest may begin with a fixed part. */
u32 netlink_nest(struct netlink *netlink, u16 type, const void *fixed, u32 size);
void netlink_close(struct netlink *netlink, u32 nest);

/* Sends all messages, and takes all answers. 0, or the first error that came back: of the others some were done or not. */
long netlink_send(struct netlink *netlink);

/*
 * Begins a question: for one thing, or for `all` of them. `netlink_hear` sends it, and shows each answer; -EINTR where
 * something was changed meanwhile, so that some of them may be missing.
 */
void netlink_ask(struct netlink *netlink, u16 type, int all, const void *fixed, u32 size);
struct attribute { u16 size, type; };
typedef void hearer(void *context, u16 type, const struct attribute *attributes);
long netlink_hear(struct netlink *netlink, hearer *hear, void *context);

/* One message of those in `data`, with a fixed part of that size; the size that it takes, 0 where there is none. */
struct message { u16 type; u32 port; const struct attribute *attributes; };
u64 netlink_message(u8 *data, u64 size, u32 fixed, struct message *message);

/* Attributes in an attribute; NULL where there is none. */
const struct attribute *netlink_first(const struct attribute *within);
const struct attribute *netlink_next(const struct attribute *within, const struct attribute *one);
const struct attribute *netlink_find(const struct attribute *within, u16 type);
static inline u32 netlink_size(const struct attribute *attribute) { return attribute->size - (u32)sizeof *attribute; }
static inline const u8 *netlink_value(const struct attribute *attribute) { return (const u8 *)(attribute + 1); }

#endif
