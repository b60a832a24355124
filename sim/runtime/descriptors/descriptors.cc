#include "sim/runtime/descriptors/descriptors.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/parcels.h"
#include "sim/runtime/descriptors/transit.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/hidden_files.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

void ChannelContent::Look(char* to, size_t size, size_t from) const {
  memcpy(to, bytes_.data() + first_ + from, size);
}

void ChannelContent::Insert(size_t at, const char* data, size_t size) {
  bytes_.insert(bytes_.begin() + static_cast<ptrdiff_t>(first_ + at), data, data + size);
}

void ChannelContent::Drop(size_t size) {
  taken_ += size;
  first_ += size;
  if (first_ < bytes_.size() / 2 && first_ < 4096) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(first_));
  first_ = 0;
}

void Descriptors::BeginExecution() {
  processes_ = 0;
  files_.clear();
  content_used_ = 0;
  of_object_.clear();
  made_.clear();
  sockets.clear();
  addresses.assign(1, Address{});  // 0 is none
  connections.clear();
  parcels.clear();
  parcel_files.clear();
  timers.clear();
  signal_masks.clear();
  epoll_entries.clear();
  named.clear();
  semaphore_sets.clear();
  semaphores.clear();
  queues.clear();
  typed_queues.clear();
  locks.clear();
  lock_holders.clear();
  messages_sent = 0;
  epolls = ports = 0;
  files_.emplace_back();  // 0 is no file
  DescriptorTable& mine = table(0);
  mine.resize(3);
  for (int stream : {1, 2}) {
    const OpenFile file{
        .kind = FileKind::kOutput, .writes = true, .stream = stream, .descriptors = 1};
    mine[static_cast<size_t>(stream)] = {AddFile(file), false};
  }
}

DescriptorTable& Descriptors::table(uint32_t process) {
  while (tables_.size() <= process) tables_.emplace_back();
  for (; processes_ <= process; ++processes_) tables_[processes_].clear();
  return tables_[process];
}

uint32_t Descriptors::AddFile(const OpenFile& file) {
  files_.push_back(file);
  return static_cast<uint32_t>(files_.size() - 1);
}

ObjectId Descriptors::AddChannel(ObjectKind kind, uint32_t limit) {
  const ObjectId id = g_runtime.objects().Add(kind, g_runtime.CallSite());
  ObjectState& state = g_runtime.machine().object(id);
  state.limit = limit;
  state.name = NextName(kind);
  if (content_used_ == content_.size()) {
    void* storage = memory_->allocate(sizeof(ChannelContent), alignof(ChannelContent));
    content_.push_back(new (storage) ChannelContent(memory_));
  }
  content_[content_used_]->Clear();
  if (of_object_.size() <= Index(id)) of_object_.resize(Index(id) + 1);
  of_object_[Index(id)] = content_used_++;
  return id;
}

uint64_t Descriptors::NextName(ObjectKind kind) {
  const TaskId task = g_runtime.current();
  if (made_.size() <= Index(task)) made_.resize(Index(task) + 1);
  uint64_t name = g_runtime.machine().task(task).name;
  for (uint64_t part : {static_cast<uint64_t>(kind), uint64_t{++made_[Index(task)]}}) {
    name = (name ^ part) * 0x9e3779b97f4a7c15u;
    name ^= name >> 29;
  }
  return (name & ~(uint64_t{1} << 63)) | 1;  // the highest bit is for threads
}

Descriptors& All() { return g_runtime.shared->descriptors; }

uint32_t CurrentProcess() { return Index(g_runtime.process); }

ObjectId AddObject(ObjectKind kind) {
  const ObjectId id = g_runtime.objects().Add(kind, g_runtime.CallSite());
  g_runtime.machine().object(id).name = All().NextName(kind);
  return id;
}

void CountEnds(const OpenFile& file, int32_t by) {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  if (file.in != kNoObject) machine.ChangeEnds(self, file.in, by, 0);
  if (file.out != kNoObject) machine.ChangeEnds(self, file.out, 0, by);
}

namespace {

Descriptor& EntryOf(DescriptorTable& table, int fd) {
  if (table.size() <= static_cast<size_t>(fd)) table.resize(static_cast<size_t>(fd) + 1);
  return table[static_cast<size_t>(fd)];
}

}  // namespace

