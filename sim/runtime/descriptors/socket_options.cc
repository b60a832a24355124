// getsockopt, setsockopt: timeouts have an effect, what is known is told, all else is off.
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/sockets.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

uint64_t Nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_usec) * 1000;
}

timeval TimeOf(uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / 1'000'000'000),
          static_cast<suseconds_t>(nanoseconds % 1'000'000'000 / 1000)};
}

long GiveOption(const void* from, size_t size, void* value, socklen_t* value_size) {
  const auto part = std::min<socklen_t>(*value_size, static_cast<socklen_t>(size));
  NoteWrites(value, part);
  memcpy(value, from, part);
  *value_size = part;
  return 0;
}

}  // namespace

long SysGetsockopt(int fd, int level, int option, void* value, socklen_t* size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  int number = 0;
  if (level == SOL_SOCKET) {
    switch (option) {
      case SO_TYPE: number = socket->type; break;
      case SO_DOMAIN: number = socket->domain; break;
      case SO_ACCEPTCONN: number = socket->listening; break;
      case SO_RCVBUF:
      case SO_SNDBUF: number = static_cast<int>(kStreamCapacity); break;
      case SO_RCVTIMEO:
      case SO_SNDTIMEO: {
        const timeval time =
            TimeOf(option == SO_RCVTIMEO ? socket->receive_timeout : socket->send_timeout);
        return GiveOption(&time, sizeof time, value, size);
      }
      case SO_PEERCRED: {
        const ucred peer{GetPid(), static_cast<uid_t>(RawSyscall(SYS_getuid)),
                         static_cast<gid_t>(RawSyscall(SYS_getgid))};
        return GiveOption(&peer, sizeof peer, value, size);
      }
      default: break;  // SO_ERROR and all others: none, off
    }
  }
  return GiveOption(&number, sizeof number, value, size);
}

long SysSetsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  if (level != SOL_SOCKET || (option != SO_RCVTIMEO && option != SO_SNDTIMEO)) return 0;
  timeval time{};
  if (size < sizeof time) return -EINVAL;
  NoteReads(value, sizeof time);
  memcpy(&time, value, sizeof time);
  Socket& mine = All().sockets[FileOf(fd)->detail];
  (option == SO_RCVTIMEO ? mine.receive_timeout : mine.send_timeout) = Nanoseconds(time);
  return 0;
}

}  // namespace csim
