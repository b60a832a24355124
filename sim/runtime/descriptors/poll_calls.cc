// Waiting for any of several descriptors: poll and epoll.
//
// What a descriptor is ready for is looked at right after an operation that reads its channels
// (OpKind::kPoll), before anybody else can run. Timers are not channels: they set a deadline.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

constexpr uint32_t kReads = POLLIN | POLLRDNORM | POLLRDHUP | POLLPRI;
constexpr uint32_t kWrites = POLLOUT | POLLWRNORM;
constexpr uint32_t kAlways = POLLERR | POLLHUP | POLLNVAL;
constexpr size_t kMostInterests = 1536;  // of 500 sockets

// What one wait looks at.
class Waiting {
 public:
  void Add(const Interest& interest) {
    if (count_ == kMostInterests) ReportUncontrolled("a poll of more than 500 descriptors");
    interests_[count_++] = interest;
  }
  void AddSignals(SignalSet signals) {
    const TaskId self = g_runtime.current();
    Add({.object = g_runtime.machine().OwnProcessObject(self), .signals = signals, .task = self});
  }
  void AddDeadline(uint64_t deadline) { deadline_ = std::min(deadline_, deadline); }

  // Until something that was added is ready, or the first deadline. What look() finds then, or a negative errno.
  template <typename Look>
  long Perform(bool waits, bool suspends, Look look) {
    Operation operation = g_runtime.machine().PollOf({interests_, count_}, waits, suspends);
    if (waits) operation.deadline = deadline_;
    long found = 0;
    auto look_now = [&] { return (found = look()) != 0; };
    const auto call = [](void* f) { return (*static_cast<decltype(look_now)*>(f))(); };
    const int error = DoPoll(operation, call, &look_now).error;
    return error != 0 ? -error : found;
  }

 private:
  Interest interests_[kMostInterests];
  size_t count_ = 0;
  uint64_t deadline_ = kNoDeadline;
};

// An epoll descriptor inside another wait: see below.
bool AnyEntryReady(uint32_t epoll);
bool AddEpoll(Waiting& waiting, const OpenFile& epoll);

const ObjectState& StateOf(ObjectId channel) { return g_runtime.machine().object(channel); }

bool IsTimer(const OpenFile& file) { return file.kind == FileKind::kTimer; }

// What a read of the file, and a write, would find now, as poll's bits.
uint32_t ReadySide(const OpenFile& file) {
  if (IsTimer(file)) {
    return All().timers[file.detail].next <= g_runtime.machine().now() ? POLLIN | POLLRDNORM : 0;
  }
  if (file.kind == FileKind::kSignals) return SignalsIn(file) != 0 ? POLLIN | POLLRDNORM : 0;
  uint32_t ready = 0;
  if (file.in != kNoObject) {
    const ObjectState& in = StateOf(file.in);
    if (in.count != 0) ready |= POLLIN | POLLRDNORM;
    if (in.writers == 0 && in.kind == ObjectKind::kPipe) ready |= POLLHUP;
    const bool ends = in.kind == ObjectKind::kSocket || in.kind == ObjectKind::kQueue;
    if (in.writers == 0 && ends) ready |= POLLIN | POLLRDNORM | POLLRDHUP;
  }
  if (file.out != kNoObject) {
    const ObjectState& out = StateOf(file.out);
    if (IsReady(g_runtime.machine(), {file.out, false, true})) ready |= POLLOUT | POLLWRNORM;
    if (out.readers == 0 && out.kind == ObjectKind::kPipe) ready |= POLLERR;
    const bool half_closed = (ready & POLLRDHUP) != 0;
    if (out.readers == 0 && out.kind != ObjectKind::kPipe && half_closed) ready |= POLLHUP;
  }
  return ready;
}

uint32_t ReadyNow(const OpenFile& file) {
  if (file.kind == FileKind::kEpoll) return AnyEntryReady(file.detail) ? POLLIN | POLLRDNORM : 0;
  uint32_t ready = ReadySide(file);
  if (file.kind == FileKind::kOutput) ready |= kWrites;
  if (file.kind != FileKind::kSocket) return ready;
  const Socket& socket = All().sockets[file.detail];
  if (socket.read_shut) ready |= POLLIN | POLLRDNORM | POLLRDHUP;
  if (socket.type == SOCK_DGRAM && file.out == kNoObject) ready |= kWrites;
  const bool idle = socket.type != SOCK_DGRAM && !socket.connected && !socket.listening;
  return idle ? ready | kWrites | POLLHUP : ready;
}

