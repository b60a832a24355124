// Channels: pipes, the two directions of a stream socket, queues of messages, counters.
//
// A channel holds `count` units (bytes, messages, a counter's value) of at most `limit`, and has so many
// open reading and writing ends (ObjectState::readers, writers). Where the units lie is not the
// machine's business.
//
//   read:  waits until there is a unit, or no writing end is left (0 units: end of file)
//   write: waits until there is room for all that must not be torn apart, or no reading end is left
//          (error EPIPE); takes as much as there is room for
//   poll:  waits until one of several channels can be read or written without waiting
//
// What is written reaches whoever reads later; so does what was known when an end was closed.
#include <algorithm>
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

// Units of one write that are written together or not at all.
uint64_t Undivided(const ObjectState& channel, uint64_t wanted) {
  constexpr uint64_t kPipeBuf = 4096;
  switch (channel.kind) {
    case ObjectKind::kPipe: return std::min(wanted, kPipeBuf);
    case ObjectKind::kSocket: return std::min(wanted, uint64_t{1});
    default: return wanted;
  }
}

bool HasRoom(const ObjectState& channel, uint64_t wanted) {
  return channel.count + Undivided(channel, wanted) <= channel.limit;
}

// (Whoever may connect to an address holds no end of it.)
bool CanRead(const ObjectState& channel) {
  return channel.count != 0 || (channel.writers == 0 && channel.kind != ObjectKind::kAddress);
}

bool CanWrite(const ObjectState& channel, uint64_t wanted) {
  return channel.readers == 0 || HasRoom(channel, wanted);
}

const ObjectState& ChannelOf(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object);
}

Alternatives ReadEnabled(const Machine& m, const TaskState& task) {
  return IfOrTimeout(CanRead(ChannelOf(m, task)), task);
}

OpResult Read(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  ObjectState& channel = m.object(task.pending.object);
  const auto taken =
      static_cast<uint32_t>(std::min(uint64_t{channel.count}, task.pending.argument));
  channel.count -= taken;
  m.NoteFound(task.id, taken);
  if (taken != 0) m.NoteChange(task.pending.object);
  Acquire(m, task, task.pending.object);
  return {.value = taken};
}

OpResult TryRead(Machine& m, TaskState& task, uint32_t) {
  return CanRead(ChannelOf(m, task)) ? Read(m, task, kNormal) : Failed(EAGAIN);
}

Alternatives WriteEnabled(const Machine& m, const TaskState& task) {
  return IfOrTimeout(CanWrite(ChannelOf(m, task), task.pending.argument), task);
}

OpResult Write(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  ObjectState& channel = m.object(task.pending.object);
  if (channel.readers == 0) {
    Acquire(m, task, task.pending.object);
    return Failed(EPIPE);
  }
  const uint64_t room = channel.limit - channel.count;
  const auto given = static_cast<uint32_t>(std::min(room, task.pending.argument));
  channel.count += given;
  ++channel.generation;
  m.NoteChange(task.pending.object);
  Release(m, task, task.pending.object);
  return {.value = given};
}

OpResult TryWrite(Machine& m, TaskState& task, uint32_t) {
  const bool can = CanWrite(ChannelOf(m, task), task.pending.argument);
  return can ? Write(m, task, kNormal) : Failed(EAGAIN);
}

OpResult Close(Machine& m, TaskState& task, uint32_t) {
  const auto close = [&](ObjectId id, uint32_t ObjectState::* ends) {
    if (id == kNoObject) return;
    ObjectState& channel = m.object(id);
    const auto most = static_cast<uint32_t>(std::max(task.pending.argument, uint64_t{1}));
    channel.*ends -= std::min(channel.*ends, most);
    if (ends == &ObjectState::writers) ++channel.generation;
    m.NoteChange(id);
    Release(m, task, id);
  };
  close(task.pending.object, &ObjectState::readers);
  close(task.pending.object2, &ObjectState::writers);
  return {};
}

OpResult Open(Machine& m, TaskState& task, uint32_t) {
  const auto open = [&](ObjectId id, uint32_t ObjectState::* ends) {
    if (id == kNoObject) return;
    ObjectState& channel = m.object(id);
    ++(channel.*ends);
    ++channel.generation;
    channel.limit = static_cast<uint32_t>(task.pending.argument);
    m.NoteChange(id);
    Release(m, task, id);
  };
  open(task.pending.object, &ObjectState::readers);
  open(task.pending.object2, &ObjectState::writers);
  return {};
}

