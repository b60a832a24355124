// Sockets: sending and receiving.
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/control_data.h"
#include "sim/runtime/descriptors/parcels.h"
#include "sim/runtime/descriptors/sockets.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

bool IsStream(const Socket& socket) { return socket.type == SOCK_STREAM; }

struct MessageHeader {
  uint32_t size;
  uint32_t parcel;  // descriptors that go with it (parcels.h)
  SocketAddress from;
};

uint64_t DeadlineAfter(uint64_t timeout) {
  return timeout == 0 ? kNoDeadline : g_runtime.machine().now() + timeout;
}

// Takes the first message, or looks at it. REQUIRES: one is there.
long TakeMessage(ObjectId queue, void* buffer, size_t size, bool peek, ReceivedFrom* from) {
  ChannelContent& content = All().content(queue);
  MessageHeader header{};
  content.Look(reinterpret_cast<char*>(&header), sizeof header);
  const size_t part = std::min<size_t>(size, header.size);
  auto* copy = static_cast<char*>(malloc(part + 1));
  content.Look(copy, part, sizeof header);
  if (!peek) content.Drop(sizeof header + header.size);
  if (!peek && header.parcel != 0) TakeParcel(header.parcel);
  if (from != nullptr) *from = {header.from, header.size > part, header.parcel};
  NoteWrites(buffer, part);
  memcpy(buffer, copy, part);
  free(copy);
  if (!peek && header.parcel != 0 && from == nullptr) DropParcel(header.parcel);
  return static_cast<long>(part);
}

void PutMessage(ObjectId queue, const char* data, size_t size, const SocketAddress& from,
                uint32_t parcel) {
  MessageHeader header{};
  header.size = static_cast<uint32_t>(size);
  header.parcel = parcel;
  header.from = from;
  if (parcel != 0) PutParcel(parcel, queue, 0);
  All().content(queue).Put(reinterpret_cast<const char*>(&header), sizeof header);
  All().content(queue).Put(data, size);
}

// Waits until the channel has something, without taking it. Negative errno; 0: end of file.
long AwaitContent(const OpenFile& file, bool waits, uint64_t deadline) {
  const Interest interest{.object = file.in, .reads = true};
  Operation operation = g_runtime.machine().PollOf({&interest, 1}, waits);
  if (waits) operation.deadline = deadline;
  const OpResult result = DoCancelable(operation);
  if (result.error != 0) return -result.error;
  if (result.value == 0) return -EAGAIN;
  return static_cast<long>(g_runtime.machine().object(file.in).count);
}

long ReceiveMessage(const OpenFile& file, void* buffer, size_t size, int flags, uint64_t deadline,
                    ReceivedFrom* from) {
  const bool waits = !file.non_blocking;
  if ((flags & MSG_PEEK) != 0) {
    const long there = AwaitContent(file, waits, deadline);
    return there <= 0 ? there : TakeMessage(file.in, buffer, size, true, from);
  }
  Operation operation =
      OnChannel(waits ? OpKind::kChannelRead : OpKind::kChannelTryRead, file.in, 1);
  if (waits) operation.deadline = deadline;
  const OpResult result = DoCancelable(operation);
  if (result.error != 0) return result.error == ETIMEDOUT ? -EAGAIN : -result.error;
  return result.value == 0 ? 0 : TakeMessage(file.in, buffer, size, false, from);
}

// `from` may be null.
long ReceiveStream(const OpenFile& file, void* buffer, size_t size, int flags, uint64_t deadline,
                   ReceivedFrom* from) {
  uint32_t* const parcel = from != nullptr ? &from->parcel : nullptr;
  if ((flags & MSG_PEEK) != 0) {
    const long there = AwaitContent(file, !file.non_blocking, deadline);
    if (there <= 0) return there;
    const size_t part = BytesUpToParcel(file.in, std::min(size, static_cast<size_t>(there)));
    if (parcel != nullptr) *parcel = ParcelIn(file.in, part);
    NoteWrites(buffer, part);
    All().content(file.in).Look(static_cast<char*>(buffer), part);
    return static_cast<long>(part);
  }
  size_t done = 0;
  do {
    const long part =
        ReadChannel(file, static_cast<char*>(buffer) + done, size - done, deadline, parcel);
    if (part < 0) return done != 0 ? static_cast<long>(done) : part;
    if (part == 0) break;
    done += static_cast<size_t>(part);
    if (parcel != nullptr && *parcel != 0) break;
  } while ((flags & MSG_WAITALL) != 0 && done < size);
  return static_cast<long>(done);
}