// Adds those conditions under which ReadySide has one of the events, or one that is always told, and so all that
// its answer depends on. `after`: for edges, see ArrivalsOf.
void AddChannels(Waiting& waiting, const OpenFile& file, uint32_t events, uint32_t after) {
  const bool pipe = file.kind == FileKind::kPipe;
  const bool reads = (events & (POLLIN | POLLRDNORM)) != 0;
  const bool writes = (events & kWrites) != 0 && after == 0;
  if (file.in != kNoObject) {
    const bool ends = pipe || (events & POLLRDHUP) != 0;
    if (reads || ends) {
      waiting.Add({.object = file.in, .reads = reads, .ends = !reads, .after = after});
    }
  }
  if (file.out != kNoObject) {
    if (writes) waiting.Add({.object = file.out, .writes = true});
    if (!writes && pipe && after == 0) waiting.Add({.ends = true, .other = file.out});
  }
  const bool connected = file.kind == FileKind::kSocket && file.in != kNoObject &&
                         file.out != kNoObject && StateOf(file.in).kind != ObjectKind::kAddress;
  if (!connected) return;
  waiting.Add({.object = file.in, .ends = true, .after = after, .other = file.out});
  if (reads) waiting.Add({.ends = true, .other = file.in});  // shut down by another thread
}

// Adds what `file` has to be waited for. True if it needs no waiting, whatever others do.
bool AddFile(Waiting& waiting, const OpenFile& file, uint32_t events, uint32_t after) {
  if (file.kind == FileKind::kEpoll) {
    return (events & kReads) != 0 && AddEpoll(waiting, file);
  }
  if (IsTimer(file)) {
    if ((events & kReads) != 0) waiting.AddDeadline(All().timers[file.detail].next);
    return (ReadyNow(file) & events) != 0;
  }
  if (file.kind == FileKind::kSignals) {
    if ((events & kReads) != 0) waiting.AddSignals(All().signal_masks[file.detail]);
    return false;
  }
  AddChannels(waiting, file, events, after);
  const bool shut = file.kind == FileKind::kSocket && All().sockets[file.detail].read_shut;
  if (shut && (events & (POLLIN | POLLRDNORM | POLLRDHUP)) != 0) return true;
  const bool without_channels = file.in == kNoObject && file.out == kNoObject;
  const bool fixed =
      file.kind == FileKind::kOutput ||
      (file.kind == FileKind::kSocket && (without_channels || file.out == kNoObject));
  return fixed && (ReadyNow(file) & (events | kAlways) & ~(POLLIN | POLLRDNORM)) != 0;
}

bool IsOpen(int fd) { return RawSyscall(SYS_fcntl, fd, 1 /* F_GETFD */, 0) >= 0; }

// The answer for a descriptor that is none of ours: real files can always be read and written.
uint32_t ReadyOfReal(int fd, uint32_t events) {
  return IsOpen(fd) ? events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)
                    : static_cast<uint32_t>(POLLNVAL);
}

// True if one of them is ready whatever others do.
bool AddAll(Waiting& waiting, const pollfd* items, size_t count) {
  bool ready = false;
  for (size_t i = 0; i < count; ++i) {
    if (items[i].fd < 0) continue;
    const auto events = static_cast<uint16_t>(items[i].events);
    if (const OpenFile* file = FileOf(items[i].fd)) {
      ready |= AddFile(waiting, *file, events, 0);
    } else {
      ready |= ReadyOfReal(items[i].fd, events) != 0;
    }
  }
  return ready;
}

long Answer(pollfd* items, size_t count) {
  long found = 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t ready = 0;
    if (items[i].fd >= 0) {
      const auto events = static_cast<uint16_t>(items[i].events);
      const OpenFile* file = FileOf(items[i].fd);
      ready =
          file != nullptr ? ReadyNow(*file) & (events | kAlways) : ReadyOfReal(items[i].fd, events);
    }
    items[i].revents = static_cast<short>(ready);
    if (ready != 0) ++found;
  }
  return found;
}

long PollUnder(pollfd* items, size_t count, const WaitLimit& limit, bool suspends) {
  for (;;) {
    Waiting waiting;
    waiting.AddDeadline(limit.deadline);
    const bool ready = AddAll(waiting, items, count);
    const long found =
        waiting.Perform(limit.waits && !ready, suspends, [&] { return Answer(items, count); });
    if (found != 0 || !limit.waits || g_runtime.machine().now() >= limit.deadline) return found;
  }
}

