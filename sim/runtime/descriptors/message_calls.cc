// Message queues, POSIX (mq_open) and System V (msgget).
//
// A System V queue is one channel for each type of message, so that a receiver waits for its type only;
// another one counts all messages, for those who take any.
#include <fcntl.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

constexpr uint32_t kMostMessages = 10;  // of a POSIX queue, unless it says otherwise
constexpr uint32_t kMostMessageBytes = 8192;
constexpr uint32_t kMostSystemMessages = 16384;  // of one type

struct MessageHeader {
  uint64_t number;  // System V: in order of sending
  uint32_t size;
  uint32_t priority;  // POSIX
};

MessageHeader FirstOf(ObjectId queue, size_t at = 0) {
  MessageHeader header{};
  All().content(queue).Look(reinterpret_cast<char*>(&header), sizeof header, at);
  return header;
}

// Behind all messages of the same or a higher priority.
void Put(ObjectId queue, MessageHeader header, const char* data) {
  ChannelContent& content = All().content(queue);
  size_t at = 0;
  while (at < content.size()) {
    const MessageHeader other = FirstOf(queue, at);
    if (other.priority < header.priority) break;
    at += sizeof other + other.size;
  }
  content.Insert(at, data, header.size);
  content.Insert(at, reinterpret_cast<const char*>(&header), sizeof header);
}

// The first message, cut to `size`, into memory of ours; to be freed.
char* Take(ObjectId queue, size_t size) {
  const MessageHeader header = FirstOf(queue);
  auto* copy = static_cast<char*>(malloc(size + 1));
  All().content(queue).Look(copy, size, sizeof header);
  All().content(queue).Drop(sizeof header + header.size);
  return copy;
}

NamedObject* FindQueue(const char* name) {
  for (NamedObject& named : All().named) {
    if (named.kind == FileKind::kMessages && strcmp(named.name, name) == 0) return &named;
  }
  return nullptr;
}

NamedObject* QueueOf(const OpenFile& file) {
  const ObjectId object = file.in != kNoObject ? file.in : file.out;
  for (NamedObject& named : All().named) {
    if (named.object == object) return &named;
  }
  return nullptr;
}

}  // namespace

// ---- POSIX ----

namespace {

// A scheduling point at which all of the channel is read.
void LookAt(ObjectId channel) {
  const ObjectUse all{.object = channel, .footprint = Footprint::kRead};
  Perform(g_runtime.machine().PollOf({}, false, false, {&all, 1}));
}

}  // namespace

long SysMqOpen(const char* name, int flags, const mq_attr* attributes) {
  if (name[0] != '/') return -EINVAL;
  if (strlen(name) >= sizeof(NamedObject::name)) return -ENAMETOOLONG;
  NamedObject* queue = FindQueue(name);
  if (queue == nullptr) {
    NamedObject fresh;
    fresh.kind = FileKind::kMessages;
    strncpy(fresh.name, name, sizeof fresh.name - 1);
    fresh.object = All().AddChannel(ObjectKind::kQueue, kMostMessages);
    // The queue is there without anybody: no end of file, no broken pipe.
    g_runtime.machine().ChangeEnds(g_runtime.current(), fresh.object, 1, 1);
    All().named.push_back(fresh);
    queue = &All().named.back();
  }
  const ObjectId object = queue->object;
  const auto number = static_cast<size_t>(queue - All().named.data());
  if ((flags & O_CREAT) != 0) {
    const bool exists = Do(OpKind::kAddressBind, object, 1).error != 0;
    if (exists && (flags & O_EXCL) != 0) return -EEXIST;
    if (!exists) {
      const bool given = attributes != nullptr;
      if (given) NoteReads(attributes, sizeof *attributes);
      if (given && (attributes->mq_maxmsg <= 0 || attributes->mq_msgsize <= 0)) {
        Do(OpKind::kAddressBind, object, 0);
        return -EINVAL;
      }
      g_runtime.machine().object(object).limit =
          given ? static_cast<uint32_t>(attributes->mq_maxmsg) : kMostMessages;
      All().named[number].message_size =
          given ? static_cast<uint32_t>(attributes->mq_msgsize) : kMostMessageBytes;
    }
  } else {
    LookAt(object);  // whether it has been created by now
    if (g_runtime.machine().object(object).once_state == 0) return -ENOENT;
  }
  OpenFile file;
  file.kind = FileKind::kMessages;
  file.made_at = g_runtime.CallSite();
  const int access = flags & O_ACCMODE;
  file.reads = access != O_WRONLY;
  file.writes = access != O_RDONLY;
  file.non_blocking = (flags & O_NONBLOCK) != 0;
  if (file.reads) file.in = object;
  if (file.writes) file.out = object;
  return Install(file, true);
}