void CloseFile(uint32_t id) {
  OpenFile& file = All().file(id);
  --file.descriptors;
  const bool last_socket = file.kind == FileKind::kSocket && file.descriptors == 0;
  const bool last = file.descriptors == 0;
  CloseEnds(file.in, file.out, 1);
  if (last_socket) CloseSocket(id);
  if (last) ReleaseFlock(id);
}

void CloseEnds(ObjectId reading, ObjectId writing, uint32_t count) {
  if (reading == kNoObject && writing == kNoObject) return;
  Operation operation;
  operation.kind = OpKind::kChannelClose;
  operation.object = reading;
  operation.object2 = writing;
  operation.argument = count;
  SetChannelParts(operation);
  Perform(operation);
  const bool unreadable = reading != kNoObject && g_runtime.machine().object(reading).readers == 0;
  if (unreadable && !All().parcels.empty()) DropParcelsIn(reading);
}

namespace {

// The number leads nowhere from now on. The file that it led to, 0 if it was a real one.
uint32_t TakeOut(DescriptorTable& table, int fd) {
  if (fd < 0 || table.size() <= static_cast<size_t>(fd)) return 0;
  const uint32_t id = table[static_cast<size_t>(fd)].file;
  table[static_cast<size_t>(fd)] = Descriptor{};
  return id;
}

// ---- Real descriptors, of the worker ----

constexpr int kKnown = 256;   // whether a number above is open at the snapshot is not looked at
constexpr int kStandard = 3;  // input, output, error output

struct RealDescriptors {
  int placeholder = -1;
  int standard[kStandard] = {-1, -1, -1};  // copies
  bool open[kKnown] = {};                  // at the snapshot
  bool touched = false;                    // by the running execution
  bool standard_changed = false;
};
RealDescriptors g_real;

int HiddenCopy(int fd) {
  const long hidden = RawSyscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kHiddenDescriptors);
  return static_cast<int>(hidden >= 0 ? hidden : RawSyscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3));
}

// The real descriptor of this number has been closed or replaced, or is to be closed on exec or not.
void NoteReplaced(int fd) {
  g_real.touched = true;
  if (fd < kStandard) {
    g_real.standard_changed = true;
  } else if (fd < kKnown && g_real.open[fd]) {
    g_runtime.execution().fresh_wanted = true;
  }
}

bool IsHidden(int fd) {
  bool ours = fd == g_real.placeholder;
  for (int standard : g_real.standard) ours |= fd == standard;
  for (int end : All().transit) ours |= fd == end;
  ours |= fd == g_runtime.mapping_fd || fd == g_runtime.bell_fd || fd == g_runtime.shadow.fd();
  ours |= fd == g_runtime.shared_memory.fd() || fd == g_runtime.kernel_state.directory();
  ours |= g_runtime.worker && g_runtime.shared->memory_objects.Keeps(fd);
  return ours && fd >= 0;
}

}  // namespace

