/* The wire format of nftables, as far as elements of its sets need it. */
#include "nfset.h"

enum { SUBSYSTEM = 10, BATCH_BEGIN = 0x10, BATCH_END = 0x11, FAMILY_INET = 1, NESTED = 0x8000 };
enum { NEW_ELEMENT = SUBSYSTEM << 8 | 12, GET_ELEMENT = SUBSYSTEM << 8 | 13, DELETE_ELEMENT = SUBSYSTEM << 8 | 14 };
enum { LIST_TABLE = 1, LIST_SET, LIST_ELEMENTS, LIST_ELEMENT = 1 };
enum { ELEMENT_KEY = 1, ELEMENT_DATA, ELEMENT_TIMEOUT = 4, ELEMENT_EXPIRATION, ELEMENT_EXPRESSION = 7 };
enum { DATA_VALUE = 1, DATA_VERDICT, VERDICT_CODE = 1, VERDICT_CHAIN, EXPRESSION_DATA = 2, COUNTER_BYTES = 1, COUNTER_PACKETS };
struct family { u8 family, version; u16 resource; };

static u16 big16(u16 value) { return (u16)(value << 8 | value >> 8); }
static u32 big32(u32 value) { return (u32)big16((u16)value) << 16 | big16((u16)(value >> 16)); }
static u64 big64(u64 value) { return (u64)big32((u32)value) << 32 | big32((u32)(value >> 32)); }

static void put_text(struct netlink *to, u16 type, const char *text) { netlink_put(to, type, text, (u32)text_size(text) + 1); }
static u32 nest(struct netlink *to, u16 type) { return netlink_nest(to, type | NESTED, NULL, 0); }

void nfset_begin(struct netlink *to) {
  struct family family = {0, 0, big16(SUBSYSTEM)};
  netlink_mark(to, BATCH_BEGIN, &family, sizeof family);
}

long nfset_commit(struct netlink *to) {
  struct family family = {0, 0, big16(SUBSYSTEM)};
  netlink_mark(to, BATCH_END, &family, sizeof family);
  return netlink_send(to);
}

static void put_verdict(struct netlink *to, const struct element *element) {
  u32 data = nest(to, ELEMENT_DATA), verdict = nest(to, DATA_VERDICT);
  netlink_put32(to, VERDICT_CODE, big32((u32)element->verdict));
  put_text(to, VERDICT_CHAIN, element->chain);
  netlink_close(to, verdict);
  netlink_close(to, data);
}

/* The message's own part, and what is behind it in every one. */
static void put_element(struct netlink *to, const char *table, const struct element *element) {
  put_text(to, LIST_TABLE, table);
  put_text(to, LIST_SET, element->set);
  if (!element->key) return;
  u32 list = nest(to, LIST_ELEMENTS), one = nest(to, LIST_ELEMENT), key = nest(to, ELEMENT_KEY);
  netlink_put(to, DATA_VALUE, element->key, element->size);
  netlink_close(to, key);
  if (element->verdict) put_verdict(to, element);
  u64 ms = big64(element->ms);
  if (element->ms) netlink_put(to, ELEMENT_TIMEOUT, &ms, sizeof ms);
  netlink_close(to, one);
  netlink_close(to, list);
}

static void change(struct netlink *to, u16 type, u16 flags, const char *table, const struct element *element) {
  struct family family = {FAMILY_INET, 0, 0};
  netlink_begin(to, type, flags, &family, sizeof family);
  put_element(to, table, element);
}

void nfset_add(struct netlink *to, const char *table, const struct element *element) {
  change(to, NEW_ELEMENT, NLM_ADD, table, element);
}

void nfset_remove(struct netlink *to, const char *table, const struct element *element) {
  struct element bare = {element->set, element->key, element->size, VERDICT_NONE, NULL, 0};
  change(to, DELETE_ELEMENT, 0, table, &bare);
}

static u64 number64(const struct attribute *attribute) {
  u64 value = 0;
  if (netlink_size(attribute) == sizeof value) memcpy(&value, netlink_value(attribute), sizeof value);
  return big64(value);
}

/* Bytes and packets, of a counter; anything else an element may bear has other attributes, and is not asked for. */
static void see_counter(const struct attribute *expression, struct shown *shown) {
  const struct attribute *data = netlink_find(expression, EXPRESSION_DATA), *at;
  if (!data) return;
  if ((at = netlink_find(data, COUNTER_BYTES))) shown->bytes = (i64)number64(at);
  if ((at = netlink_find(data, COUNTER_PACKETS))) shown->packets = (i64)number64(at);
}

static void see_element(const struct attribute *one, const char *set, shower *show, void *context) {
  struct shown shown = {NULL, 0, -1, -1, -1};
  const struct attribute *key = netlink_find(one, ELEMENT_KEY), *value = key ? netlink_find(key, DATA_VALUE) : NULL, *at;
  if (!value || netlink_size(value) > KEY_MOST) return;
  shown.key = netlink_value(value);
  shown.size = netlink_size(value);
  if ((at = netlink_find(one, ELEMENT_EXPIRATION))) shown.left_ms = (i64)number64(at);
  if ((at = netlink_find(one, ELEMENT_EXPRESSION))) see_counter(at, &shown);
  show(context, set, &shown);
}

struct showing { const char *set; shower *show; void *context; };

static void see_message(void *context, u16 type, const struct attribute *all) {
  const struct showing *showing = context;
  const struct attribute *list = type == NEW_ELEMENT ? netlink_find(all, LIST_ELEMENTS) : NULL;
  for (const struct attribute *one = list ? netlink_first(list) : NULL; one; one = netlink_next(list, one))
    see_element(one, showing->set, showing->show, showing->context);
}

long nfset_show(struct netlink *by, const char *table, const struct element *which, shower *show, void *context) {
  struct family family = {FAMILY_INET, 0, 0};
  struct showing showing = {which->set, show, context};
  netlink_ask(by, GET_ELEMENT, !which->key, &family, sizeof family);
  put_element(by, table, which);
  return netlink_hear(by, see_message, &showing);
}
