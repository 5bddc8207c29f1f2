#ifndef PLACE_H
#define PLACE_H
#include "sys.h"

enum { PATH_MOST = 4096 };

/* Puts the texts one behind the other, up to NULL; an empty path where it gets too long. */
void join(char path[PATH_MOST], const char *const *parts);
#define JOIN(path, ...) join(path, (const char *const[]){__VA_ARGS__, NULL})

/* The file `name` of this folder, made where it is not there, begins with `bytes`: over what held their room. 0 or the negative error. */
long make_file(const char *name, const void *bytes, u64 size);

/* Writes what the kernel shows of the process into the file `seen`. 0 or the negative error. */
long note_sandbox(int pid);

/* Whether the process is in another network namespace than this one. False where the kernel does not say. */
int has_own_network(int pid);

/* Whether this process has that child and no other. True where the kernel does not say. */
int is_only_child(int pid);

/* Puts this process into the groups of the place, made where they are not there. 0 or the negative error. */
long join_groups(const char *view, const char *name);

/* Removes a folder with the files in it. What cannot be removed stays. */
void remove_folder(const char *path);

/* The digits of a number, without sign, and a NUL. */
enum { DIGITS = 21 };
void digits_of(u64 number, char digits[DIGITS]);

#endif
