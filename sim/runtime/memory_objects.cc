#include "sim/runtime/memory_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "sim/runtime/hidden_files.h"
#include "sim/runtime/processes.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

// In the worker: an anonymous file, at a number that the program does not see.
long MakeFile(long) { return MakeHiddenFile("csim-memory", 0); }

long CloseFile(long fd) { return RawSyscall(SYS_close, fd); }

}  // namespace

void MemoryObjects::BeginExecution() {
  objects_.clear();
  attachments_.clear();
  made_.clear();
}

void MemoryObjects::EndExecution() {
  for (MemoryObject& object : objects_) {
    if (object.worker_fd >= 0) RawSyscall(SYS_close, object.worker_fd);
    object.worker_fd = -1;
  }
}

long MemoryObjects::Find(const char* name) const {
  for (size_t i = 0; i < objects_.size(); ++i) {
    if (objects_[i].name[0] != 0 && strcmp(objects_[i].name, name) == 0)
      return static_cast<long>(i);
  }
  return -ENOENT;
}

uint64_t MemoryObjects::NextIdentity() {
  const TaskId task = g_runtime.current();
  if (made_.size() <= Index(task)) made_.resize(Index(task) + 1);
  const uint64_t name = g_runtime.machine().task(task).name;
  const uint64_t x = (name ^ ++made_[Index(task)]) * 0x9e3779b97f4a7c15u;
  return (x ^ x >> 29) | 1;
}

long MemoryObjects::Make(const char* name, mode_t mode) {
  const long fd = RunInWorker(&MakeFile, 0);
  if (fd < 0) return fd;
  MemoryObject object{};
  object.worker_fd = static_cast<int>(fd);
  object.identity = NextIdentity();
  object.site = Index(g_runtime.CallSite());
  object.mode = mode;
  snprintf(object.name, sizeof object.name, "%s", name);
  objects_.push_back(object);
  const uint32_t index = count() - 1;
  const long mine = Open(index, O_RDWR | O_CLOEXEC);
  struct stat status{};
  if (mine < 0 || RawSyscall(SYS_fstat, mine, &status) < 0) {
    RunInWorker(&CloseFile, fd);
    objects_.pop_back();
    return mine < 0 ? mine : -EMFILE;
  }
  objects_[index].device = status.st_dev;
  objects_[index].inode = status.st_ino;
  RawSyscall(SYS_fchmod, mine, mode & 07777);
  RawSyscall(SYS_close, mine);
  return index;
}

long MemoryObjects::Open(uint32_t object, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", WorkerPid(), objects_[object].worker_fd);
  NoteRealDescriptors();
  return RawSyscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

void MemoryObjects::Unlink(uint32_t index) {
  MemoryObject& object = objects_[index];
  object.name[0] = 0;
  RunInWorker(&CloseFile, object.worker_fd);
  object.worker_fd = -1;
}

void MemoryObjects::NoteFile(int fd) {
  struct stat status{};
  if (RawSyscall(SYS_fstat, fd, &status) < 0) return;
  MemoryObject object{};
  object.identity = NextIdentity();
  object.site = Index(g_runtime.CallSite());
  object.device = status.st_dev;
  object.inode = status.st_ino;
  objects_.push_back(object);
}

const MemoryObject* MemoryObjects::FindFile(uint64_t device, uint64_t inode) const {
  for (const MemoryObject& object : objects_) {
    if (object.device == device && object.inode == inode) return &object;
  }
  return nullptr;
}

bool MemoryObjects::Keeps(int fd) const {
  for (const MemoryObject& object : objects_) {
    if (object.worker_fd == fd) return fd >= 0;
  }
  return false;
}

void MemoryObjects::DetachAll(ProcessId process) {
  std::erase_if(attachments_, [&](const Attachment& a) { return a.process == process; });
}

void MemoryObjects::Fork(ProcessId parent, ProcessId child) {
  const size_t count = attachments_.size();
  for (size_t i = 0; i < count; ++i) {
    if (attachments_[i].process != parent) continue;
    Attachment copy = attachments_[i];
    copy.process = child;
    attachments_.push_back(copy);
  }
}

}  // namespace csim