// `wait(limit, suspends)` with the limit's mask. What is ready when the call begins is the answer whatever
// signals wait, as in Linux; otherwise a handler that runs between here and the end of the wait ends it.
template <typename Wait>
long WaitUnderMask(const WaitLimit& limit, Wait wait) {
  if (limit.mask == nullptr) return wait(limit, false);
  if (const long found = wait(WaitLimit{.waits = false}, false); found != 0) return found;
  const SignalSet before = BeginSuspension(ToSet(*limit.mask));
  long result = 0;
  if (IsSuspended() && limit.waits) result = wait(limit, true);
  if (!IsSuspended() && result == 0) result = -EINTR;
  EndSuspension(before);
  return result;
}

}  // namespace

long SysPoll(pollfd* items, size_t count, const WaitLimit& limit) {
  return WaitUnderMask(limit, [&](const WaitLimit& under, bool suspends) {
    return PollUnder(items, count, under, suspends);
  });
}

// ---- epoll ----

namespace {

OpenFile* EpollOf(int fd, long* error) {
  OpenFile* file = FileOf(fd);
  *error = file != nullptr || IsOpen(fd) ? -EINVAL : -EBADF;
  return file != nullptr && file->kind == FileKind::kEpoll ? file : nullptr;
}

EpollEntry* EntryOf(uint32_t epoll, int fd) {
  for (EpollEntry& entry : All().epoll_entries) {
    if (entry.epoll == epoll && entry.fd == fd && entry.file != 0 &&
        All().file(entry.file).descriptors != 0) {
      return &entry;
    }
  }
  return nullptr;
}

constexpr uint32_t kEpollOptions = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;

// How often something came in, for edges.
uint32_t ArrivalsOf(const OpenFile& file) {
  return file.in == kNoObject ? 0 : StateOf(file.in).generation;
}

bool AddEntries(Waiting& waiting, uint32_t epoll) {
  bool ready = false;
  for (const EpollEntry& entry : All().epoll_entries) {
    if (entry.epoll != epoll || entry.file == 0 || (entry.events & ~kEpollOptions) == 0) continue;
    const OpenFile& file = All().file(entry.file);
    if (file.descriptors == 0) continue;
    const uint32_t after = (entry.events & EPOLLET) != 0 ? entry.reported : 0;
    ready |= AddFile(waiting, file, entry.events & ~kEpollOptions, after) && after == 0;
  }
  return ready;
}

// What the entry has to tell now.
uint32_t ReadyOf(const EpollEntry& entry) {
  if (entry.file == 0 || (entry.events & ~kEpollOptions) == 0) return 0;
  const OpenFile& file = All().file(entry.file);
  if (file.descriptors == 0) return 0;
  if ((entry.events & EPOLLET) != 0 && ArrivalsOf(file) < entry.reported) return 0;
  return ReadyNow(file) & (entry.events | kAlways) & ~kEpollOptions;
}

long AnswerEntries(uint32_t epoll, epoll_event* events, int count) {
  int found = 0;
  for (EpollEntry& entry : All().epoll_entries) {
    if (entry.epoll != epoll || found == count) continue;
    const uint32_t ready = ReadyOf(entry);
    if (ready == 0) continue;
    events[found].events = ready;
    events[found].data.u64 = entry.data;
    ++found;
    if ((entry.events & EPOLLET) != 0) entry.reported = ArrivalsOf(All().file(entry.file)) + 1;
    if ((entry.events & EPOLLONESHOT) != 0) entry.events &= kEpollOptions;
  }
  return found;
}

bool AnyEntryReady(uint32_t epoll) {
  const auto& entries = All().epoll_entries;
  return std::any_of(entries.begin(), entries.end(), [&](const EpollEntry& entry) {
    return entry.epoll == epoll && ReadyOf(entry) != 0;
  });
}

// (A change of its list may make it ready.)
bool AddEpoll(Waiting& waiting, const OpenFile& epoll) {
  waiting.Add({.object = epoll.in, .after = StateOf(epoll.in).generation + 1});
  return AddEntries(waiting, epoll.detail);
}

// How deep epoll descriptors lie in each other below this one; kTooDeep if `searched` is among them.
constexpr int kTooDeep = 5;  // in Linux
int DepthBelow(uint32_t epoll, uint32_t searched, int depth = 1) {
  if (epoll == searched || depth > kTooDeep) return kTooDeep;
  int deepest = depth;
  for (const EpollEntry& entry : All().epoll_entries) {
    if (entry.epoll != epoll || entry.file == 0) continue;
    const OpenFile& file = All().file(entry.file);
    if (file.kind != FileKind::kEpoll || file.descriptors == 0) continue;
    deepest = std::max(deepest, DepthBelow(file.detail, searched, depth + 1));
  }
  return deepest;
}

OpenFile NewEpoll() {
  OpenFile file;
  file.kind = FileKind::kEpoll;
  file.made_at = g_runtime.CallSite();
  file.detail = ++All().epolls;
  // Counts the changes of its list, for those who wait meanwhile.
  file.in = All().AddChannel(ObjectKind::kCounter, ~uint32_t{0} - 1);
  return file;
}

constexpr int kMostEarlyEpolls = 64;
int g_early_epolls[kMostEarlyEpolls];
int g_early_epoll_count = 0;

}  // namespace