void AdoptRealDescriptors() {
  const long root = RawSyscall(SYS_openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
  g_real.placeholder = HiddenCopy(static_cast<int>(root));
  RawSyscall(SYS_close, root);
}

void RememberRealDescriptors() {
  AdoptRealDescriptors();
  for (int fd = 0; fd < kStandard; ++fd) g_real.standard[fd] = HiddenCopy(fd);
  for (int fd = 0; fd < kKnown; ++fd) g_real.open[fd] = RawSyscall(SYS_fcntl, fd, F_GETFD) >= 0;
  MakeTransit();
}

void NoteRealDescriptors() { g_real.touched = true; }

int OutputDescriptor() { return g_real.standard[1]; }

void RestoreRealDescriptors() {
  if (!All().parcel_files.empty()) ClearTransit();
  if (g_real.touched) RestoreOwnDescriptors();
}

void RestoreOwnDescriptors() {
  g_real.touched = false;
  int first = kStandard;
  for (int fd = kStandard; fd <= kKnown; ++fd) {
    if (fd < kKnown && !g_real.open[fd]) continue;
    const int last = fd == kKnown ? kHiddenDescriptors - 1 : fd - 1;
    if (last >= first) RawSyscall(SYS_close_range, first, last, 0);
    first = fd + 1;
  }
  if (!g_real.standard_changed) return;
  g_real.standard_changed = false;
  for (int fd = 0; fd < kStandard; ++fd) RawSyscall(SYS_dup2, g_real.standard[fd], fd);
}

// A poll takes placeholders for closed, and all others not.
bool HasOnlySimulatedDescriptors() {
  if (g_real.standard_changed) return false;
  pollfd all[kKnown];
  uint64_t count = 0;
  for (int fd = kStandard; fd < kKnown; ++fd) {
    if (!g_real.open[fd]) all[count++] = {fd, 0, 0};
  }
  const timespec at_once{};
  const long found = RawSyscall(SYS_ppoll, all, count, &at_once, nullptr, 0);
  if (found != static_cast<long>(count)) return false;
  return std::all_of(all, all + count, [](const pollfd& p) { return p.revents == POLLNVAL; });
}

void MakePlaceholders() {
  const DescriptorTable& table = Table();
  for (size_t fd = kStandard; fd < table.size(); ++fd) {
    const Descriptor& descriptor = table[fd];
    if (descriptor.file == 0 || (fd < kKnown && g_real.open[fd])) continue;
    RawSyscall(SYS_dup3, g_real.placeholder, fd, descriptor.close_on_exec ? O_CLOEXEC : 0);
  }
}

// ---- Descriptors of the running task's process ----

DescriptorTable& Table() { return All().table(CurrentProcess()); }

OpenFile* FileOf(int fd) {
  const DescriptorTable& table = Table();
  if (fd < 0 || table.size() <= static_cast<size_t>(fd)) return nullptr;
  const uint32_t id = table[static_cast<size_t>(fd)].file;
  if (id == 0 || All().file(id).kind == FileKind::kReal) return nullptr;
  return &All().file(id);
}

uint32_t KnownFile(int fd) {
  const long flags = RawSyscall(SYS_fcntl, fd, F_GETFD);
  if (flags < 0) return 0;
  Descriptor& descriptor = EntryOf(Table(), fd);
  if (descriptor.file == 0) {
    descriptor.file = All().AddFile({.kind = FileKind::kReal, .descriptors = 1});
    descriptor.close_on_exec = (flags & FD_CLOEXEC) != 0;
    g_real.touched = true;
  }
  return descriptor.file;
}

namespace {

// The entry of a number, 0 for one that leads to nothing that is known.
uint32_t NumberOf(int fd) {
  const DescriptorTable& table = Table();
  const auto index = static_cast<size_t>(fd);
  return fd >= 0 && index < table.size() ? table[index].file : 0;
}

}  // namespace

void InstallAt(int fd, const OpenFile& file) {
  const uint32_t id = All().AddFile(file);
  All().file(id).descriptors = 1;
  CountEnds(file, 1);
  EntryOf(Table(), fd) = {id, false};
}

int TakePlaceholder(bool close_on_exec) {
  g_real.touched = true;
  const int command = close_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD;
  return static_cast<int>(RawSyscall(SYS_fcntl, g_real.placeholder, command, 0));
}

void EnterNumber(int fd, uint32_t file, bool close_on_exec) {
  g_real.touched = true;
  EntryOf(Table(), fd) = {file, close_on_exec};
}

int Install(const OpenFile& file, bool close_on_exec) {
  const int fd = TakePlaceholder(close_on_exec);
  if (fd < 0) return fd;
  const uint32_t id = All().AddFile(file);
  All().file(id).descriptors = 1;
  CountEnds(file, 1);
  EnterNumber(fd, id, close_on_exec);
  return fd;
}

int Duplicate(int fd, int at_least, bool close_on_exec) {
  g_real.touched = true;
  if (IsHidden(fd)) return -EBADF;
  KnownFile(fd);  // a lock belongs to all descriptors of a real file
  const long copy = RawSyscall(SYS_fcntl, fd, close_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD, at_least);
  const uint32_t id = NumberOf(fd);
  if (copy < 0 || id == 0) return static_cast<int>(copy);
  ++All().file(id).descriptors;
  CountEnds(All().file(id), 1);
  EntryOf(Table(), static_cast<int>(copy)) = {id, close_on_exec};
  return static_cast<int>(copy);
}

long SysDup3(int from, int to, int flags) {
  if (IsHidden(from) || IsHidden(to)) return -EBADF;
  const long result = RawSyscall(SYS_dup3, from, to, flags);
  if (result < 0) return result;
  NoteReplaced(to);
  KnownFile(from);
  const uint32_t before = TakeOut(Table(), to);
  if (const uint32_t id = NumberOf(from); id != 0) {
    ++All().file(id).descriptors;
    CountEnds(All().file(id), 1);
    EntryOf(Table(), to) = {id, (flags & O_CLOEXEC) != 0};
  }
  if (before != 0) CloseFile(before);
  return result;
}

long SysClose(int fd) {
  if (IsHidden(fd)) return -EBADF;
  if (!All().lock_holders.empty()) ReleaseRecordLocks(fd);
  const long result = RawSyscall(SYS_close, fd);
  if (result < 0) return result;
  NoteReplaced(fd);
  const uint32_t id = TakeOut(Table(), fd);
  if (id != 0) CloseFile(id);
  return 0;
}

namespace {

long StatusFlags(const OpenFile& file) {
  const long access = file.reads && file.writes ? O_RDWR : file.writes ? O_WRONLY : O_RDONLY;
  return access | (file.non_blocking ? O_NONBLOCK : 0);
}

}  // namespace

long SysFcntl(int fd, int command, unsigned long argument) {
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
    return Duplicate(fd, static_cast<int>(argument), command == F_DUPFD_CLOEXEC);
  }
  const bool locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK ||
                     command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_OFD_GETLK;
  if (locks) return LockRecord(fd, command, reinterpret_cast<struct flock*>(argument));
  OpenFile* file = FileOf(fd);
  if (file == nullptr || file->kind == FileKind::kOutput) {
    if (command == F_SETFD) NoteReplaced(fd);
    return RawSyscall(SYS_fcntl, fd, command, argument);
  }
  const ObjectId channel = file->in != kNoObject ? file->in : file->out;
  switch (command) {
    case F_GETFD: return RawSyscall(SYS_fcntl, fd, command, 0);
    case F_SETFD: {
      Table()[static_cast<size_t>(fd)].close_on_exec = (argument & FD_CLOEXEC) != 0;
      return RawSyscall(SYS_fcntl, fd, command, argument);
    }
    case F_GETFL: return StatusFlags(*file);
    case F_SETFL: file->non_blocking = (argument & O_NONBLOCK) != 0; return 0;
    case F_GETPIPE_SZ:
      if (file->kind != FileKind::kPipe) return -EBADF;
      return static_cast<long>(g_runtime.machine().object(channel).limit);
    case F_SETPIPE_SZ: {
      if (file->kind != FileKind::kPipe) return -EBADF;
      ObjectState& pipe = g_runtime.machine().object(channel);
      uint32_t size = 4096;
      while (size < argument && size < (1u << 20)) size *= 2;
      if (size < argument) return -EPERM;
      if (size < pipe.count) return -EBUSY;
      pipe.limit = size;
      return static_cast<long>(size);
    }
    default: return -EINVAL;
  }
}

