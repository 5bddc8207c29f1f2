/*
 * Takes away what the kernel knows of connections by their first address: whoever has that address next has none of them, as
 * what belongs to a connection is let through without being looked up.
 */
#include "nets.h"
#include "nfset.h"

enum { SUBSYSTEM = 1, GET_CONNECTION = SUBSYSTEM << 8 | 1, DELETE_CONNECTION = SUBSYSTEM << 8 | 2 };
enum { AF_INET = 2, AF_INET6 = 10, TUPLE = 1, TUPLE_ADDRESSES = 1, SOURCE4 = 1, SOURCE6 = 3, NESTED = 0x8000 };
struct family { u8 family, version; u16 resource; };

struct severed { struct netlink *change; u8 family; u32 size; int but; u8 range[16]; u32 prefix; char **words; u32 count; long error; };

static int are_same(const u8 *a, const u8 *b, u32 size) {
  for (u32 n = 0; n < size; n += 1)
    if (a[n] != b[n]) return 0;
  return 1;
}

static int is_in_range(const struct severed *severed, const u8 *address) {
  u32 whole = severed->prefix / 8, rest = severed->prefix % 8;
  if (!are_same(address, severed->range, whole)) return 0;
  return !rest || (u8)((address[whole] ^ severed->range[whole]) >> (8 - rest)) == 0;
}

/* By their last two bytes, which tell most apart: of a host's many connections few are looked for in the list. */
static u8 known[1 << 13];

static u32 last_bytes(const struct severed *severed, const u8 *address) {
  return (u32)address[severed->size - 2] << 8 | address[severed->size - 1];
}

static void know(const struct severed *severed) {
  u8 bytes[16];
  memset(known, 0, sizeof known);
  for (u32 n = 0; n < severed->count; n += 1) {
    if (nets_hex(severed->words[n], bytes, 16) != severed->size) continue;
    u32 last = last_bytes(severed, bytes);
    known[last / 8] |= (u8)(1 << last % 8);
  }
}

static int is_listed(const struct severed *severed, const u8 *address) {
  u8 bytes[16];
  u32 last = last_bytes(severed, address);
  if (!(known[last / 8] & 1 << last % 8)) return 0;
  for (u32 n = 0; n < severed->count; n += 1)
    if (nets_hex(severed->words[n], bytes, 16) == severed->size && are_same(bytes, address, severed->size)) return 1;
  return 0;
}

static int goes(const struct severed *severed, const u8 *address) {
  if (!severed->but) return is_listed(severed, address);
  return is_in_range(severed, address) && !is_listed(severed, address);
}

/* By the same words by which the kernel has just named it; that it has ended meanwhile is as well. */
static void see_connection(void *context, u16 type, const struct attribute *all) {
  struct severed *severed = context;
  const struct attribute *tuple = type >> 8 == SUBSYSTEM ? netlink_find(all, TUPLE) : NULL;
  const struct attribute *addresses = tuple ? netlink_find(tuple, TUPLE_ADDRESSES) : NULL;
  const struct attribute *source = addresses ? netlink_find(addresses, severed->size == 4 ? SOURCE4 : SOURCE6) : NULL;
  if (!source || netlink_size(source) != severed->size || !goes(severed, netlink_value(source))) return;
  struct family family = {severed->family, 0, 0};
  netlink_begin(severed->change, DELETE_CONNECTION, 0, &family, sizeof family);
  netlink_put(severed->change, TUPLE | NESTED, netlink_value(tuple), netlink_size(tuple));
  long done = netlink_send(severed->change);
  if (done && done != -ENOENT && !severed->error) severed->error = done;
}

static long sever(struct netlink *by, struct severed *severed) {
  struct family family = {severed->family, 0, 0};
  know(severed);
  netlink_ask(by, GET_CONNECTION, 1, &family, sizeof family);
  long done = netlink_hear(by, see_connection, severed);
  return done ? done : severed->error;
}

/* sever only ADDRESS...; sever but RANGE PREFIX ADDRESS...: all of the range but those. */
long nets_sever(struct netlink *by, struct netlink *change, char **word, u32 count) {
  struct severed severed = {.change = change};
  if (count > 1 && word[1][0] == 'o') {
    severed.words = word + 2, severed.count = count - 2;
    severed.family = AF_INET, severed.size = 4;
    long done = sever(by, &severed);
    severed.family = AF_INET6, severed.size = 16;
    long other = sever(by, &severed);
    return done ? done : other;
  }
  if (count < 4 || word[1][0] != 'b') return -EINVAL;
  severed.but = 1;
  severed.size = nets_hex(word[2], severed.range, 16);
  severed.prefix = (u32)nets_number(word[3]);
  if ((severed.size != 4 && severed.size != 16) || severed.prefix > 8 * severed.size) return -EINVAL;
  severed.family = severed.size == 4 ? AF_INET : AF_INET6;
  severed.words = word + 4, severed.count = count - 4;
  return sever(by, &severed);
}