long Receive(OpenFile file, void* buffer, size_t size, int flags, ReceivedFrom* from) {
  const Socket& socket = All().sockets[file.detail];
  if ((flags & MSG_DONTWAIT) != 0) file.non_blocking = true;
  if (socket.read_shut) return 0;
  if (file.in == kNoObject || socket.listening) {
    if (socket.type != SOCK_DGRAM) return socket.listening ? -EINVAL : -ENOTCONN;
    file.in = All().AddChannel(ObjectKind::kAddress, 0);  // nobody can send to it
  }
  const uint64_t deadline = DeadlineAfter(socket.receive_timeout);
  if (IsStream(socket)) {
    if (from != nullptr) *from = {};
    return ReceiveStream(file, buffer, size, flags, deadline, from);
  }
  return ReceiveMessage(file, buffer, size, flags, deadline, from);
}

// What a call sends.
struct Message {
  const char* data = nullptr;
  size_t size = 0;
  uint32_t parcel = 0;  // descriptors; 0: none
};

// To a socket at an address. Internet datagrams that find no room, or nobody, are lost.
long SendDatagram(const OpenFile& file, const Message& message, uint32_t target) {
  const Socket socket = All().sockets[file.detail];
  const bool lossy = IsInternet(socket.domain);
  const bool waits = !file.non_blocking && !lossy;
  const ObjectId queue = All().addresses[target].object;
  Operation operation =
      OnChannel(waits ? OpKind::kChannelWrite : OpKind::kChannelTryWrite, queue, 1);
  if (waits) operation.deadline = DeadlineAfter(socket.send_timeout);
  const int error = DoCancelable(operation).error;
  if (error == 0) PutMessage(queue, message.data, message.size, socket.local, message.parcel);
  if (error == 0 || (lossy && (error == EPIPE || error == EAGAIN)))
    return static_cast<long>(message.size);
  return error == EPIPE ? -ECONNREFUSED : error == ETIMEDOUT ? -EAGAIN : -error;
}

long SendPacket(const OpenFile& file, const Message& message, int flags) {
  const Socket socket = All().sockets[file.detail];
  const bool waits = !file.non_blocking;
  Operation operation =
      OnChannel(waits ? OpKind::kChannelWrite : OpKind::kChannelTryWrite, file.out, 1);
  if (waits) operation.deadline = DeadlineAfter(socket.send_timeout);
  const int error = DoCancelable(operation).error;
  if (error == EPIPE && (flags & MSG_NOSIGNAL) == 0 && socket.type != SOCK_DGRAM) raise(SIGPIPE);
  if (error != 0) return error == ETIMEDOUT ? -EAGAIN : -error;
  PutMessage(file.out, message.data, message.size, socket.local, message.parcel);
  return static_cast<long>(message.size);
}

// `to` null: where it is connected to.
long Send(int fd, OpenFile file, const Message& message, int flags, const SocketAddress* to) {
  const Socket socket = All().sockets[file.detail];
  if ((flags & MSG_DONTWAIT) != 0) file.non_blocking = true;
  if (socket.type == SOCK_DGRAM && file.out == kNoObject && !socket.write_shut) {
    if (to == nullptr && socket.target == 0) return -EDESTADDRREQ;
    if (to != nullptr && IsInternet(socket.domain) && !IsHere(*to)) return -ENETUNREACH;
    if (IsInternet(socket.domain) && socket.address == 0 && fd >= 0) BindAnywhere(fd, false);
    const uint32_t target = to != nullptr ? AddressOf(*to, SOCK_DGRAM) : socket.target;
    return SendDatagram(file, message, target);
  }
  if (file.out == kNoObject && !socket.write_shut) return -ENOTCONN;
  if (socket.write_shut) {
    if ((flags & MSG_NOSIGNAL) == 0) raise(SIGPIPE);
    return -EPIPE;
  }
  if (!IsStream(socket)) return SendPacket(file, message, flags);
  const bool signals = (flags & MSG_NOSIGNAL) == 0;
  return WriteChannel(file, message.data, message.size, signals, DeadlineAfter(socket.send_timeout),
                      message.parcel);
}

}  // namespace

long SocketRead(OpenFile file, void* buffer, size_t size, int flags) {
  return Receive(file, buffer, size, flags, nullptr);
}

long SocketWrite(OpenFile file, const char* data, size_t size, int flags) {
  return Send(-1, file, {data, size}, flags, nullptr);
}

