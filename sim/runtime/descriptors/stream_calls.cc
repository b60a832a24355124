// pipe, read, write and their relatives.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/parcels.h"
#include "sim/runtime/files.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/output.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

constexpr uint32_t kPipeCapacity = 65536;
constexpr size_t kMostAtOnce = size_t{1} << 30;
constexpr uint32_t kMostCounted = ~uint32_t{0} - 1;  // by an eventfd

// Writes `size` bytes taken from a channel into the program's memory.
void Deliver(ChannelContent& content, void* buffer, size_t size) {
  char small[4096];
  if (size > sizeof small) {
    content.Look(static_cast<char*>(buffer), size);
    content.Drop(size);
    NoteWrites(buffer, size);
    return;
  }
  // Out of the channel before anybody else can run, into memory when the access is due.
  content.Look(small, size);
  content.Drop(size);
  NoteWrites(buffer, size);
  memcpy(buffer, small, size);
}

// With --io-faults every transfer of more than a byte may also end after the first one.
size_t MaybeShort(size_t size) {
  if (!g_runtime.config().io_faults || size <= 1) return size;
  return Do(OpKind::kChoose, kNoObject, 2).value == 0 ? size : 1;
}

size_t TotalOf(const iovec* parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

// ---- eventfd: a counter ----

long EventRead(const OpenFile& file, void* buffer, size_t size) {
  if (size < sizeof(uint64_t)) return -EINVAL;
  const OpKind kind = file.non_blocking ? OpKind::kChannelTryRead : OpKind::kChannelRead;
  const size_t wanted = file.semaphore ? 1 : kMostCounted;
  const OpResult result = DoCancelable(OnChannel(kind, file.in, wanted));
  if (result.error != 0) return -result.error;
  const auto value = static_cast<uint64_t>(result.value);
  NoteWrites(buffer, sizeof value);
  memcpy(buffer, &value, sizeof value);
  return sizeof value;
}

long EventWrite(const OpenFile& file, const char* data, size_t size) {
  uint64_t value = 0;
  if (size < sizeof value) return -EINVAL;
  memcpy(&value, data, sizeof value);
  if (value == ~uint64_t{0}) return -EINVAL;
  if (value == 0) return sizeof value;
  if (value > kMostCounted) ReportUncontrolled("eventfd with a value above 2^32 - 2");
  const OpKind kind = file.non_blocking ? OpKind::kChannelTryWrite : OpKind::kChannelWrite;
  const OpResult result = DoCancelable(OnChannel(kind, file.out, value));
  return result.error != 0 ? -result.error : static_cast<long>(sizeof value);
}

long WriteTo(int fd, const char* data, size_t size) {
  const OpenFile* file = FileOf(fd);
  if (file == nullptr) {
    auto write = [=] { return RawSyscall(SYS_write, fd, data, size); };
    return WriteContent(fd, &CallOf<decltype(write)>, &write);
  }
  if (!file->writes) return -EBADF;
  if (file->kind == FileKind::kOutput) {
    WriteOutput(file->stream, data, size);
    return static_cast<long>(size);
  }
  switch (file->kind) {
    case FileKind::kSocket: return SocketWrite(*file, data, size, 0);
    case FileKind::kEvent: return EventWrite(*file, data, size);
    case FileKind::kPipe: return WriteChannel(*file, data, size, true);
    default: return -EINVAL;
  }
}

}  // namespace

Operation OnChannel(OpKind kind, ObjectId channel, size_t units) {
  Operation operation;
  operation.kind = kind;
  operation.object = channel;
  operation.argument = units;
  SetChannelParts(operation);
  return operation;
}

void NoteReads(const void* memory, size_t size) {
  if (size != 0) csim_read_range(memory, size, csim_state_v1.call_site);
}

void NoteWrites(void* memory, size_t size) {
  if (size != 0) csim_write_range(memory, size, csim_state_v1.call_site);
}

long SysPipe2(int* ends, int flags) {
  Descriptors& all = g_runtime.shared->descriptors;
  OpenFile reading;
  reading.made_at = g_runtime.CallSite();
  reading.non_blocking = (flags & O_NONBLOCK) != 0;
  OpenFile writing = reading;
  const ObjectId channel = all.AddChannel(ObjectKind::kPipe, kPipeCapacity);
  reading.in = channel;
  reading.reads = true;
  writing.out = channel;
  writing.writes = true;
  int numbers[2];
  numbers[0] = Install(reading, (flags & O_CLOEXEC) != 0);
  if (numbers[0] < 0) return numbers[0];
  numbers[1] = Install(writing, (flags & O_CLOEXEC) != 0);
  if (numbers[1] < 0) {
    SysClose(numbers[0]);
    return numbers[1];
  }
  NoteWrites(ends, sizeof numbers);
  memcpy(ends, numbers, sizeof numbers);
  return 0;
}

long SysEventfd(uint64_t value, int flags) {
  OpenFile file;
  file.kind = FileKind::kEvent;
  file.reads = file.writes = true;
  file.non_blocking = (flags & EFD_NONBLOCK) != 0;
  file.semaphore = (flags & EFD_SEMAPHORE) != 0;
  file.made_at = g_runtime.CallSite();
  file.in = file.out = All().AddChannel(ObjectKind::kCounter, kMostCounted);
  g_runtime.machine().object(file.in).count = static_cast<uint32_t>(value);
  return Install(file, (flags & EFD_CLOEXEC) != 0);
}

