/* Hears when somebody else changes the table: a firewall that is loaded anew takes away what others have. */
#include "netlink.h"
#include "nets.h"

enum { AF_NETLINK = 16, SO_RCVBUFFORCE = 33, ROOM = 8 << 20 };
enum { SUBSYSTEM = 10, GROUP_TABLES = 1 << 6, NEW_ELEMENT = 12, DELETE_ELEMENT = 14, NEW_GENERATION = 15 };
enum { TABLE_NAME = 1, SET_NAME = 2, TABLE_FIXED = 4 };
enum { GROUPS_RULES = 1 << 7 | 1 << 18, RTM_DELRULE = 33, FRA_SRC = 2, FRA_PRIORITY = 6, RULE_FIXED = 12 };
struct address { u16 family, pad; u32 port, groups; };

static u32 own_port, own_rules_port;

/* The number by which the kernel knows the socket; 0 where it takes it for none. */
static u32 bind_to(long socket, u32 groups) {
  struct address address = {AF_NETLINK, 0, 0, groups};
  u32 size = sizeof address;
  if (CALL3(bind, socket, &address, sizeof address) < 0) return 0;
  return CALL3(getsockname, socket, &address, &size) < 0 ? 0 : address.port;
}

/* A table that is loaded is told element by element, which takes room. */
static int listen_to(int protocol, u32 groups) {
  static struct netlink listener;
  int room = ROOM;
  if (netlink_open(&listener, protocol) < 0 || !bind_to(listener.socket, groups)) return -1;
  CALL5(setsockopt, listener.socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  return listener.socket;
}

int nets_listen(int own) {
  own_port = bind_to(own, 0);
  return listen_to(NETLINK_NETFILTER, GROUP_TABLES);
}

int nets_listen_rules(int own) {
  own_rules_port = bind_to(own, 0);
  return listen_to(NETLINK_ROUTE, GROUPS_RULES);
}

static int is_text(const struct attribute *attribute, const char *text) {
  if (!attribute || netlink_size(attribute) != text_size(text) + 1) return 0;
  const u8 *value = netlink_value(attribute);
  for (u32 n = 0; n < netlink_size(attribute); n += 1)
    if (value[n] != (u8)text[n]) return 0;
  return 1;
}

/* What helpers add and take out besides the one that listens: what the resolver opens, and what has been told. */
static int is_of_helpers(const struct attribute *set) {
  static const char *const names[] = {
    "opened4", "opened6", "sent4", "sent6", "got4", "got6", "refused4", "refused6", "again4", "again6",
  };
  for (u32 n = 0; n < sizeof names / sizeof *names; n += 1)
    if (is_text(set, names[n])) return 1;
  return 0;
}

/* Each message names its table first; that of an element its set next. */
static int is_foreign(const struct message *message, const char *table) {
  const struct attribute *all = message->attributes;
  if (message->type >> 8 != SUBSYSTEM || !all || !is_text(netlink_find(all, TABLE_NAME), table)) return 0;
  u8 what = (u8)message->type;
  if (what != NEW_ELEMENT && what != DELETE_ELEMENT) return what < NEW_GENERATION;
  return message->port != own_port && !is_of_helpers(netlink_find(all, SET_NAME));
}

static u64 piece[1 << 12];

/* What has come, up to where it ends; the negative error where it was more than there was room for. */
static long hear(int listener) {
  long size = CALL6(recvfrom, listener, piece, sizeof piece, MSG_DONTWAIT, 0, 0);
  return size < 0 && size != -ENOBUFS ? 0 : size;
}

/* How many changes have touched the table: each ends with a word of its own. */
static u32 count_changes(u8 *data, u64 size, const char *table) {
  static int is_touched;
  struct message message;
  u32 count = 0;
  for (u64 done; (done = netlink_message(data, size, TABLE_FIXED, &message)); data += done, size -= done) {
    is_touched |= is_foreign(&message, table);
    if (message.type != (SUBSYSTEM << 8 | NEW_GENERATION)) continue;
    count += (u32)is_touched;
    is_touched = 0;
  }
  return count;
}

u32 nets_changed(int listener, const char *table) {
  u32 count = 0;
  for (long size; (size = hear(listener));) {
    if (size < 0) return NETS_UNHEARD;
    count += count_changes((u8 *)piece, (u64)size, table);
  }
  return count;
}

/* Those of another server's range are its own matter. */
static int is_rule_gone(u8 *data, u64 size) {
  struct message message;
  for (u64 done; (done = netlink_message(data, size, RULE_FIXED, &message)); data += done, size -= done) {
    const struct attribute *at = message.attributes ? netlink_find(message.attributes, FRA_PRIORITY) : NULL;
    if (message.type != RTM_DELRULE || message.port == own_rules_port || !at || netlink_size(at) != sizeof(u32)) continue;
    u32 preference = *(const u32 *)netlink_value(at);
    if (preference < NETS_FIRST_RULE || preference > NETS_LAST_RULE) continue;
    const struct attribute *from = netlink_find(message.attributes, FRA_SRC);
    if (!from || nets_guards(netlink_value(from), netlink_size(from))) return 1;
  }
  return 0;
}

int nets_rules_gone(int listener) {
  int gone = 0;
  for (long size; (size = hear(listener));) gone |= size < 0 || is_rule_gone((u8 *)piece, (u64)size);
  return gone;
}
