/* Where the program begins: which role it plays. */
#include "roles.h"

#ifndef HOSTED
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call begin\n");
#else
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, 0\n"
        "  mov x30, 0\n"
        "  mov x0, sp\n"
        "  bl begin\n");
#endif
#endif

static int play(u64 count, char **arguments, char **variables) {
  if (count == 2 && is_same(arguments[1], "init")) return init_role();
  if (count >= 6 && is_same(arguments[1], "shim")) return shim_role(arguments + 2, variables);
  if (count == 3 && is_same(arguments[1], "nets")) return nets_role(arguments[2], 1);
  if (count == 4 && is_same(arguments[1], "nets") && is_same(arguments[3], "deaf")) return nets_role(arguments[2], 0);
  if (count >= 3 && is_same(arguments[1], "view")) return view_role(arguments + 2, variables);
  if (count == 5 && is_same(arguments[1], "overlay")) return overlay_role(arguments + 2);
  static const char usage[] =
      "usage: berth-init init | berth-init shim NAME VIEW USER RUNTIME ARGUMENT... | berth-init nets TABLE [deaf] | "
      "berth-init view STEP... -- PROGRAM ARGUMENT... | berth-init overlay LOWER UPPER WORK\n";
  CALL3(write, 2, usage, sizeof usage - 1);
  return 2;
}

#ifdef HOSTED
/* With a C library around it, for sanitizers. */
int main(int count, char **arguments, char **variables) { leave(play((u64)count, arguments, variables)); }
#else
/* The kernel leaves on the stack: the number of arguments, these, NULL, the environment, NULL. */
void begin(u64 *stack);
void begin(u64 *stack) {
  char **arguments = (char **)(stack + 1);
  leave(play(stack[0], arguments, arguments + stack[0] + 1));
}
#endif