// ---- Processes ----

void ForkDescriptors(uint32_t parent, uint32_t child) {
  All().table(child);  // may move the others
  DescriptorTable& mine = All().table(child);
  mine = All().table(parent);
  for (const Descriptor& descriptor : mine) {
    if (descriptor.file == 0) continue;
    ++All().file(descriptor.file).descriptors;
    CountEnds(All().file(descriptor.file), 1);
  }
}

void CloseOnExec(uint32_t process) {
  for (size_t fd = 0; fd < All().table(process).size(); ++fd) {
    const Descriptor descriptor = All().table(process)[fd];
    if (descriptor.file != 0 && descriptor.close_on_exec) SysClose(static_cast<int>(fd));
  }
}

void ReleaseDescriptors(uint32_t process) {
  for (Descriptor& descriptor : All().table(process)) {
    if (descriptor.file == 0) continue;
    --All().file(descriptor.file).descriptors;
    CountEnds(All().file(descriptor.file), -1);
    descriptor = Descriptor{};
  }
  if (!All().parcels.empty()) ReleaseParcels(process);
}

// The real ones end with the real process, or stay open in the worker until the execution is over.
void CloseDescriptors() {
  const int end = static_cast<int>(Table().size());
  for (int fd = 0; fd < end; ++fd) {
    if (!All().lock_holders.empty()) ReleaseRecordLocks(fd);
    const uint32_t id = TakeOut(Table(), fd);
    if (id != 0) CloseFile(id);
  }
}

}  // namespace csim
