/*
 * The server's helper for the networks of jobs: lets links through and stops them, opens addresses, and shows what was
 * reached, by elements in the sets of one table. It keeps nothing: what it was told is in the kernel. README.md has the words.
 */
#include "nets.h"
#include "nfset.h"
#include "place.h"
#include "roles.h"

enum { LINES_MOST = 1 << 19, WORDS_MOST = 1 << 15 };

static struct netlink by, change; /* what is shown goes by another socket than what is changed meanwhile */
static const char *own_table;

/* ---- what is read ---- */

/* A link's name as the key of a set: with NULs up to its size. False for what is none. */
static int read_link(const char *word, u8 key[LINK_SIZE]) {
  u64 size = text_size(word);
  if (size == 0 || size >= LINK_SIZE) return 0;
  memset(key, 0, LINK_SIZE);
  memcpy(key, word, size);
  return 1;
}

/* ---- what is done ---- */

static void add(const char *set, const u8 *key, u32 size) {
  struct element element = {set, key, size, VERDICT_NONE, NULL, 0};
  nfset_add(&change, own_table, &element);
}

static void lead(const char *map, const u8 *link, int verdict, const char *profile, const char *chain) {
  char name[PATH_MOST];
  JOIN(name, profile, "_", chain);
  struct element element = {map, link, LINK_SIZE, verdict, name, 0};
  nfset_add(&change, own_table, &element);
}

static int has(const char *flags, char flag) {
  while (*flags && *flags != flag) flags += 1;
  return *flags == flag;
}

/* grant LINK PROFILE FLAGS */
static long grant(char **word, u32 count) {
  u8 link[LINK_SIZE];
  if (count != 4 || !read_link(word[1], link)) return -EINVAL;
  nfset_begin(&change);
  if (has(word[3], 'o')) add("observed", link, LINK_SIZE);
  if (has(word[3], 'm')) {
    lead("upward", link, VERDICT_JUMP, word[2], "up");
    lead("downward", link, VERDICT_JUMP, word[2], "down");
  }
  lead("doors", link, VERDICT_GOTO, word[2], "door");
  lead("grants", link, VERDICT_GOTO, word[2], "out");
  return nfset_commit(&change);
}

static long take_out(const char *set, const u8 *key, u32 size) {
  struct element element = {set, key, size, VERDICT_NONE, NULL, 0};
  nfset_begin(&change);
  nfset_remove(&change, own_table, &element);
  long done = nfset_commit(&change);
  return done == -ENOENT ? 0 : done;
}

/* What `grant` adds, in one change, which is heard of once: where not all of it is there, nothing is taken out. */
static long take_back(const u8 *link, const char *flags) {
  static const char *const sets[] = {"grants", "doors", "observed", "upward", "downward"};
  static const char needed[] = {0, 0, 'o', 'm', 'm'};
  nfset_begin(&change);
  for (u32 n = 0; n < sizeof sets / sizeof *sets; n += 1) {
    struct element element = {sets[n], link, LINK_SIZE, VERDICT_NONE, NULL, 0};
    if (!needed[n] || has(flags, needed[n])) nfset_remove(&change, own_table, &element);
  }
  return nfset_commit(&change);
}

/* revoke LINK FLAGS: whatever of it is there. The flags tell what was granted, where anybody knows. */
static long revoke(char **word, u32 count) {
  static const char *const sets[] = {"refusals", "grants", "doors", "upward", "downward", "observed"};
  u8 link[LINK_SIZE];
  if (count != 3 || !read_link(word[1], link)) return -EINVAL;
  u32 left = take_back(link, word[2]) ? sizeof sets / sizeof *sets : 1;
  long first = 0;
  for (u32 n = 0; n < left; n += 1) {
    long done = take_out(sets[n], link, LINK_SIZE);
    if (!first) first = done;
  }
  return first;
}

/* Kernels before 6.12 leave the time of an element that is there as it was: it goes and comes in one change. */
static long open_address(const struct element *element) {
  nfset_begin(&change);
  nfset_remove(&change, own_table, element);
  nfset_add(&change, own_table, element);
  long done = nfset_commit(&change);
  if (done != -ENOENT) return done;
  nfset_begin(&change);
  nfset_add(&change, own_table, element);
  return nfset_commit(&change);
}

