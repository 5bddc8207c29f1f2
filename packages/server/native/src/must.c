/* The one way in which the making of a sandbox fails. */
#include "recipe.h"
#include "place.h"

long must(long result, const char *what, const char *which) {
  if (!is_error(result)) return result;
  char line[PATH_MOST], number[DIGITS];
  digits_of((u64)-result, number);
  JOIN(line, "cannot ", what, " ", which, ": error ", number, "\n");
  CALL3(write, 2, line, text_size(line)); /* the runtime's log: nobody else is there to be told */
  leave(1);
  return result;
}
