/* Reads what the network of a place is made of. No system call is here: tests run it under sanitizers. */
#include "network.h"

static u32 number_at(const u8 *at) {
  return (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

/* Letters, digits and `-`, ended by NULs up to the end of its room. */
static int is_name(const u8 *name) {
  u32 size = 0, n = 0;
  for (; size < NETWORK_NAME && name[size]; size += 1) {
    u8 one = name[size];
    if (!((one >= 'a' && one <= 'z') || (one >= '0' && one <= '9') || one == '-')) return 0;
  }
  for (n = size; n < NETWORK_NAME; n += 1)
    if (name[n]) return 0;
  return size > 0 && size < NETWORK_NAME;
}

int network_parse(const u8 *data, u64 size, struct network *network) {
  if (size != NETWORK_SIZE || number_at(data + 4) != size) return 0;
  if (data[0] != 'B' || data[1] != 'N' || data[2] != 'W' || data[3] != '1') return 0;
  network->flags = number_at(data + 8);
  if (network->flags & ~(u32)NETWORK_V6 || number_at(data + 20) || !is_name(data + 40)) return 0;
  memcpy(network->address4, data + 12, 4);
  memcpy(network->gateway4, data + 16, 4);
  memcpy(network->address6, data + 24, 16);
  memcpy(network->name, data + 40, NETWORK_NAME);
  return 1;
}