long SysMqUnlink(const char* name) {
  NamedObject* queue = FindQueue(name);
  if (queue == nullptr || g_runtime.machine().object(queue->object).once_state == 0) return -ENOENT;
  const ObjectId object = queue->object;
  queue->name[0] = 0;  // who has it open goes on with it
  Do(OpKind::kAddressBind, object, 0);
  return 0;
}

long SysMqSend(int queue, const char* data, size_t size, unsigned priority, uint64_t deadline) {
  const OpenFile* found = FileOf(queue);
  if (found == nullptr || found->kind != FileKind::kMessages || !found->writes) return -EBADF;
  const OpenFile file = *found;
  if (size > QueueOf(file)->message_size) return -EMSGSIZE;
  if (priority >= 32768) return -EINVAL;
  NoteReads(data, size);
  Operation operation =
      OnChannel(file.non_blocking ? OpKind::kChannelTryWrite : OpKind::kChannelWrite, file.out, 1);
  if (!file.non_blocking) operation.deadline = deadline;
  const int error = DoCancelable(operation).error;
  if (error != 0) return -error;
  Put(file.out, {0, static_cast<uint32_t>(size), priority}, data);
  return 0;
}

long SysMqReceive(int queue, char* buffer, size_t size, unsigned* priority, uint64_t deadline) {
  const OpenFile* found = FileOf(queue);
  if (found == nullptr || found->kind != FileKind::kMessages || !found->reads) return -EBADF;
  const OpenFile file = *found;
  if (size < QueueOf(file)->message_size) return -EMSGSIZE;
  Operation operation =
      OnChannel(file.non_blocking ? OpKind::kChannelTryRead : OpKind::kChannelRead, file.in, 1);
  if (!file.non_blocking) operation.deadline = deadline;
  const int error = DoCancelable(operation).error;
  if (error != 0) return -error;
  const MessageHeader header = FirstOf(file.in);
  char* const message = Take(file.in, header.size);
  NoteWrites(buffer, header.size);
  memcpy(buffer, message, header.size);
  free(message);
  if (priority != nullptr) {
    NoteWrites(priority, sizeof *priority);
    *priority = header.priority;
  }
  return static_cast<long>(header.size);
}

long SysMqGetattr(int queue, mq_attr* attributes) {
  const OpenFile* found = FileOf(queue);
  if (found == nullptr || found->kind != FileKind::kMessages) return -EBADF;
  const OpenFile file = *found;
  const ObjectId object = file.in != kNoObject ? file.in : file.out;
  LookAt(object);
  mq_attr now{};
  now.mq_flags = file.non_blocking ? O_NONBLOCK : 0;
  now.mq_maxmsg = g_runtime.machine().object(object).limit;
  now.mq_curmsgs = g_runtime.machine().object(object).count;
  now.mq_msgsize = QueueOf(file)->message_size;
  NoteWrites(attributes, sizeof *attributes);
  *attributes = now;
  return 0;
}

long SysMqSetattr(int queue, const mq_attr* fresh, mq_attr* old) {
  if (old != nullptr) {
    if (const long error = SysMqGetattr(queue, old); error != 0) return error;
  }
  OpenFile* file = FileOf(queue);
  if (file == nullptr || file->kind != FileKind::kMessages) return -EBADF;
  NoteReads(fresh, sizeof *fresh);
  file->non_blocking = (fresh->mq_flags & O_NONBLOCK) != 0;
  return 0;
}

