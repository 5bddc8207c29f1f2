/*
 * What the host's own routing needs for the networks of jobs: a link without ports that has the address by which jobs leave,
 * and rules by which nothing of a job is led on unless the table has seen it.
 */
#include "nets.h"
#include "route.h"

enum { FRA_SRC = 2, FRA_IIFNAME = 3, FRA_GOTO = 4, FRA_PRIORITY = 6, FRA_FWMARK = 10, FRA_FWMASK = 16 };
enum { TO_GOTO = 2, TO_NOP = 3, TO_UNREACHABLE = 7, OWN = NETS_FIRST_RULE, PASS = 90, STOP = 91, ON = NETS_LAST_RULE };
struct rule { u8 family, to, from, tos, table, zero[2], action; u32 flags; };
struct range { u8 family, prefix, bytes[16]; u32 mark, mask; };

static struct netlink route;

/* 0, also where it is there. */
static long make_bridge(const char *name) {
  struct link none = {0};
  netlink_begin(&route, RTM_NEWLINK, NLM_CREATE, &none, sizeof none);
  netlink_put(&route, IFLA_IFNAME, name, (u32)text_size(name) + 1);
  u32 info = netlink_nest(&route, IFLA_LINKINFO, NULL, 0);
  netlink_put(&route, IFLA_INFO_KIND, "bridge", 7);
  netlink_close(&route, info);
  long done = netlink_send(&route);
  return done == -EEXIST ? 0 : done;
}

/* gateway NAME ADDRESS */
static long gateway(char **word, u32 count) {
  u8 bytes[16];
  if (count != 3 || text_size(word[1]) > 15 || nets_hex(word[2], bytes, 16) != 4) return -EINVAL;
  long done = make_bridge(word[1]);
  if (done < 0) return done;
  long index = route_index(word[1]);
  if (index < 0) return index;
  struct address address = {AF_INET, 32, 0, 0, (u32)index};
  route_silence(&route, (int)index);
  route_raise(&route, (int)index);
  netlink_begin(&route, RTM_NEWADDR, NLM_REPLACE, &address, sizeof address);
  netlink_put(&route, IFA_LOCAL, bytes, 4);
  netlink_put(&route, IFA_ADDRESS, bytes, 4);
  return netlink_send(&route);
}

static void put_rule(u16 type, const struct range *range, u32 preference, u8 action) {
  struct rule rule = {range->family, 0, range->prefix, 0, 0, {0, 0}, action, 0};
  netlink_begin(&route, type, type == RTM_NEWRULE ? NLM_CREATE : 0, &rule, sizeof rule);
  netlink_put(&route, FRA_SRC, range->bytes, address_size(range->family));
  netlink_put32(&route, FRA_PRIORITY, preference);
  if (action != TO_GOTO) return;
  netlink_put32(&route, FRA_GOTO, ON);
  if (preference == OWN) {
    netlink_put(&route, FRA_IIFNAME, "lo", 3);
    return;
  }
  netlink_put32(&route, FRA_FWMARK, range->mark);
  netlink_put32(&route, FRA_FWMASK, range->mask);
}

/* One by one: what is there, or is not there to go, is no reason to leave out the others. */
static long do_rules(u16 type, const struct range *range) {
  static const struct { u32 preference; u8 action; } rules[] = {
    {ON, TO_NOP}, {PASS, TO_GOTO}, {OWN, TO_GOTO} /* what the host itself sends from the gateway */, {STOP, TO_UNREACHABLE},
  };
  long first = 0;
  for (u32 n = 0; n < 4; n += 1) {
    /* They go the other way round: what stops a job is the last to come and the first to go. */
    u32 which = type == RTM_NEWRULE ? n : 3 - n;
    put_rule(type, range, rules[which].preference, rules[which].action);
    long done = netlink_send(&route);
    if (done != -EEXIST && done != -ENOENT && !first) first = done;
  }
  return first;
}

/* Ranges whose rules were asked for, as many as a server has of them, and one that is left by an earlier one. */
enum { HELD_MOST = 8 };
static struct range held[HELD_MOST];
static u32 held_count;

static int is_held(const u8 *bytes, u32 size) {
  for (u32 n = 0; n < held_count; n += 1) {
    u32 at = 0;
    if (address_size(held[n].family) != size) continue;
    while (at < size && held[n].bytes[at] == bytes[at]) at += 1;
    if (at == size) return 1;
  }
  return 0;
}

static void hold(const struct range *range) {
  if (held_count < HELD_MOST && !is_held(range->bytes, address_size(range->family))) held[held_count++] = *range;
}

/* One that was begun anew does not know what the one before had asked for. */
int nets_guards(const u8 *bytes, u32 size) { return !held_count || held_count == HELD_MOST || is_held(bytes, size); }

/* rules RANGE PREFIX MARK MASK, and unrule with the same words. */
static long rules(char **word, u32 count, u16 type) {
  struct range range = {0};
  u8 mark[8];
  u32 size = count == 5 ? nets_hex(word[1], range.bytes, 16) : 0;
  if ((size != 4 && size != 16) || nets_hex(word[3], mark, 4) != 4 || nets_hex(word[4], mark + 4, 4) != 4) return -EINVAL;
  range.family = size == 4 ? AF_INET : AF_INET6;
  range.prefix = (u8)nets_number(word[2]);
  for (u32 n = 0; n < 4; n += 1) range.mark = range.mark << 8 | mark[n], range.mask = range.mask << 8 | mark[4 + n];
  if (!range.prefix || range.prefix > 8 * size) return -EINVAL;
  if (type == RTM_NEWRULE) hold(&range);
  return do_rules(type, &range);
}

int nets_guard_socket(void) {
  static int is_open;
  if (!is_open) netlink_open(&route, NETLINK_ROUTE);
  is_open = 1;
  return route.socket;
}

long nets_unlink(const char *name) {
  if (nets_guard_socket() < 0) return -EIO;
  long index = text_size(name) <= 15 ? route_index(name) : -EINVAL;
  if (index < 0) return index == -ENODEV ? 0 : index;
  struct link link = {0, 0, 0, (int)index, 0, 0};
  netlink_begin(&route, RTM_DELLINK, 0, &link, sizeof link);
  long done = netlink_send(&route);
  return done == -ENODEV ? 0 : done; /* it has gone meanwhile */
}

long nets_guard(char **word, u32 count) {
  if (nets_guard_socket() < 0) return -EIO;
  if (is_same(word[0], "gateway")) return gateway(word, count);
  if (is_same(word[0], "ungate")) return count == 2 ? nets_unlink(word[1]) : -EINVAL;
  if (is_same(word[0], "rules")) return rules(word, count, RTM_NEWRULE);
  if (is_same(word[0], "unrule")) return rules(word, count, RTM_DELRULE);
  return -EINVAL;
}
