// Sockets.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#undef _FORTIFY_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

ssize_t Receive(int fd, void* buffer, size_t size, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(recv)(fd, buffer, size, flags);
  return Answer(SysRecvfrom(fd, buffer, size, flags, nullptr, nullptr));
}

ssize_t Send(int fd, const void* data, size_t size, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(send)(fd, data, size, flags);
  return Answer(SysSendto(fd, data, size, flags, nullptr, 0));
}

}  // namespace

CSIM_INTERPOSE int socket(int domain, int type, int protocol) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(socket)(domain, type, protocol);
  return Answer<int>(SysSocket(domain, type, protocol));
}

CSIM_INTERPOSE int socketpair(int domain, int type, int protocol, int* ends) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(socketpair)(domain, type, protocol, ends);
  return Answer<int>(SysSocketpair(domain, type, protocol, ends));
}

CSIM_INTERPOSE int bind(int fd, const sockaddr* address, socklen_t size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(bind)(fd, address, size);
  return Answer<int>(SysBind(fd, address, size));
}

CSIM_INTERPOSE int listen(int fd, int backlog) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(listen)(fd, backlog);
  return Answer<int>(SysListen(fd, backlog));
}

CSIM_INTERPOSE int connect(int fd, const sockaddr* address, socklen_t size) {
  if (!g_runtime.Active()) return CSIM_REAL(connect)(fd, address, size);
  return Answer<int>(SysConnect(fd, address, size));
}

CSIM_INTERPOSE int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(accept4)(fd, address, size, flags);
  return Answer<int>(SysAccept4(fd, address, size, flags));
}

CSIM_INTERPOSE int accept(int fd, sockaddr* address, socklen_t* size) {
  return accept4(fd, address, size, 0);
}

CSIM_INTERPOSE int shutdown(int fd, int how) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(shutdown)(fd, how);
  return Answer<int>(SysShutdown(fd, how));
}

CSIM_INTERPOSE int getsockname(int fd, sockaddr* address, socklen_t* size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getsockname)(fd, address, size);
  return Answer<int>(SysGetsockname(fd, address, size));
}

CSIM_INTERPOSE int getpeername(int fd, sockaddr* address, socklen_t* size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getpeername)(fd, address, size);
  return Answer<int>(SysGetpeername(fd, address, size));
}

CSIM_INTERPOSE int getsockopt(int fd, int level, int option, void* value,
                              socklen_t* size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getsockopt)(fd, level, option, value, size);
  return Answer<int>(SysGetsockopt(fd, level, option, value, size));
}

CSIM_INTERPOSE int setsockopt(int fd, int level, int option, const void* value,
                              socklen_t size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(setsockopt)(fd, level, option, value, size);
  return Answer<int>(SysSetsockopt(fd, level, option, value, size));
}

CSIM_SAVING_ENTRY(ssize_t recv(int, void*, size_t, int), Receive)
CSIM_SAVING_ENTRY(ssize_t send(int, const void*, size_t, int), Send)

CSIM_INTERPOSE ssize_t __recv_chk(int fd, void* buffer, size_t size, size_t, int flags) {
  return Receive(fd, buffer, size, flags);
}

CSIM_INTERPOSE ssize_t recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                                socklen_t* from_size) {
  if (!g_runtime.Active()) return CSIM_REAL(recvfrom)(fd, buffer, size, flags, from, from_size);
  return Answer(SysRecvfrom(fd, buffer, size, flags, from, from_size));
}

CSIM_INTERPOSE ssize_t __recvfrom_chk(int fd, void* buffer, size_t size, size_t, int flags,
                                      sockaddr* from, socklen_t* from_size) {
  return recvfrom(fd, buffer, size, flags, from, from_size);
}

CSIM_INTERPOSE ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
                              socklen_t to_size) {
  if (!g_runtime.Active()) return CSIM_REAL(sendto)(fd, data, size, flags, to, to_size);
  return Answer(SysSendto(fd, data, size, flags, to, to_size));
}

CSIM_INTERPOSE ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(sendmsg)(fd, message, flags);
  return Answer(SysSendmsg(fd, message, flags));
}

CSIM_INTERPOSE ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(recvmsg)(fd, message, flags);
  return Answer(SysRecvmsg(fd, message, flags));
}

CSIM_INTERPOSE int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list list;
  va_start(list, request);
  void* const argument = va_arg(list, void*);
  va_end(list);
  if (!g_runtime.Active()) return Answer<int>(RawSyscall(SYS_ioctl, fd, request, argument));
  return Answer<int>(SysIoctl(fd, request, argument));
}