// ---- System V ----

namespace {

SystemQueue* SystemQueueOf(int queue) {
  if (queue < 0 || static_cast<size_t>(queue) >= All().queues.size()) return nullptr;
  SystemQueue& found = All().queues[static_cast<size_t>(queue)];
  return found.removed ? nullptr : &found;
}

ObjectId OfType(int queue, long type) {
  for (const TypedQueue& typed : All().typed_queues) {
    if (typed.queue == queue && typed.type == type) return typed.object;
  }
  const ObjectId object = All().AddChannel(ObjectKind::kQueue, kMostSystemMessages);
  g_runtime.machine().ChangeEnds(g_runtime.current(), object, 1, 1);
  // The same whoever asks first.
  uint64_t name =
      g_runtime.machine().object(All().queues[static_cast<size_t>(queue)].arrivals).name;
  name = (name ^ static_cast<uint64_t>(type)) * 0x9e3779b97f4a7c15u;
  g_runtime.machine().object(object).name = ((name ^ name >> 29) & ~(uint64_t{1} << 63)) | 1;
  All().typed_queues.push_back({queue, type, object});
  return object;
}

// Whether a receiver that asks for `wanted` takes messages of this type.
bool Takes(long wanted, int flags, long type) {
  if (wanted == 0) return true;
  if (wanted < 0) return type <= -wanted;
  return (flags & MSG_EXCEPT) != 0 ? type != wanted : type == wanted;
}

// The channel whose first message such a receiver takes now; kNoObject if there is none.
ObjectId FirstFor(int queue, long wanted, int flags) {
  ObjectId found = kNoObject;
  uint64_t number = ~uint64_t{0};
  long lowest = 0;
  for (const TypedQueue& typed : All().typed_queues) {
    if (typed.queue != queue || !Takes(wanted, flags, typed.type)) continue;
    if (All().content(typed.object).size() == 0) continue;
    const uint64_t first = FirstOf(typed.object).number;
    const bool better = wanted < 0 && found != kNoObject ? typed.type < lowest : first < number;
    if (found != kNoObject && !better) continue;
    found = typed.object;
    number = first;
    lowest = typed.type;
  }
  return found;
}

// Waits for a message of any of several types, and takes its unit. kNoObject and *error.
ObjectId AwaitAny(int queue, long wanted, int flags, long* error) {
  const ObjectId arrivals = All().queues[static_cast<size_t>(queue)].arrivals;
  for (;;) {
    const Interest interest{.object = arrivals,
                            .after = g_runtime.machine().object(arrivals).generation + 1};
    const bool none = FirstFor(queue, wanted, flags) == kNoObject;
    const bool waits = none && (flags & IPC_NOWAIT) == 0;
    const Operation operation = g_runtime.machine().PollOf({&interest, 1}, waits);
    if (const int failed = DoCancelable(operation).error; failed != 0) {
      *error = -failed;
      return kNoObject;
    }
    if (SystemQueueOf(queue) == nullptr) {
      *error = -EIDRM;
      return kNoObject;
    }
    const ObjectId found = FirstFor(queue, wanted, flags);
    if (found != kNoObject && Perform(OnChannel(OpKind::kChannelTryRead, found, 1)).error == 0) {
      return found;
    }
    if ((flags & IPC_NOWAIT) != 0) {
      *error = -ENOMSG;
      return kNoObject;
    }
  }
}

}  // namespace