/* open LINK MS ADDRESS... */
static long open_addresses(char **word, u32 count) {
  u8 key[LINK_SIZE + 16];
  u64 ms = count > 3 ? nets_number(word[2]) : 0;
  if (!ms || !read_link(word[1], key)) return -EINVAL;
  for (u32 n = 3; n < count; n += 1) {
    u32 size = nets_hex(word[n], key + LINK_SIZE, 16);
    if (size != 4 && size != 16) return -EINVAL;
    struct element element = {size == 4 ? "opened4" : "opened6", key, LINK_SIZE + size, VERDICT_NONE, NULL, ms};
    long done = open_address(&element);
    if (done) return done;
  }
  return 0;
}

/* ---- what is shown ---- */

struct asked { char **links; u32 count; int goes; /* what is shown is taken out too */ };

static int is_asked(const struct asked *asked, const u8 *link) {
  for (u32 n = 0; n < asked->count; n += 1) {
    const char *name = asked->links[n];
    u32 at = 0;
    while (at < LINK_SIZE && name[at] && (u8)name[at] == link[at]) at += 1;
    if (at < LINK_SIZE && !name[at] && !link[at]) return 1;
  }
  return 0;
}

static void say_link(const u8 *link) {
  char name[LINK_SIZE + 1] = {0};
  memcpy(name, link, LINK_SIZE);
  nets_say(" ");
  nets_say(name);
}

/* `= SET LINK PACKETS BYTES LEFT`, and of a destination ` ADDRESS PROTOCOL PORT`. */
static void show_one(void *context, const char *set, const struct shown *shown) {
  const struct asked *asked = context;
  u32 rest = shown->size - LINK_SIZE, address = rest - 8;
  if (shown->size < LINK_SIZE || (asked->count && !is_asked(asked, shown->key))) return;
  if (asked->goes) {
    take_out(set, shown->key, shown->size);
    return;
  }
  nets_say("= ");
  nets_say(set);
  say_link(shown->key);
  nets_say_number(shown->packets);
  nets_say_number(shown->bytes);
  nets_say_number(shown->left_ms);
  if (rest == 12 || rest == 24) {
    const u8 *at = shown->key + LINK_SIZE;
    nets_say(" ");
    nets_say_hex(at, address);
    nets_say_number(at[address]);
    nets_say_number(at[address + 4] << 8 | at[address + 5]);
  }
  nets_say("\n");
}

/* Where tables are changed all the time, what was shown in so many rounds is what there is. Shown twice it is the same. */
enum { ROUNDS = 8 };

static long show_set(const char *set, struct asked *asked) {
  struct element all = {set, NULL, 0, VERDICT_NONE, NULL, 0};
  long done = -EINTR;
  for (u32 round = 0; done == -EINTR && round < ROUNDS; round += 1) done = nfset_show(&by, own_table, &all, show_one, asked);
  return done == -EINTR ? 0 : done;
}

static long show_sets(const char *const *sets, struct asked *asked) {
  long done = 0;
  for (; *sets && !done; sets += 1) done = show_set(*sets, asked);
  return done;
}

static const char *const evidence[] = {
  "sent4", "sent6", "got4", "got6", "refused4", "refused6", "again4", "again6", NULL,
};

/* list LINK... */
static long look(char **word, u32 count, int goes) {
  struct asked asked = {word + 1, count - 1, goes};
  return count > 1 ? show_sets(evidence, &asked) : -EINVAL;
}

/*
 * forget LINK...: also the links themselves. One that is still there is kept by a socket whose process has ended, as long as
 * whoever it still has something to send to takes nothing, and is in nobody's way any more once it leads nowhere.
 */
static long forget(char **word, u32 count) {
  long first = 0;
  for (u32 n = 1; n < count; n += 1) {
    long done = nets_unlink(word[n]);
    if (!first) first = done;
  }
  long done = look(word, count, 1);
  return done ? done : first;
}

