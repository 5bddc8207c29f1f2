#ifndef ROUTE_H
#define ROUTE_H
#include "netlink.h"

/* Links, addresses and rules of one network namespace, as messages of netlink. */
enum { AF_INET = 2, AF_INET6 = 10 };
enum { RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_NEWADDR = 20, RTM_NEWROUTE = 24, RTM_NEWNEIGH = 28, RTM_NEWRULE = 32, RTM_DELRULE = 33 };
enum { IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_LINKINFO = 18, IFLA_INFO_KIND = 1, IFA_ADDRESS = 1, IFA_LOCAL = 2 };
struct link { u8 family, pad; u16 type; int index; u32 flags, change; };
struct address { u8 family, prefix, flags, scope; u32 index; };

static inline u32 address_size(u8 family) { return family == AF_INET ? 4 : 16; }

/* The number of a link, in the namespace of this process, or the negative error. */
long route_index(const char *name);

/* Raises a link. */
void route_raise(struct netlink *to, int index);

/* Before it is raised: a link that gives itself no address has nothing to announce either. */
void route_silence(struct netlink *to, int index);

#endif