long SysMsgget(int key, int flags) {
  Descriptors& all = All();
  for (size_t i = 0; i < all.queues.size() && key != IPC_PRIVATE; ++i) {
    if (all.queues[i].key != key || all.queues[i].removed) continue;
    const bool both = (flags & IPC_CREAT) != 0 && (flags & IPC_EXCL) != 0;
    return both ? -EEXIST : static_cast<long>(i);
  }
  if (key != IPC_PRIVATE && (flags & IPC_CREAT) == 0) return -ENOENT;
  SystemQueue queue;
  queue.key = key;
  queue.arrivals = all.AddChannel(ObjectKind::kCounter, ~uint32_t{0} - 1);
  g_runtime.machine().ChangeEnds(g_runtime.current(), queue.arrivals, 1, 1);
  all.queues.push_back(queue);
  return static_cast<long>(all.queues.size() - 1);
}

long SysMsgsnd(int queue, const void* message, size_t size, int flags) {
  if (SystemQueueOf(queue) == nullptr) return -EINVAL;
  if (size > kMostMessageBytes) return -EINVAL;
  long type = 0;
  NoteReads(message, sizeof type + size);
  memcpy(&type, message, sizeof type);
  if (type <= 0) return -EINVAL;
  const ObjectId object = OfType(queue, type);
  const bool waits = (flags & IPC_NOWAIT) == 0;
  const OpKind kind = waits ? OpKind::kChannelWrite : OpKind::kChannelTryWrite;
  if (const int error = DoCancelable(OnChannel(kind, object, 1)).error; error != 0) return -error;
  const MessageHeader header{++All().messages_sent, static_cast<uint32_t>(size), 0};
  Put(object, header, static_cast<const char*>(message) + sizeof type);
  Perform(
      OnChannel(OpKind::kChannelTryWrite, All().queues[static_cast<size_t>(queue)].arrivals, 1));
  return 0;
}

long SysMsgrcv(int queue, void* message, size_t size, long type, int flags) {
  if (SystemQueueOf(queue) == nullptr) return -EINVAL;
  ObjectId object = kNoObject;
  if (type > 0 && (flags & MSG_EXCEPT) == 0) {
    object = OfType(queue, type);
    const bool waits = (flags & IPC_NOWAIT) == 0;
    const OpKind kind = waits ? OpKind::kChannelRead : OpKind::kChannelTryRead;
    const OpResult result = DoCancelable(OnChannel(kind, object, 1));
    if (result.error != 0) return result.error == EAGAIN ? -ENOMSG : -result.error;
    if (result.value == 0) return -EIDRM;
  } else {
    long error = 0;
    object = AwaitAny(queue, type, flags, &error);
    if (object == kNoObject) return error;
  }
  long found = 0;
  for (const TypedQueue& typed : All().typed_queues) {
    if (typed.object == object) found = typed.type;
  }
  const size_t whole = FirstOf(object).size;
  const size_t part = std::min(size, whole);
  char* const text = Take(object, part);
  const bool fits = whole <= size || (flags & MSG_NOERROR) != 0;
  if (fits) {
    NoteWrites(message, sizeof found + part);
    memcpy(message, &found, sizeof found);
    memcpy(static_cast<char*>(message) + sizeof found, text, part);
  }
  free(text);
  return fits ? static_cast<long>(part) : -E2BIG;
}

long SysMsgctl(int queue, int command, msqid_ds* data) {
  SystemQueue* found = SystemQueueOf(queue);
  if (found == nullptr) return -EINVAL;
  if (command == IPC_SET) return 0;
  if (command == IPC_RMID) {
    found->removed = true;
    const ObjectId arrivals = found->arrivals;
    for (size_t i = 0; i < All().typed_queues.size(); ++i) {
      if (All().typed_queues[i].queue != queue) continue;
      CloseEnds(All().typed_queues[i].object, All().typed_queues[i].object, 1);
    }
    CloseEnds(kNoObject, arrivals, 1);
    return 0;
  }
  if (command != IPC_STAT) ReportUncontrolled("msgctl with this command");
  msqid_ds now{};
  now.msg_qbytes = 16384;
  for (const TypedQueue& typed : All().typed_queues) {
    if (typed.queue == queue) now.msg_qnum += g_runtime.machine().object(typed.object).count;
  }
  NoteWrites(data, sizeof *data);
  *data = now;
  return 0;
}

}  // namespace csim
