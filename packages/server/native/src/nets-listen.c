/* Hears when somebody else changes the table: a firewall that is loaded anew takes away what others have. */
#include "netlink.h"
#include "nets.h"

enum { AF_NETLINK = 16, SUBSYSTEM = 10, GROUP_TABLES = 1 << 6, SO_RCVBUFFORCE = 33, ROOM = 8 << 20 };
enum { NEW_ELEMENT = 12, DELETE_ELEMENT = 14, NEW_GENERATION = 15, TABLE_NAME = 1, SET_NAME = 2 };
struct address { u16 family, pad; u32 port, groups; };

static u32 own_port;

static long bind_to(long socket, u32 groups, u32 *port) {
  struct address address = {AF_NETLINK, 0, 0, groups};
  u32 size = sizeof address;
  long done = CALL3(bind, socket, &address, sizeof address);
  if (done >= 0) done = CALL3(getsockname, socket, &address, &size);
  *port = address.port;
  return done;
}

int nets_listen(int own) {
  static struct netlink listener;
  u32 port;
  if (bind_to(own, 0, &own_port) < 0 || netlink_open(&listener, NETLINK_NETFILTER) < 0) return -1;
  int room = ROOM; /* a table that is loaded is told element by element */
  CALL5(setsockopt, listener.socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  return bind_to(listener.socket, GROUP_TABLES, &port) < 0 ? -1 : listener.socket;
}

static int is_text(const struct attribute *attribute, const char *text) {
  if (!attribute || netlink_size(attribute) != text_size(text) + 1) return 0;
  const u8 *value = netlink_value(attribute);
  for (u32 n = 0; n < netlink_size(attribute); n += 1)
    if (value[n] != (u8)text[n]) return 0;
  return 1;
}

/* Each message names its table first; that of an element its set next. */
static int is_foreign(u16 type, u32 port, const struct attribute *all, const char *table) {
  if (type >> 8 != SUBSYSTEM || !all || !is_text(netlink_find(all, TABLE_NAME), table)) return 0;
  u8 what = (u8)type;
  if (what != NEW_ELEMENT && what != DELETE_ELEMENT) return what < NEW_GENERATION;
  const struct attribute *set = netlink_find(all, SET_NAME);
  /* What the resolver opens comes by a helper of its own. */
  return port != own_port && !is_text(set, "opened4") && !is_text(set, "opened6");
}

/* How many changes have touched the table: each ends with a word of its own. More than all where some were not heard of. */
static u32 count_changes(u8 *data, u64 size, const char *table) {
  static int is_touched;
  const struct attribute *attributes;
  u32 port, count = 0;
  u16 type;
  for (u64 done; (done = netlink_message(data, size, &type, &port, &attributes)); data += done, size -= done) {
    is_touched |= is_foreign(type, port, attributes, table);
    if (type != (SUBSYSTEM << 8 | NEW_GENERATION)) continue;
    count += (u32)is_touched;
    is_touched = 0;
  }
  return count;
}

u32 nets_changed(int listener, const char *table) {
  static u64 piece[1 << 12];
  u32 count = 0;
  for (;;) {
    long size = CALL6(recvfrom, listener, piece, sizeof piece, MSG_DONTWAIT, 0, 0);
    if (size == -ENOBUFS) return NETS_UNHEARD;
    if (size <= 0) return count;
    count += count_changes((u8 *)piece, (u64)size, table);
  }
}
