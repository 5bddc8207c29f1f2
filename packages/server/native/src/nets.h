#ifndef NETS_H
#define NETS_H
#include "sys.h"

/* In nets-guard.c: the words about the host's own routing. 0 or the negative error; -EINVAL for what is none of them. */
long nets_guard(char **word, u32 count);
int nets_guard_socket(void);
/* Takes a link of this namespace away, and with it the one that it is a pair with; 0 also where there is none. */
long nets_unlink(const char *name);

/* In nets-listen.c: hears of changes of all tables, but for those by `own`; -1 where the kernel does not tell. */
int nets_listen(int own);
/* How often somebody else than a helper has changed this table since it was asked; NETS_UNHEARD where nobody can know. */
u32 nets_changed(int listener, const char *table);
#define NETS_UNHEARD (~0U)
/* Whether rules of the host's routing were taken away, but by the socket `own`. */
enum { NETS_FIRST_RULE = 89, NETS_LAST_RULE = 92 };
int nets_listen_rules(int own);
int nets_rules_gone(int listener);
/* Whether the rules of that range are among those that were asked for here; of all of them where nobody knows. */
int nets_guards(const u8 *bytes, u32 size);

/* In nets-sever.c: connections of addresses are taken away; shown by one socket, changed by the other. */
struct netlink;
long nets_sever(struct netlink *by, struct netlink *change, char **word, u32 count);

/* In nets-words.c. What is said is gathered until `nets_flush`; ends this process where the server is gone. */
void nets_say(const char *text);
void nets_say_number(i64 number);
void nets_say_hex(const u8 *bytes, u32 size);
void nets_flush(void);
u32 nets_hex(const char *word, u8 *bytes, u32 most);
u64 nets_number(const char *word);

#endif
