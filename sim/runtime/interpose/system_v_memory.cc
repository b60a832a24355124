// System V shared memory: shmget, shmat, shmdt, shmctl.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/memory_objects.h"
#include "sim/runtime/names.h"
#include "sim/runtime/processes.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

MemoryObjects& Objects() { return g_runtime.shared->memory_objects; }

NameHash HashOfKey(key_t key) { return HashName("shmkey", static_cast<uint32_t>(key)); }
NameHash HashOfId(int id) { return HashName("shmid", static_cast<uint32_t>(id)); }

// The segment: its index, or a negative errno.
long FindKey(key_t key) {
  for (uint32_t i = 0; i < Objects().count(); ++i) {
    const MemoryObject& object = Objects().object(i);
    if (object.id >= 0 && object.key == key && !object.doomed) return i;
  }
  return -ENOENT;
}

uint64_t CountAttached(uint32_t index) {
  uint64_t count = 0;
  for (const Attachment& a : Objects().attachments()) {
    if (a.object == index && !g_runtime.machine().process(a.process).ended) ++count;
  }
  return count;
}

long FindId(int id) {
  for (uint32_t i = 0; i < Objects().count(); ++i) {
    const MemoryObject& object = Objects().object(i);
    if (object.id != id || id < 0) continue;
    return object.doomed && CountAttached(i) == 0 ? -EINVAL : static_cast<long>(i);
  }
  return -EINVAL;
}

// A new segment: its id. The id does not depend on what other tasks have made.
long Make(key_t key, size_t size, int flags) {
  if (size == 0) return -EINVAL;
  const long index = Objects().Make("", static_cast<mode_t>(flags & 0777));
  if (index < 0) return index;
  const auto i = static_cast<uint32_t>(index);
  const long fd = Objects().Open(i, O_RDWR | O_CLOEXEC);
  if (fd < 0) return fd;
  const long error = RawSyscall(SYS_ftruncate, fd, size);
  RawSyscall(SYS_close, fd);
  if (error < 0) return error == -EFBIG ? -EINVAL : error;
  const TaskId task = g_runtime.current();
  int made = 0;
  for (uint32_t k = 0; k < i; ++k) {
    made += Objects().object(k).id >= 0 &&
            Objects().object(k).id % 1024 == static_cast<int>(Index(task));
  }
  MemoryObject& object = Objects().object(i);
  object.id = (made + 1) * 1024 + static_cast<int>(Index(task));
  object.key = key == IPC_PRIVATE ? 0 : key;
  object.size = size;
  return object.id;
}

long Get(key_t key, size_t size, int flags) {
  if (key == IPC_PRIVATE) return Make(key, size, flags);
  const auto get = [&]() -> long {
    const long index = FindKey(key);
    if (index < 0) return (flags & IPC_CREAT) != 0 ? Make(key, size, flags) : index;
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL)) return -EEXIST;
    const MemoryObject& object = Objects().object(static_cast<uint32_t>(index));
    return size > object.size ? -EINVAL : object.id;
  };
  return (flags & IPC_CREAT) != 0 ? ChangeName(HashOfKey(key), get)
                                  : LookAtName(HashOfKey(key), get);
}

long Attach(int id, uintptr_t wish, int flags) {
  return LookAtName(HashOfId(id), [&]() -> long {
    const long index = FindId(id);
    if (index < 0) return index;
    const auto i = static_cast<uint32_t>(index);
    const bool read_only = (flags & SHM_RDONLY) != 0;
    if (wish % SHMLBA != 0) {
      if ((flags & SHM_RND) == 0) return -EINVAL;
      wish -= wish % SHMLBA;
    }
    int how = MAP_SHARED;
    if (wish != 0) how |= (flags & SHM_REMAP) != 0 ? MAP_FIXED : MAP_FIXED | MAP_FIXED_NOREPLACE;
    const long fd = Objects().Open(i, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0) return fd;
    const int protection = read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    const long address = g_runtime.shared_memory.Map(wish, Objects().object(i).size, protection,
                                                     how, static_cast<int>(fd), 0);
    RawSyscall(SYS_close, fd);
    if (address < 0) return address == -EEXIST ? -EINVAL : address;
    Objects().attachments().push_back({i, g_runtime.process, static_cast<uintptr_t>(address)});
    return address;
  });
}

long Detach(uintptr_t address) {
  auto& attachments = Objects().attachments();
  for (size_t i = 0; i < attachments.size(); ++i) {
    const Attachment a = attachments[i];
    if (a.process != g_runtime.process || a.address != address) continue;
    const size_t size = Objects().object(a.object).size;
    return LookAtName(HashOfId(Objects().object(a.object).id), [&]() -> long {
      attachments.erase(attachments.begin() + static_cast<ptrdiff_t>(i));
      return g_runtime.shared_memory.Unmap(address, size);
    });
  }
  return -EINVAL;
}

long Remove(int id) {
  const long found = FindId(id);
  const key_t key = found < 0 ? 0 : Objects().object(static_cast<uint32_t>(found)).key;
  return ChangeName(
      HashOfId(id),
      [&]() -> long {
        const long index = FindId(id);
        if (index < 0) return index;
        Objects().object(static_cast<uint32_t>(index)).doomed = true;
        return 0;
      },
      key == 0 ? kNoName : HashOfKey(key));
}

// As an operation that depends on every attach and detach.
long Tell(int id, shmid_ds* result) {
  return ChangeName(HashOfId(id), [&]() -> long {
    const long index = FindId(id);
    if (index < 0) return index;
    const MemoryObject& object = Objects().object(static_cast<uint32_t>(index));
    *result = {};
    result->shm_perm.__key = object.key;
    result->shm_perm.uid = result->shm_perm.cuid = geteuid();
    result->shm_perm.gid = result->shm_perm.cgid = getegid();
    result->shm_perm.mode =
        static_cast<unsigned short>(object.mode | (object.doomed ? 01000u /* SHM_DEST */ : 0u));
    result->shm_segsz = object.size;
    result->shm_nattch = CountAttached(static_cast<uint32_t>(index));
    return 0;
  });
}

}  // namespace

CSIM_INTERPOSE int shmget(key_t key, size_t size, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(shmget)(key, size, flags);
  return Answer<int>(Get(key, size, flags));
}

CSIM_INTERPOSE void* shmat(int id, const void* wish, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(shmat)(id, wish, flags);
  return reinterpret_cast<void*>(
      Answer<long>(Attach(id, reinterpret_cast<uintptr_t>(wish), flags)));
}

CSIM_INTERPOSE int shmdt(const void* address) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(shmdt)(address);
  return Answer<int>(Detach(reinterpret_cast<uintptr_t>(address)));
}

CSIM_INTERPOSE int shmctl(int id, int command, shmid_ds* buffer) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(shmctl)(id, command, buffer);
  switch (command) {
    case IPC_RMID: return Answer<int>(Remove(id));
    case IPC_STAT: return Answer<int>(Tell(id, buffer));
    case IPC_SET:
      return Answer<int>(LookAtName(HashOfId(id), [&] { return FindId(id); }) < 0 ? -EINVAL : 0);
    default: ReportUncontrolled("shmctl (other than IPC_STAT, IPC_SET and IPC_RMID)");
  }
}