namespace {

// How much a read of a stream socket takes is known when it is done: others may write descriptors until then.
struct StreamRead {
  ObjectId channel;
  size_t wanted;
};
uint64_t BytesToRead(void* context) {
  const auto* read = static_cast<const StreamRead*>(context);
  return BytesUpToParcel(read->channel, read->wanted);
}

}  // namespace

long ReadChannel(OpenFile file, void* buffer, size_t size, uint64_t deadline, uint32_t* parcel) {
  const ObjectId channel = file.in;
  if (size == 0) return 0;
  size = MaybeShort(size);
  const OpKind kind = file.non_blocking ? OpKind::kChannelTryRead : OpKind::kChannelRead;
  Operation operation = OnChannel(kind, channel, std::min(size, kMostAtOnce));
  if (!file.non_blocking) operation.deadline = deadline;
  StreamRead read{channel, operation.argument};
  const bool stream = file.kind == FileKind::kSocket;
  const OpResult result = DoCancelable(operation, stream ? &BytesToRead : nullptr, &read);
  if (result.error != 0) return result.error == ETIMEDOUT ? -EAGAIN : -result.error;
  const auto taken = static_cast<size_t>(result.value);
  if (taken == 0) return 0;
  const uint32_t came = stream && !All().parcels.empty() ? ParcelIn(channel, taken) : 0;
  if (came != 0) TakeParcel(came);
  Deliver(g_runtime.shared->descriptors.content(channel), buffer, taken);
  if (parcel != nullptr) {
    *parcel = came;
  } else if (came != 0) {
    DropParcel(came);
  }
  return result.value;
}

long WriteChannel(OpenFile file, const char* data, size_t size, bool signals, uint64_t deadline,
                  uint32_t parcel) {
  const ObjectId channel = file.out;
  const bool waits = !file.non_blocking;
  size = MaybeShort(size);
  size_t done = 0;
  while (done < size) {
    const OpKind kind = waits ? OpKind::kChannelWrite : OpKind::kChannelTryWrite;
    Operation operation = OnChannel(kind, channel, std::min(size - done, kMostAtOnce));
    if (waits) operation.deadline = deadline;
    const OpResult result = DoCancelable(operation);
    if (result.error == EPIPE && signals) raise(SIGPIPE);
    const int error = result.error == ETIMEDOUT ? EAGAIN : result.error;
    if (error != 0) return done != 0 ? static_cast<long>(done) : -error;
    const auto given = static_cast<size_t>(result.value);
    g_runtime.shared->descriptors.content(channel).Put(data + done, given);
    if (parcel != 0 && done == 0) PutParcel(parcel, channel, given);
    done += given;
    if (!waits) break;
  }
  return static_cast<long>(done);
}

long SysRead(int fd, void* buffer, size_t size) {
  const OpenFile* file = FileOf(fd);
  if (file != nullptr && file->kind != FileKind::kOutput) {
    if (!file->reads) return -EBADF;
    switch (file->kind) {
      case FileKind::kSocket: return SocketRead(*file, buffer, size, 0);
      case FileKind::kEvent: return EventRead(*file, buffer, size);
      case FileKind::kTimer: return TimerRead(*file, buffer, size);
      case FileKind::kSignals: return SignalRead(*file, buffer, size);
      case FileKind::kPipe: return ReadChannel(*file, buffer, size);
      default: return -EINVAL;
    }
  }
  auto read = [=] { return RawSyscall(SYS_read, fd, buffer, size); };
  const long result = ReadContent(fd, &CallOf<decltype(read)>, &read);
  if (result > 0) NoteWrites(buffer, static_cast<size_t>(result));
  return result;
}

long SysWrite(int fd, const void* data, size_t size) {
  NoteReads(data, size);
  return WriteTo(fd, static_cast<const char*>(data), size);
}

long WriteOwn(int fd, const char* data, size_t size) { return WriteTo(fd, data, size); }

// One operation for all parts: the bytes of a pipe come in one piece.
long SysReadv(int fd, const iovec* parts, int count) {
  if (count < 0) return -EINVAL;
  const size_t size = TotalOf(parts, count);
  auto* all = static_cast<char*>(malloc(size + 1));
  const long result = SysRead(fd, all, size);
  size_t at = 0;
  for (int i = 0; i < count && result > 0 && at < static_cast<size_t>(result); ++i) {
    const size_t part = std::min(static_cast<size_t>(result) - at, parts[i].iov_len);
    NoteWrites(parts[i].iov_base, part);
    memcpy(parts[i].iov_base, all + at, part);
    at += part;
  }
  free(all);
  return result;
}

long SysWritev(int fd, const iovec* parts, int count) {
  if (count < 0) return -EINVAL;
  const size_t size = TotalOf(parts, count);
  auto* all = static_cast<char*>(malloc(size + 1));
  size_t at = 0;
  for (int i = 0; i < count; at += parts[i].iov_len, ++i) {
    NoteReads(parts[i].iov_base, parts[i].iov_len);
    memcpy(all + at, parts[i].iov_base, parts[i].iov_len);
  }
  const long result = WriteTo(fd, all, size);
  free(all);
  return result;
}

}  // namespace csim
