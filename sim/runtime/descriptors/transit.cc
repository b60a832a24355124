#include "sim/runtime/descriptors/transit.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/hidden_files.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

// One message: a number, with a descriptor.
struct Letter {
  uint32_t number = 0;
  iovec data = {&number, sizeof number};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};

  Letter() {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;
};

bool Send(uint32_t number, int fd) {
  Letter letter;
  letter.number = number;
  cmsghdr* const rights = CMSG_FIRSTHDR(&letter.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  return RawSyscall(SYS_sendmsg, All().transit[0], &letter.header, MSG_DONTWAIT) >= 0;
}

// The first one that waits: its descriptor (negative: errno), and its number.
int Receive(uint32_t* number, bool close_on_exec) {
  Letter letter;
  const int flags = MSG_DONTWAIT | (close_on_exec ? MSG_CMSG_CLOEXEC : 0);
  const long size = RawSyscall(SYS_recvmsg, All().transit[1], &letter.header, flags);
  if (size < 0) return static_cast<int>(size);
  *number = letter.number;
  const cmsghdr* const rights = CMSG_FIRSTHDR(&letter.header);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return -EMFILE;
  int fd = -1;
  memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return fd;
}

}  // namespace

void MakeTransit() {
  int ends[2];
  All().transit[0] = All().transit[1] = -1;
  if (RawSyscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  for (int i = 0; i < 2; ++i) All().transit[i] = HideDescriptor(ends[i]);
}

void ClearTransit() {
  uint32_t number = 0;
  for (int fd = Receive(&number, true); fd != -EAGAIN && fd != -EBADF;
       fd = Receive(&number, true)) {
    if (fd >= 0) RawSyscall(SYS_close, fd);
  }
}

void KeepTransitOnExec() {
  for (int fd : All().transit) RawSyscall(SYS_fcntl, fd, F_SETFD, 0);
}

bool PutInTransit(int fd, uint32_t number) { return Send(number, fd); }

int TakeFromTransit(uint32_t wanted, bool close_on_exec, bool stays) {
  uint32_t first = ~uint32_t{0};
  for (;;) {
    uint32_t number = ~uint32_t{0};
    const int fd = Receive(&number, close_on_exec);
    if (fd < 0) return fd;
    if (number != wanted || stays) Send(number, fd);
    if (number == wanted) return fd;
    RawSyscall(SYS_close, fd);
    if (number == first) return -EBADF;  // once round
    if (first == ~uint32_t{0}) first = number;
  }
}

}  // namespace csim
