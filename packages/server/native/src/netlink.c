/* The wire format of netlink: messages, their attributes, and the answers to them. */
#include "netlink.h"

enum { AF_NETLINK = 16, SOCK_RAW = 3, NLM_REQUEST = 1, NLM_ACK = 4, NLM_DUMP = 0x300, NLM_DUMP_TORN = 0x10 };
enum { NLMSG_ERROR = 2, NLMSG_DONE = 3, TYPE_MASK = 0x3fff, LAST_OF_ALL = 15, FIXED = 4 };
struct head { u32 size; u16 type, flags; u32 number, port; };

long netlink_open(struct netlink *netlink, int protocol) {
  long socket = CALL3(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  netlink->socket = (int)socket;
  netlink->size = netlink->count = netlink->message = netlink->number = netlink->mark = 0;
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

static void begin_message(struct netlink *netlink, u16 type, u16 flags, const void *fixed, u32 size) {
  netlink->message = netlink->size;
  netlink->number += 1;
  struct head head = {sizeof head, type, NLM_REQUEST | flags, netlink->number, 0};
  append(netlink, &head, sizeof head);
  append(netlink, fixed, size);
}

void netlink_begin(struct netlink *netlink, u16 type, u16 flags, const void *fixed, u32 size) {
  netlink->count += 1;
  begin_message(netlink, type, NLM_ACK | flags, fixed, size);
}

void netlink_mark(struct netlink *netlink, u16 type, const void *fixed, u32 size) {
  begin_message(netlink, type, 0, fixed, size);
  if (!netlink->mark) netlink->mark = netlink->number;
}

void netlink_ask(struct netlink *netlink, u16 type, int all, const void *fixed, u32 size) {
  begin_message(netlink, type, all ? NLM_DUMP : NLM_ACK, fixed, size);
}

void netlink_put(struct netlink *netlink, u16 type, const void *value, u32 size) {
  struct attribute attribute = {(u16)(sizeof attribute + size), type};
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

static const struct attribute *at(const struct attribute *within, const u8 *place) {
  const struct attribute *one = (const struct attribute *)place;
  const u8 *end = (const u8 *)within + within->size;
  if (place + sizeof *one > end || one->size < sizeof *one || place + one->size > end) return NULL;
  return one;
}

const struct attribute *netlink_first(const struct attribute *within) { return at(within, netlink_value(within)); }

const struct attribute *netlink_next(const struct attribute *within, const struct attribute *one) {
  return at(within, (const u8 *)one + whole(one->size));
}

const struct attribute *netlink_find(const struct attribute *within, u16 type) {
  const struct attribute *one = netlink_first(within);
  while (one && (one->type & TYPE_MASK) != type) one = netlink_next(within, one);
  return one;
}

static struct head *message_at(u8 *data, u64 size) {
  struct head *head = (struct head *)data;
  return size >= sizeof *head && head->size >= sizeof *head && head->size <= size ? head : NULL;
}

/* What is behind the head in one that tells an error; it is none of 0. */
static long error_of(const struct head *head) {
  return head->size < sizeof *head + sizeof(int) ? -EPROTO : *(const int *)(head + 1);
}

u64 netlink_message(u8 *data, u64 size, u32 fixed, struct message *message) {
  struct head *head = message_at(data, size);
  if (!head) return 0;
  *message = (struct message){head->type, head->port, NULL};
  /* The end of the fixed part becomes the head of an attribute that has all others within. */
  if (head->type > LAST_OF_ALL && head->size >= sizeof *head + fixed) {
    struct attribute *all = (struct attribute *)((u8 *)(head + 1) + fixed) - 1;
    *all = (struct attribute){(u16)((u8 *)head + head->size - (u8 *)all), 0};
    message->attributes = all;
  }
  return whole(head->size) < size ? whole(head->size) : size;
}

/* All that is waiting goes; its size. */
static u32 take(struct netlink *netlink) {
  u32 size = netlink->size;
  netlink->size = netlink->message = netlink->count = 0;
  return size;
}

/* The answers in one piece that has come: how many of them are still to come, and the first error. */
static long judge(const struct netlink *netlink, u8 *data, u64 size, u32 *left) {
  long error = 0;
  for (struct head *head; (head = message_at(data, size));) {
    long told = head->type == NLMSG_ERROR ? error_of(head) : 0;
    if (told && !error) error = told;
    /* Where the beginning of a change was refused, nothing of it is answered. */
    if (told && head->number == netlink->mark) *left = 0;
    else if (head->type == NLMSG_ERROR && *left) *left -= 1;
    u64 done = whole(head->size) < size ? whole(head->size) : size;
    data += done, size -= done;
  }
  return error;
}

static long receive(struct netlink *netlink) {
  long done = CALL3(read, netlink->socket, netlink->answer, sizeof netlink->answer);
  return done == 0 ? -EPROTO : done;
}

long netlink_send(struct netlink *netlink) {
  u32 left = netlink->count, size = take(netlink);
  if (size > NETLINK_MOST) return -E2BIG;
  long error = 0, done = CALL3(write, netlink->socket, netlink->data, size);
  while (done >= 0 && left) {
    done = receive(netlink);
    long told = done < 0 ? 0 : judge(netlink, (u8 *)netlink->answer, (u64)done, &left);
    if (!error) error = told;
  }
  netlink->mark = 0;
  return done < 0 ? done : error;
}

/* One piece of what is shown. 1 where more is to come, 0 at the end, or the error. */
static long show(u8 *data, u64 size, hearer *hear, void *context, int *is_torn) {
  for (struct head *head; (head = message_at(data, size));) {
    *is_torn |= (head->flags & NLM_DUMP_TORN) != 0;
    if (head->type == NLMSG_DONE) return 0;
    if (head->type == NLMSG_ERROR) return error_of(head);
    struct message message;
    u64 done = netlink_message(data, size, FIXED, &message);
    if (message.attributes) hear(context, message.type, message.attributes);
    data += done, size -= done;
  }
  return 1;
}

long netlink_hear(struct netlink *netlink, hearer *hear, void *context) {
  u32 size = take(netlink);
  if (size > NETLINK_MOST) return -E2BIG;
  long done = CALL3(write, netlink->socket, netlink->data, size);
  int is_torn = 0;
  for (long more = 1; done >= 0 && more > 0;) {
    done = receive(netlink);
    if (done > 0) done = more = show((u8 *)netlink->answer, (u64)done, hear, context, &is_torn);
  }
  if (done < 0) return done;
  return is_torn ? -EINTR : 0;
}
