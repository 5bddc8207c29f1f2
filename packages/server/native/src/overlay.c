/*
 * The tree that a job finds as /work: a folder of the server's that stays as it is, and upon it the job's own, which takes what
 * the job changes. Layers are opened first and named by their descriptors: no letter of a path has a meaning of its own then.
 */
#include "errand.h"
#include "place.h"

static void set(long fs, const char *name, const char *value) {
  need(CALL5(fsconfig, fs, FSCONFIG_SET_STRING, name, value, 0));
}

static void add_layer(long fs, const char *name, const char *path) {
  char number[DIGITS], layer[PATH_MOST];
  long folder = need(CALL4(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0));
  digits_of((u64)folder, number);
  JOIN(layer, "/proc/self/fd/", number);
  set(fs, name, layer);
}

/*
 * A file system that nothing leads to. It is never written to the disk for its own sake (`volatile`): the kernel else writes all
 * that its disk has to write when a sandbox ends, also what is others'. What a host that goes down leaves of it nobody reads.
 * A renamed folder is copied, so that all that a job has changed lies in its own folder, as files. Nothing is written upon that
 * folder either, which may be given on where its job has left it as it was.
 */
static int make_overlay(const struct overlay *overlay) {
  long fs = need(CALL2(fsopen, "overlay", FSOPEN_CLOEXEC));
  add_layer(fs, "lowerdir", overlay->lower);
  add_layer(fs, "upperdir", overlay->upper);
  add_layer(fs, "workdir", overlay->work);
  set(fs, "redirect_dir", "off");
  set(fs, "metacopy", "off");
  set(fs, "index", "off");
  set(fs, "uuid", "off");
  need(CALL5(fsconfig, fs, FSCONFIG_SET_FLAG, "volatile", NULL, 0));
  need(CALL5(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
  return (int)need(CALL3(fsmount, fs, FSMOUNT_CLOEXEC, ATTR_NOSUID | ATTR_NODEV));
}

static void cover(const struct shim *shim, const void *overlay) { hang_up(shim, make_overlay(overlay), "/work"); }

int lay_over(struct shim *shim) {
  return !shim->overlay.lower || run_errand(shim, STEP_OVERLAY, cover, &shim->overlay);
}

int overlay_role(char **folders) {
  struct overlay overlay = {folders[0], folders[1], folders[2]};
  make_overlay(&overlay);
  return 0;
}