namespace {

// As sendto, of memory that is not the program's. The parcel is closed if it could not be sent.
long SendTo(int fd, const Message& message, int flags, const sockaddr* to, socklen_t to_size) {
  long result = 0;
  const Socket* socket = SocketOf(fd, &result);
  SocketAddress address;
  if (socket != nullptr && to != nullptr && socket->type == SOCK_DGRAM) {
    result = TakeAddress(socket->domain, to, to_size, &address);
  }
  if (result == 0) {
    result = Send(fd, *FileOf(fd), message, flags, address.size != 0 ? &address : nullptr);
  }
  if (message.parcel != 0 && IsUnsent(message.parcel)) DropParcel(message.parcel);
  return result;
}

}  // namespace

long SysSendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
  NoteReads(data, size);
  return SendTo(fd, {static_cast<const char*>(data), size}, flags, to, to_size);
}

long SysRecvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                 socklen_t* from_size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  const int domain = socket->domain;
  ReceivedFrom sender;
  const long result = Receive(*FileOf(fd), buffer, size, flags, &sender);
  if (sender.parcel != 0 && (flags & MSG_PEEK) == 0) DropParcel(sender.parcel);
  if (result >= 0) GiveAddress(sender.address, domain, from, from_size);
  return result;
}

long SysSendmsg(int fd, const msghdr* message, int flags) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  const long parcel = PackControl(*message, socket->domain);
  if (parcel < 0) return parcel;
  size_t size = 0;
  for (size_t i = 0; i < message->msg_iovlen; ++i) size += message->msg_iov[i].iov_len;
  auto* all = static_cast<char*>(malloc(size + 1));
  size_t at = 0;
  for (size_t i = 0; i < message->msg_iovlen; ++i) {
    const iovec& part = message->msg_iov[i];
    NoteReads(part.iov_base, part.iov_len);
    memcpy(all + at, part.iov_base, part.iov_len);
    at += part.iov_len;
  }
  const long result = SendTo(fd, {all, size, static_cast<uint32_t>(parcel)}, flags,
                             static_cast<sockaddr*>(message->msg_name), message->msg_namelen);
  free(all);
  return result;
}

long SysRecvmsg(int fd, msghdr* message, int flags) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  const int domain = socket->domain;
  size_t size = 0;
  for (size_t i = 0; i < message->msg_iovlen; ++i) size += message->msg_iov[i].iov_len;
  auto* all = static_cast<char*>(malloc(size + 1));
  ReceivedFrom sender;
  const long result = Receive(*FileOf(fd), all, size, flags, &sender);
  size_t at = 0;
  for (size_t i = 0; i < message->msg_iovlen && result > static_cast<long>(at); ++i) {
    const iovec& part = message->msg_iov[i];
    const size_t length = std::min(part.iov_len, static_cast<size_t>(result) - at);
    NoteWrites(part.iov_base, length);
    memcpy(part.iov_base, all + at, length);
    at += length;
  }
  free(all);
  if (result < 0) return result;
  GiveAddress(sender.address, domain, static_cast<sockaddr*>(message->msg_name),
              &message->msg_namelen);
  message->msg_flags = (sender.truncated ? MSG_TRUNC : 0) | (flags & MSG_CMSG_CLOEXEC);
  UnpackControl(sender.parcel, flags, message);
  return result;
}

long SysIoctl(int fd, unsigned long request, void* argument) {
  OpenFile* file = FileOf(fd);
  if (file == nullptr || file->kind == FileKind::kOutput) {
    return RawSyscall(SYS_ioctl, fd, request, argument);
  }
  auto* number = static_cast<int*>(argument);
  if (request == FIONBIO) {
    NoteReads(number, sizeof *number);
    file->non_blocking = *number != 0;
    return 0;
  }
  if (request != FIONREAD) return -ENOTTY;
  int there = 0;
  if (file->in != kNoObject) {
    const OpenFile copy = *file;
    const long count = AwaitContent(copy, false, kNoDeadline);
    there = count > 0 ? static_cast<int>(count) : 0;
    if (there > 0 && g_runtime.machine().object(copy.in).kind == ObjectKind::kQueue) {
      MessageHeader header{};
      All().content(copy.in).Look(reinterpret_cast<char*>(&header), sizeof header);
      there = static_cast<int>(header.size);
    }
  }
  NoteWrites(number, sizeof *number);
  *number = there;
  return 0;
}

}  // namespace csim
