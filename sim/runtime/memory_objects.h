// Shared memory that has a name or a number: shm_open, sem_open, shmget, memfd_create.
//
// Its bytes lie in anonymous files of the kernel's which the worker keeps open, so that nothing of it can
// meet the machine's own objects or be left behind, however csim ends. A process opens such a file by way
// of the worker's descriptors in /proc. The names are here, in the shared mapping, and die with the
// execution.
#ifndef CSIM_SIM_RUNTIME_MEMORY_OBJECTS_H_
#define CSIM_SIM_RUNTIME_MEMORY_OBJECTS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/ids.h"

namespace csim {

struct MemoryObject {
  static constexpr size_t kLongestName = 260;
  char name[kLongestName + 1];  // empty: it has none (any more)
  uint64_t identity = 0;        // the same in every execution
  uint64_t device = 0;
  uint64_t inode = 0;
  uint32_t site = 0;   // where it was made
  int worker_fd = -1;  // -1: whoever made it keeps it
  mode_t mode = 0;
  // System V segments.
  int id = -1;
  int key = 0;
  size_t size = 0;
  bool doomed = false;  // IPC_RMID: gone when nobody has it attached
};

// A System V segment that a process has attached.
struct Attachment {
  uint32_t object;
  ProcessId process;
  uintptr_t address;
};

// Of the running execution; lies in the arena.
class MemoryObjects {
 public:
  explicit MemoryObjects(std::pmr::memory_resource* memory)
      : objects_(memory), attachments_(memory), made_(memory) {}

  void BeginExecution();
  // When the execution is over, by the worker: closes the files.
  void EndExecution();

  // ---- To be called while the running task has been chosen for an operation on the name ----
  // All: an index or a negative errno.
  long Find(const char* name) const;
  // A new, empty object; `name` may be empty.
  long Make(const char* name, mode_t mode);
  // A descriptor of this process for the object: `flags` as of open.
  long Open(uint32_t object, int flags);

  // Nobody finds it by its name any more.
  void Unlink(uint32_t object);

  MemoryObject& object(uint32_t index) { return objects_[index]; }
  uint32_t count() const { return static_cast<uint32_t>(objects_.size()); }
  std::pmr::vector<Attachment>& attachments() { return attachments_; }

  // The file behind `fd`, which the running task has just made, is known by its maker from now on.
  void NoteFile(int fd);
  // The object that is this file; null if it is none of these.
  const MemoryObject* FindFile(uint64_t device, uint64_t inode) const;

  // Whether the worker keeps an object at this descriptor.
  bool Keeps(int fd) const;
  // The process has nothing attached any more.
  void DetachAll(ProcessId process);
  // The child has what its parent has attached.
  void Fork(ProcessId parent, ProcessId child);

 private:
  uint64_t NextIdentity();

  std::pmr::vector<MemoryObject> objects_;
  std::pmr::vector<Attachment> attachments_;
  std::pmr::vector<uint32_t> made_;  // objects that a task has made, by TaskId
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_MEMORY_OBJECTS_H_
