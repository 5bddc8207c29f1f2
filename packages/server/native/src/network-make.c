/*
 * Makes the network of a place: a namespace, and in it one end of a pair of links whose other end the host has. The
 * namespace belongs to the host's root: nobody in the sandbox, whatever he is there, can change an address, a route or
 * a setting of it. It ends with its last process, and the links and routes with it; where a socket outlives that, with
 * something unsent, the server takes the link away (nets.c). Both ends know each other's address beforehand: nothing is
 * ever asked or announced on this link, and no third is on it.
 */
#include "network.h"
#include "route.h"

enum { IFLA_NET_NS_FD = 28, IFLA_NUM_TX_QUEUES = 31, IFLA_NUM_RX_QUEUES = 32, IFLA_INFO_DATA = 2, VETH_INFO_PEER = 1 };
enum { IFA_F_NODAD = 2, NDA_DST = 1, NDA_LLADDR = 2, NUD_PERMANENT = 0x80 };
enum { RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5, TABLE_MAIN = 254, PROTOCOL_STATIC = 4, SCOPE_LINK = 253, UNICAST = 1, ONLINK = 4 };
#define CLONE_NEWNET 0x40000000UL

struct neighbour { u8 family, pad[3]; int index; u16 state; u8 flags, type; };
struct route { u8 family, to, from, tos, table, protocol, scope, type; u32 flags; };

/* Two ends, always the same two addresses: on each pair of links there is nobody else. */
static const u8 host_end[6] = {2, 0xbe, 0, 0, 0, 1}, job_end[6] = {2, 0xbe, 0, 0, 0, 2};
static const u8 gateway6[16] = {0xfe, 0x80, [15] = 1};
static const char inner_name[] = "eth0";

