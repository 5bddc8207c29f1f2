/* The system call, and what compilers call by themselves. */
#include "sys.h"

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl sys\n"
        "sys:\n"
        "  mov %rdi, %rax\n"
        "  mov %rsi, %rdi\n"
        "  mov %rdx, %rsi\n"
        "  mov %rcx, %rdx\n"
        "  mov %r8, %r10\n"
        "  mov %r9, %r8\n"
        "  mov 8(%rsp), %r9\n"
        "  syscall\n"
        "  ret\n");
#else
__asm__(".text\n"
        ".globl sys\n"
        "sys:\n"
        "  mov x8, x0\n"
        "  mov x0, x1\n"
        "  mov x1, x2\n"
        "  mov x2, x3\n"
        "  mov x3, x4\n"
        "  mov x4, x5\n"
        "  mov x5, x6\n"
        "  svc 0\n"
        "  ret\n");
#endif

#ifndef HOSTED
void *memset(void *to, int byte, u64 size) {
  u8 *at = to;
  while (size--) *at++ = (u8)byte;
  return to;
}

void *memcpy(void *to, const void *from, u64 size) { return memmove(to, from, size); }

void *memmove(void *to, const void *from, u64 size) {
  u8 *at = to;
  const u8 *source = from;
  if (at < source) while (size--) *at++ = *source++;
  else while (size--) at[size] = source[size];
  return to;
}
#endif
