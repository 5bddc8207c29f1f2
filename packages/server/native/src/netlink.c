/* The wire format of rtnetlink, as far as a network of a job needs it. */
#include "netlink.h"

enum { AF_NETLINK = 16, SOCK_RAW = 3, NLM_REQUEST = 1, NLM_ACK = 4, NLMSG_ERROR = 2, HEAD = 16, ATTRIBUTE = 4 };
struct head { u32 size; u16 type, flags; u32 number, port; };
struct attribute { u16 size, type; };

long netlink_open(struct netlink *netlink) {
  long socket = CALL3(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
  netlink->socket = (int)socket;
  netlink->size = netlink->count = netlink->message = 0;
  return socket < 0 ? socket : 0;
}

static u32 whole(u32 size) { return (size + 3) & ~3U; }

/* Once something had no room there is room for nothing: half a message would say something else. */
static void append(struct netlink *netlink, const void *from, u32 size) {
  u32 padded = whole(size);
  if (netlink->size + padded > NETLINK_MOST) {
    netlink->size = NETLINK_MOST + 1;
    return;
  }
  memset(netlink->data + netlink->size, 0, padded);
  memcpy(netlink->data + netlink->size, from, size);
  netlink->size += padded;
  struct head *head = (struct head *)(netlink->data + netlink->message);
  head->size = netlink->size - netlink->message;
}

void netlink_begin(struct netlink *netlink, u16 type, u16 flags, const void *fixed, u32 size) {
  netlink->message = netlink->size;
  netlink->count += 1;
  struct head head = {HEAD, type, NLM_REQUEST | NLM_ACK | flags, netlink->count, 0};
  append(netlink, &head, sizeof head);
  append(netlink, fixed, size);
}

void netlink_put(struct netlink *netlink, u16 type, const void *value, u32 size) {
  struct attribute attribute = {(u16)(ATTRIBUTE + size), type};
  append(netlink, &attribute, sizeof attribute);
  append(netlink, value, size);
}

void netlink_put32(struct netlink *netlink, u16 type, u32 value) { netlink_put(netlink, type, &value, sizeof value); }

u32 netlink_nest(struct netlink *netlink, u16 type, const void *fixed, u32 size) {
  u32 nest = netlink->size;
  netlink_put(netlink, type, fixed, size);
  return nest;
}

void netlink_close(struct netlink *netlink, u32 nest) {
  if (netlink->size > NETLINK_MOST) return;
  struct attribute *attribute = (struct attribute *)(netlink->data + nest);
  attribute->size = (u16)(netlink->size - nest);
}

/* The answers in one piece that has come; the number of them, or the first error among them. */
static long judge(const u8 *answer, u64 size, u32 *left) {
  for (u64 at = 0; at + HEAD + sizeof(int) <= size && *left;) {
    const struct head *head = (const struct head *)(answer + at);
    if (head->size < HEAD + sizeof(int) || head->type != NLMSG_ERROR) return -EPROTO;
    long error = *(const int *)(answer + at + HEAD);
    if (error) return error;
    *left -= 1;
    at += whole(head->size);
  }
  return 0;
}

long netlink_send(struct netlink *netlink) {
  u64 answer[1024];
  u32 left = netlink->count, size = netlink->size;
  netlink->size = netlink->count = netlink->message = 0;
  if (size > NETLINK_MOST) return -E2BIG;
  long done = CALL3(write, netlink->socket, netlink->data, size);
  while (done >= 0 && left) {
    done = CALL3(read, netlink->socket, answer, sizeof answer);
    if (done == 0) done = -EPROTO;
    if (done > 0) done = judge((const u8 *)answer, (u64)done, &left);
  }
  return done < 0 ? done : 0;
}