long SysEpollCreate(int flags) { return Install(NewEpoll(), (flags & EPOLL_CLOEXEC) != 0); }

void NoteEarlyEpoll(int fd) {
  if (fd < 0 || g_early_epoll_count == kMostEarlyEpolls) return;
  g_early_epolls[g_early_epoll_count++] = fd;
}

void AdoptEarlyEpolls() {
  for (int i = 0; i < g_early_epoll_count; ++i) {
    if (IsOpen(g_early_epolls[i])) InstallAt(g_early_epolls[i], NewEpoll());
  }
}

long SysEpollCtl(int epoll_fd, int what, int fd, const epoll_event* event) {
  long error = 0;
  const OpenFile* found = EpollOf(epoll_fd, &error);
  if (found == nullptr) return error;
  const OpenFile epoll = *found;
  const OpenFile* target = FileOf(fd);
  if (target == nullptr) return IsOpen(fd) ? -EPERM : -EBADF;
  const bool nested = target->kind == FileKind::kEpoll;
  if (nested && target->detail == epoll.detail) return -EINVAL;
  if (nested && what == EPOLL_CTL_ADD && DepthBelow(target->detail, epoll.detail) == kTooDeep) {
    return -ELOOP;
  }
  epoll_event wanted{};
  if (what != EPOLL_CTL_DEL) {
    if (event == nullptr) return -EFAULT;
    NoteReads(event, sizeof *event);
    wanted = *event;
  }
  const bool edge = (wanted.events & EPOLLET) != 0;
  if (edge && target->kind == FileKind::kSignals) ReportUncontrolled("EPOLLET on a signalfd");
  if (edge && nested) ReportUncontrolled("EPOLLET on an epoll descriptor");
  EpollEntry* entry = EntryOf(epoll.detail, fd);
  if (what == EPOLL_CTL_ADD && entry != nullptr) return -EEXIST;
  if (what != EPOLL_CTL_ADD && entry == nullptr) return -ENOENT;
  const uint32_t file = Table()[static_cast<size_t>(fd)].file;
  switch (what) {
    case EPOLL_CTL_ADD:
      All().epoll_entries.push_back({epoll.detail, fd, file, wanted.events, wanted.data.u64});
      break;
    case EPOLL_CTL_MOD:
      entry->events = wanted.events;
      entry->data = wanted.data.u64;
      entry->reported = 0;
      break;
    case EPOLL_CTL_DEL: entry->file = 0; break;
    default: return -EINVAL;
  }
  Perform(OnChannel(OpKind::kChannelTryWrite, epoll.in, 1));
  return 0;
}

namespace {

long EpollUnder(const OpenFile& epoll, epoll_event* events, int count, const WaitLimit& limit,
                bool suspends) {
  for (;;) {
    Waiting waiting;
    waiting.AddDeadline(limit.deadline);
    const bool ready = AddEpoll(waiting, epoll);
    epoll_event ready_events[256];
    const long n = waiting.Perform(limit.waits && !ready, suspends, [&] {
      return AnswerEntries(epoll.detail, ready_events, std::min(count, 256));
    });
    if (n > 0) {
      NoteWrites(events, sizeof *events * static_cast<size_t>(n));
      memcpy(events, ready_events, sizeof *events * static_cast<size_t>(n));
    }
    if (n != 0 || !limit.waits || g_runtime.machine().now() >= limit.deadline) return n;
  }
}

}  // namespace

long SysEpollWait(int epoll_fd, epoll_event* events, int count, const WaitLimit& limit) {
  long error = 0;
  const OpenFile* found = EpollOf(epoll_fd, &error);
  if (found == nullptr) return error;
  if (count <= 0) return -EINVAL;
  const OpenFile epoll = *found;
  return WaitUnderMask(limit, [&](const WaitLimit& under, bool suspends) {
    return EpollUnder(epoll, events, count, under, suspends);
  });
}

}  // namespace csim
