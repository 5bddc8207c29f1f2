# Pid 1 of a job on x86-64. Its bytes are in init-program.ts, where a test compares the two:
#
#   as -o init.o init-x64.s && objcopy -O binary -j .text init.o init.bin
#
# Arguments: the program's path, then its argument vector from argument 0 on. It starts the program, reaps whatever
# is left to it, and ends with the program, by which the kernel ends the rest. On descriptor 3, which the program does
# not get, it says "r" once it runs; then "s" and the number of the signal that ended the program, "e" and the error
# number when it cannot be executed, or "f" and the error number when there could be no process. No library, no
# memory of its own beyond one page of stack: it costs a tenth of what the smallest shell costs to start.

        .intel_syntax noprefix
        .text
        .globl  _start
_start: mov     rbp, rsp                # [rbp] argc, then argv, 0, envp
        sub     rsp, 32                 # below it [rbp - 16] the status, [rbp - 8] what is said
        mov     eax, 157                # prctl(PR_SET_DUMPABLE, 0): not to be written or looked into by the job,
        mov     edi, 4                  # whose program becomes dumpable again as it is executed
        xor     esi, esi
        syscall
        mov     eax, 72                 # fcntl(3, F_SETFD, FD_CLOEXEC)
        mov     edi, 3
        mov     esi, 2
        mov     edx, 1
        syscall
        mov     bl, 'r'
        mov     bh, 10
        call    say
        mov     eax, 57                 # fork()
        syscall
        test    eax, eax
        js      forked_not
        jz      child
        mov     r12d, eax

await:  mov     rdi, -1                 # wait4(-1, &status, 0, 0)
        lea     rsi, [rbp - 16]
        xor     edx, edx
        xor     r10d, r10d
        mov     eax, 61
        syscall
        cmp     eax, r12d
        je      ended
        cmp     eax, -10                # ECHILD: cannot be, as the program is one
        je      forked_not
        jmp     await                   # an orphan, or EINTR

ended:  mov     r13d, [rbp - 16]
        mov     ebx, r13d
        and     ebx, 127                # WTERMSIG
        jz      exited
        lea     r13d, [rbx + 128]
        mov     bh, bl
        mov     bl, 's'
        call    say
        jmp     leave
exited: shr     r13d, 8                 # WEXITSTATUS
        and     r13d, 255
leave:  mov     edi, r13d
        mov     eax, 231                # exit_group(status)
        syscall

forked_not:
        neg     eax
        mov     bl, 'f'
        mov     bh, al
        call    say
        mov     r13d, 126
        jmp     leave

child:  mov     rcx, [rbp]              # execve(argv[1], argv + 2, envp)
        lea     r14, [rbp + rcx * 8 + 16]
        mov     rdi, [rbp + 16]
        lea     rsi, [rbp + 24]
        mov     rdx, r14
        mov     eax, 59
        syscall
        cmp     eax, -8                 # ENOEXEC: a script without first line, which is the shell's
        jne     failed
        mov     rdi, [rbp + 16]         # execve("/bin/sh", {"/bin/sh", path, arguments...}, envp)
        mov     [rbp + 24], rdi
        lea     rdi, [rip + shell]
        mov     [rbp + 16], rdi
        lea     rsi, [rbp + 16]
        mov     rdx, r14
        mov     eax, 59
        syscall
failed: neg     eax
        mov     bl, 'e'
        mov     bh, al
        call    say
        mov     r13d, 127
        jmp     leave

say:    mov     [rbp - 8], bx           # write(3, the two bytes in bx, 2)
        mov     edi, 3
        lea     rsi, [rbp - 8]
        mov     edx, 2
        mov     eax, 1
        syscall
        ret

shell:  .asciz  "/bin/sh"
