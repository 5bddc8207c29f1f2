#ifndef NETLINK_H
#define NETLINK_H
#include "sys.h"

/* Messages to the kernel about links, addresses and routes, one behind the other, sent at once and answered one by one. */
enum { NETLINK_MOST = 4096 };
struct netlink {
  int socket;
  u32 size, count, message; /* bytes, messages that wait for an answer, where the last one begins */
  u8 data[NETLINK_MOST];
};

enum { NLM_CREATE = 0x600, NLM_REPLACE = 0x500 }; /* create, exclusively; create or replace */

long netlink_open(struct netlink *netlink);

/* Begins a message with its fixed part. What has no room makes `netlink_send` fail. */
void netlink_begin(struct netlink *netlink, u16 type, u16 flags, const void *fixed, u32 size);
void netlink_put(struct netlink *netlink, u16 type, const void *value, u32 size);
void netlink_put32(struct netlink *netlink, u16 type, u32 value);

/* Attributes within an attribute: what `netlink_nest` returns goes to `netlink_close`. A nest may begin with a fixed part. */
u32 netlink_nest(struct netlink *netlink, u16 type, const void *fixed, u32 size);
void netlink_close(struct netlink *netlink, u32 nest);

/* Sends all messages. 0, or the first error that came back: what was sent behind it was done or not. */
long netlink_send(struct netlink *netlink);

#endif