/* refused LINK: and whether it has asked for a name lately. */
static long refused(char **word, u32 count) {
  u8 link[LINK_SIZE];
  if (count != 2 || !read_link(word[1], link)) return -EINVAL;
  struct element all[] = {
    {"refusals", link, LINK_SIZE, VERDICT_NONE, NULL, 0}, {"asking", link, LINK_SIZE, VERDICT_NONE, NULL, 0},
  };
  struct asked any = {NULL, 0, 0};
  long done = 0;
  for (u32 n = 0; n < 2 && !done; n += 1) {
    done = nfset_show(&by, own_table, &all[n], show_one, &any);
    if (done == -ENOENT) done = 0;
  }
  return done;
}

/* grants: the links that are let through. */
static long grants(void) {
  static const char *const sets[] = {"grants", NULL};
  struct asked any = {NULL, 0, 0};
  return show_sets(sets, &any);
}

/* ---- the lines ---- */

static int is_word(const char *a, const char *b) {
  while (*a && *a == *b) a += 1, b += 1;
  return *a == *b;
}

static long obey(char **word, u32 count) {
  if (is_word(word[0], "grant")) return grant(word, count);
  if (is_word(word[0], "revoke")) return revoke(word, count);
  if (is_word(word[0], "open")) return open_addresses(word, count);
  if (is_word(word[0], "refused")) return refused(word, count);
  if (is_word(word[0], "list")) return look(word, count, 0);
  if (is_word(word[0], "forget")) return forget(word, count);
  if (is_word(word[0], "grants")) return grants();
  if (is_word(word[0], "sever")) return nets_sever(&by, &change, word, count);
  if (is_word(word[0], "sync")) return 0; /* what was changed before it is told by now */
  return nets_guard(word, count);
}

/* Cuts at each blank; as many words as there are, one that is empty among them, or 0 for too many. */
static u32 cut(char *line, char **word) {
  u32 count = 0;
  for (char *at = line;; at += 1) {
    if (count == WORDS_MOST) return 0;
    word[count++] = at;
    while (*at && *at != ' ') at += 1;
    if (!*at) return count;
    *at = 0;
  }
}

static void answer(char *line) {
  static char *words[WORDS_MOST];
  u32 count = cut(line, words);
  long done = count ? obey(words, count) : -E2BIG;
  nets_say(done ? "no" : "ok");
  if (done) nets_say_number(-done);
  nets_say("\n");
  nets_flush();
}

/* Every whole line; what is left of the last one comes to the front. */
static u64 answer_lines(char *lines, u64 size) {
  u64 begin = 0;
  for (u64 at = 0; at < size; at += 1) {
    if (lines[at] != '\n') continue;
    lines[at] = 0;
    answer(lines + begin);
    begin = at + 1;
  }
  memmove(lines, lines + begin, size - begin);
  return size - begin;
}

/* `!` for each change by others; `?` where nobody can know how many there were. */
static void tell_changes(int listener) {
  u32 count = nets_changed(listener, own_table);
  if (count == NETS_UNHEARD) nets_say("?\n"), count = 0;
  while (count--) nets_say("!\n");
  nets_flush();
}

static void tell_rules(int listener) {
  if (!nets_rules_gone(listener)) return;
  nets_say("~\n");
  nets_flush();
}

int nets_role(const char *name, int hears) {
  static char lines[LINES_MOST];
  u64 size = 0;
  own_table = name;
  if (netlink_open(&by, NETLINK_NETFILTER) < 0 || netlink_open(&change, NETLINK_NETFILTER) < 0) return 1;
  int tables = hears ? nets_listen(change.socket) : -1, rules = hears ? nets_listen_rules(nets_guard_socket()) : -1;
  struct pollfd polled[3] = {{0, POLLIN, 0}, {tables, POLLIN, 0}, {rules, POLLIN, 0}};
  for (;;) {
    long ready = CALL5(ppoll, polled, 3, NULL, NULL, 8);
    if (ready < 0 && ready != -EINTR) return 1;
    if (polled[1].revents) tell_changes(tables);
    if (polled[2].revents) tell_rules(rules);
    if (!polled[0].revents) continue;
    long got = CALL3(read, 0, lines + size, LINES_MOST - size);
    if (got <= 0) return 0;
    size = answer_lines(lines, size + (u64)got);
    if (size == LINES_MOST) return 1; /* no line of the server's is that long */
  }
}