// once_state says whether an address is bound.
OpResult Bind(Machine& m, TaskState& task, uint32_t) {
  ObjectState& address = m.object(task.pending.object);
  const bool binds = task.pending.argument != 0;
  if (binds && address.once_state != 0) return Failed(EADDRINUSE);
  address.once_state = binds ? 1 : 0;
  m.NoteChange(task.pending.object);
  return {};
}

// ---- Poll ----

constexpr uint64_t kPollWaits = 1;  // lowest bit of a poll's argument

uint64_t CountReady(const Machine& m, const TaskState& task) {
  uint64_t ready = 0;
  for (const Interest& interest : m.InterestsOf(task.pending.argument)) {
    if (IsReady(m, interest)) ++ready;
  }
  return ready;
}

Alternatives PollEnabled(const Machine& m, const TaskState& task) {
  const bool waits = (task.pending.argument & kPollWaits) != 0;
  return IfOrTimeout(!waits || CountReady(m, task) != 0, task);
}

OpResult Poll(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) {
    m.AdvanceTo(task.pending.deadline);
    return {};
  }
  // That something can be read says what its writer knew.
  for (const Interest& interest : m.InterestsOf(task.pending.argument)) {
    if (interest.signals != 0 || !IsReady(m, interest)) continue;
    if (interest.object != kNoObject) Acquire(m, task, interest.object);
    if (interest.other != kNoObject) Acquire(m, task, interest.other);
  }
  return {.value = static_cast<int64_t>(CountReady(m, task))};
}

constexpr ObjectKind kPipe = ObjectKind::kPipe;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

bool IsReady(const Machine& m, const Interest& interest) {
  if (interest.ends) {
    const bool early =
        interest.object != kNoObject && m.object(interest.object).generation < interest.after;
    if (early) return false;
    return (interest.object == kNoObject || m.object(interest.object).writers == 0) &&
           (interest.other == kNoObject || m.object(interest.other).readers == 0);
  }
  if (interest.object == kNoObject) return true;
  if (interest.signals != 0) {
    const TaskState& task = m.task(interest.task);
    return ((m.process(task.process).pending | task.signals) & interest.signals) != 0;
  }
  const ObjectState& channel = m.object(interest.object);
  if (channel.generation < interest.after) return false;
  if (!interest.reads && !interest.writes) return true;
  if (interest.reads && CanRead(channel)) return true;
  const uint64_t wanted = channel.kind == ObjectKind::kPipe ? channel.limit : 1;
  return interest.writes && CanWrite(channel, wanted);
}

// Which parts of a channel an operation looks at or changes is said by its offset and size (see
// ChannelPart): a read has nothing to do with how many reading ends there are. Two closes only count
// down: Dependent knows. A poll looks at the parts that its answer depends on; one for signals is a kWrite of its
// process, as a wait for one is (kProcessRows): Machine::PollOf.
const OperationRow kChannelRows[10] = {
    {OpKind::kChannelRead, "read", kPipe, kWrite, kLocal, ReadEnabled, Read},
    {OpKind::kChannelTryRead, "try_read", kPipe, kWrite, kLocal, Always, TryRead},
    {OpKind::kChannelWrite, "write", kPipe, kWrite, kLocal, WriteEnabled, Write},
    {OpKind::kChannelTryWrite, "try_write", kPipe, kWrite, kLocal, Always, TryWrite},
    {OpKind::kChannelClose, "close", kPipe, kWrite, kWrite, Always, Close},
    {OpKind::kChannelOpen, "listen", kPipe, kWrite, kWrite, Always, Open},
    {OpKind::kAddressBind, "bind", kPipe, kWrite, kLocal, Always, Bind},
    {OpKind::kPoll, "poll", kPipe, kRead, kRead, PollEnabled, Poll},
    {OpKind::kPollMany, "poll_many", kPipe, kRead, kLocal, PollEnabled, Poll},
    {OpKind::kPollSignals, "poll_signals", ObjectKind::kProcess, kWrite, kLocal, PollEnabled, Poll},
};

}  // namespace csim
