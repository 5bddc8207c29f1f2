/* What all who make links have to say to the kernel. */
#include "route.h"

enum { SOCK_DGRAM = 2, SIOCGIFINDEX = 0x8933, IFF_UP = 1, IFLA_AF_SPEC = 26, ADDR_GEN_MODE = 8, ADDR_GEN_NONE = 1 };

long route_index(const char *name) {
  struct { char name[16]; int index; u8 pad[20]; } request = {{0}, 0, {0}};
  memcpy(request.name, name, text_size(name));
  long socket = CALL3(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return socket;
  long done = CALL3(ioctl, socket, SIOCGIFINDEX, &request);
  CALL1(close, socket);
  return done < 0 ? done : request.index;
}

void route_raise(struct netlink *to, int index) {
  struct link link = {0, 0, 0, index, IFF_UP, IFF_UP};
  netlink_begin(to, RTM_NEWLINK, 0, &link, sizeof link);
}

void route_silence(struct netlink *to, int index) {
  struct link link = {0, 0, 0, index, 0, 0};
  u8 mode = ADDR_GEN_NONE;
  netlink_begin(to, RTM_NEWLINK, 0, &link, sizeof link);
  u32 families = netlink_nest(to, IFLA_AF_SPEC, NULL, 0), inet6 = netlink_nest(to, AF_INET6, NULL, 0);
  netlink_put(to, ADDR_GEN_MODE, &mode, 1);
  netlink_close(to, inet6);
  netlink_close(to, families);
}