static long network_read(struct network *network) {
  u64 data[NETWORK_SIZE / sizeof(u64) + 1];
  long file = CALL3(openat, AT_FDCWD, "network", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return file == -ENOENT ? 0 : file;
  long size = CALL3(read, file, data, sizeof data);
  CALL1(close, file);
  if (size < 0) return size;
  return network_parse((u8 *)data, (u64)size, network) ? 1 : -EPROTO;
}

/* What both ends are alike in. */
static void put_end(struct netlink *to, const char *name, const u8 *hardware) {
  netlink_put(to, IFLA_IFNAME, name, (u32)text_size(name) + 1);
  netlink_put(to, IFLA_ADDRESS, hardware, 6);
  netlink_put32(to, IFLA_NUM_TX_QUEUES, 1); /* else one for each processor */
  netlink_put32(to, IFLA_NUM_RX_QUEUES, 1);
}

static void add_pair(struct netlink *host, const struct network *network, int namespace) {
  struct link none = {0};
  netlink_begin(host, RTM_NEWLINK, NLM_CREATE, &none, sizeof none);
  put_end(host, network->name, host_end);
  u32 info = netlink_nest(host, IFLA_LINKINFO, NULL, 0);
  netlink_put(host, IFLA_INFO_KIND, "veth", 5);
  u32 data = netlink_nest(host, IFLA_INFO_DATA, NULL, 0);
  u32 peer = netlink_nest(host, VETH_INFO_PEER, &none, sizeof none);
  put_end(host, inner_name, job_end);
  netlink_put32(host, IFLA_NET_NS_FD, (u32)namespace);
  netlink_close(host, peer);
  netlink_close(host, data);
  netlink_close(host, info);
}

static void add_neighbour(struct netlink *to, u8 family, const u8 *address, const u8 *hardware, int index) {
  struct neighbour neighbour = {family, {0}, index, NUD_PERMANENT, 0, 0};
  netlink_begin(to, RTM_NEWNEIGH, NLM_REPLACE, &neighbour, sizeof neighbour);
  netlink_put(to, NDA_DST, address, address_size(family));
  netlink_put(to, NDA_LLADDR, hardware, 6);
}

/* On the host, from which everything else but this one address leads elsewhere. */
static void lead_to(struct netlink *host, u8 family, const u8 *address, int index) {
  struct route route = {family, (u8)(8 * address_size(family)), 0, 0, TABLE_MAIN, PROTOCOL_STATIC, SCOPE_LINK, UNICAST, 0};
  netlink_begin(host, RTM_NEWROUTE, NLM_CREATE, &route, sizeof route);
  netlink_put(host, RTA_DST, address, address_size(family));
  netlink_put32(host, RTA_OIF, (u32)index);
  add_neighbour(host, family, address, job_end, index);
}

/* Within: its one address, and the way out. */
static void settle_in(struct netlink *inner, u8 family, const u8 *own, const u8 *gateway, int index) {
  struct address address = {family, (u8)(8 * address_size(family)), family == AF_INET ? 0 : IFA_F_NODAD, 0, (u32)index};
  struct route route = {family, 0, 0, 0, TABLE_MAIN, PROTOCOL_STATIC, 0, UNICAST, ONLINK};
  netlink_begin(inner, RTM_NEWADDR, NLM_CREATE, &address, sizeof address);
  netlink_put(inner, IFA_LOCAL, own, address_size(family));
  netlink_put(inner, IFA_ADDRESS, own, address_size(family));
  add_neighbour(inner, family, gateway, host_end, index);
  netlink_begin(inner, RTM_NEWROUTE, NLM_CREATE, &route, sizeof route);
  netlink_put(inner, RTA_GATEWAY, gateway, address_size(family));
  netlink_put32(inner, RTA_OIF, (u32)index);
}

static long make_inner(const struct network *network) {
  static struct netlink inner;
  int has6 = (network->flags & NETWORK_V6) != 0;
  long index = route_index(inner_name);
  if (index < 0) return index;
  long done = netlink_open(&inner, NETLINK_ROUTE);
  if (done < 0) return done;
  route_raise(&inner, 1); /* the loopback is always the first */
  if (has6) route_silence(&inner, (int)index);
  route_raise(&inner, (int)index);
  settle_in(&inner, AF_INET, network->address4, network->gateway4, (int)index);
  if (has6) settle_in(&inner, AF_INET6, network->address6, gateway6, (int)index);
  done = netlink_send(&inner);
  CALL1(close, inner.socket);
  return done;
}

/* `host` was opened before: a socket stays in the namespace in which it was made. */
static long make_host(struct netlink *host, const struct network *network, int index) {
  int has6 = (network->flags & NETWORK_V6) != 0;
  if (has6) route_silence(host, index);
  route_raise(host, index);
  lead_to(host, AF_INET, network->address4, index);
  if (has6) lead_to(host, AF_INET6, network->address6, index);
  return netlink_send(host);
}

/* Back and forth: what the host's end is called by number only the host's namespace knows. */
static long make_with(struct netlink *host, const struct network *network) {
  long before = CALL3(openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (before < 0) return before;
  long done = CALL1(unshare, CLONE_NEWNET), own = -1;
  if (done >= 0) done = own = CALL3(openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (done >= 0) add_pair(host, network, (int)own), done = netlink_send(host);
  if (done >= 0) done = make_inner(network);
  if (done >= 0) done = CALL2(setns, before, CLONE_NEWNET);
  if (done >= 0) done = route_index(network->name);
  if (done >= 0) done = make_host(host, network, (int)done);
  if (own >= 0 && done >= 0) done = CALL2(setns, own, CLONE_NEWNET);
  CALL1(close, before);
  if (own >= 0) CALL1(close, own);
  return done;
}

long network_make(void) {
  static struct netlink host;
  static struct network network;
  long has = network_read(&network);
  if (has <= 0) return has;
  long done = netlink_open(&host, NETLINK_ROUTE);
  if (done < 0) return done;
  done = make_with(&host, &network);
  CALL1(close, host.socket);
  return done < 0 ? done : 1;
}
