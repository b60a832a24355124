// Context switch for x86-64 System V. See context.h.
        .text
        .intel_syntax noprefix

        .globl csim_context_switch
        .hidden csim_context_switch
        .type csim_context_switch, @function
csim_context_switch:
        push rbp
        push rbx
        push r12
        push r13
        push r14
        push r15
        sub rsp, 8
        stmxcsr [rsp]
        fnstcw [rsp + 4]
        mov [rdi], rsp
        mov rdi, rsi
        jmp csim_context_resume
        .size csim_context_switch, . - csim_context_switch

        .globl csim_context_resume
        .hidden csim_context_resume
        .type csim_context_resume, @function
csim_context_resume:
        mov rsp, [rdi]
        mov rax, [rdi + 8]
        cmp byte ptr csim_context_fsgsbase[rip], 0
        je 1f
        wrfsbase rax
2:      ldmxcsr [rsp]
        fldcw [rsp + 4]
        add rsp, 8
        pop r15
        pop r14
        pop r13
        pop r12
        pop rbx
        pop rbp
        ret
1:      mov rsi, rax            // arch_prctl(ARCH_SET_FS, thread pointer)
        mov edi, 0x1002
        mov eax, 158
        syscall
        jmp 2b
        .size csim_context_resume, . - csim_context_resume

        .globl csim_context_leave
        .hidden csim_context_leave
        .type csim_context_leave, @function
csim_context_leave:
        push rbp
        push rbx
        push r12
        push r13
        push r14
        push r15
        sub rsp, 8
        stmxcsr [rsp]
        fnstcw [rsp + 4]
        mov [rdi], rsp
        mov rsp, rsi
        and rsp, -16
        xor ebp, ebp
        mov rdi, rcx
        call rdx
        ud2
        .size csim_context_leave, . - csim_context_leave

        .globl csim_context_entry
        .hidden csim_context_entry
        .type csim_context_entry, @function
csim_context_entry:
        .cfi_startproc
        .cfi_undefined rip      // the outermost frame: unwinding ends here
        mov rdi, r12
        xor ebp, ebp
        call r13
        ud2
        .cfi_endproc
        .size csim_context_entry, . - csim_context_entry

        // void csim_on_runtime_stack(function, argument): see entry.h.
        .globl csim_on_runtime_stack
        .hidden csim_on_runtime_stack
        .type csim_on_runtime_stack, @function
csim_on_runtime_stack:
        .cfi_startproc
        mov rax, csim_runtime_stack_top[rip]
        test rax, rax
        jz 1f
        mov csim_switch_state[rip], rbx
        mov csim_switch_state[rip + 8], rbp
        mov csim_switch_state[rip + 16], r12
        mov csim_switch_state[rip + 24], r13
        mov csim_switch_state[rip + 32], r14
        mov csim_switch_state[rip + 40], r15
        mov csim_switch_state[rip + 48], rsp
        push rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        mov rbp, rsp
        .cfi_def_cfa_register rbp
        push rax
        mov qword ptr csim_runtime_stack_top[rip], 0
        mov rsp, rax
        mov rax, rdi
        mov rdi, rsi
        call rax
        mov rcx, [rbp - 8]
        mov csim_runtime_stack_top[rip], rcx
        mov rsp, rbp
        pop rbp
        .cfi_def_cfa rsp, 8
        ret
1:      mov rax, rdi
        mov rdi, rsi
        jmp rax
        .cfi_endproc
        .size csim_on_runtime_stack, . - csim_on_runtime_stack

        .data
        .globl csim_runtime_stack_top
        .hidden csim_runtime_stack_top
        .p2align 3
csim_runtime_stack_top:
        .quad 0
        .globl csim_context_fsgsbase
        .hidden csim_context_fsgsbase
csim_context_fsgsbase:
        .byte 0

        .section .note.GNU-stack, "", @progbits

// long csim_raw_syscall(number, a, b, c, d, e, f): see raw_syscall.h.
        .text
        .p2align 4
        .globl csim_raw_syscall
        .hidden csim_raw_syscall
        .type csim_raw_syscall, @function
csim_raw_syscall:
        .cfi_startproc
        mov rax, rdi
        mov rdi, rsi
        mov rsi, rdx
        mov rdx, rcx
        mov r10, r8
        mov r8, r9
        mov r9, [rsp + 8]
        syscall
        ret
        .cfi_endproc
        .globl csim_raw_syscall_end
        .hidden csim_raw_syscall_end
csim_raw_syscall_end:
        .size csim_raw_syscall, . - csim_raw_syscall
