// The system calls that may block, or make processes, past csim's own entry points; and their names.
#ifndef CSIM_SIM_RUNTIME_SYSCALL_NAMES_H_
#define CSIM_SIM_RUNTIME_SYSCALL_NAMES_H_

#include <sys/syscall.h>

namespace csim {

struct TrappedCall {
  long number;
  const char* name;
};

inline constexpr TrappedCall kTrappedCalls[] = {
    {SYS_nanosleep, "nanosleep"},
    {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS_pause, "pause"},
    {SYS_poll, "poll"},
    {SYS_ppoll, "ppoll"},
    {SYS_select, "select"},
    {SYS_pselect6, "pselect"},
    {SYS_epoll_wait, "epoll_wait"},
    {SYS_epoll_pwait, "epoll_pwait"},
    {SYS_accept, "accept"},
    {SYS_accept4, "accept4"},
    {SYS_recvfrom, "recvfrom"},
    {SYS_recvmsg, "recvmsg"},
    {SYS_wait4, "wait4"},
    {SYS_waitid, "waitid"},
    {SYS_clone, "fork"},
    {SYS_fork, "fork"},
    {SYS_vfork, "vfork"},
    {SYS_execve, "execve"},
    {SYS_execveat, "execveat"},
    {SYS_alarm, "alarm"},
    {SYS_setitimer, "setitimer"},
    {SYS_timer_create, "timer_create"},
    {SYS_flock, "flock"},
    {SYS_semop, "semop"},
    {SYS_semtimedop, "semtimedop"},
    {SYS_msgrcv, "msgrcv"},
    {SYS_msgsnd, "msgsnd"},
    {SYS_mq_timedreceive, "mq_receive"},
    {SYS_rt_sigtimedwait, "sigtimedwait"},
    {SYS_rt_sigsuspend, "sigsuspend"},
};
inline constexpr int kTrappedCallCount = sizeof(kTrappedCalls) / sizeof(kTrappedCalls[0]);

inline const char* SyscallName(long number) {
  for (const TrappedCall& call : kTrappedCalls) {
    if (call.number == number) return call.name;
  }
  return "system call";
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SYSCALL_NAMES_H_
