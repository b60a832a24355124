// The simulated descriptors of all processes: tables of numbers, the open file descriptions that they
// lead to, and the bytes that wait in channels.
//
// Pipes, sockets and the like are not the kernel's: how much waits in them is part of the machine's
// state (model/operations/channel.cc), the bytes lie here, in the shared mapping. A number is backed by
// a real descriptor that can do nothing (O_PATH), so that numbers are handed out as the kernel does, and
// agree with those of real files; a call on it that gets past us fails with EBADF.
//
// All of this dies with the execution, the memory is kept for the next one.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_DESCRIPTORS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_DESCRIPTORS_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/ids.h"
#include "model/operation.h"

namespace csim {

// What waits in one channel. The machine knows how much that is; whoever performed a read or write of so
// many units takes or puts them before the next scheduling point.
class ChannelContent {
 public:
  explicit ChannelContent(std::pmr::memory_resource* memory) : bytes_(memory) {}
  void Clear() { bytes_.clear(), first_ = 0; }
  void Put(const char* data, size_t size) { bytes_.insert(bytes_.end(), data, data + size); }
  // REQUIRES: that much is there.
  void Look(char* to, size_t size, size_t from = 0) const;
  void Drop(size_t size);
  size_t size() const { return bytes_.size() - first_; }

 private:
  std::pmr::vector<char> bytes_;
  size_t first_ = 0;  // those before have been taken
};

enum class FileKind : uint8_t {
  kOutput,  // stream 1 or 2 of the program's output
  kPipe,
};

// An open file description: what dup and fork share.
struct OpenFile {
  FileKind kind = FileKind::kPipe;
  bool reads = false;
  bool writes = false;
  bool non_blocking = false;
  int stream = 0;            // kOutput
  uint32_t descriptors = 0;  // that lead here, of all processes
  ObjectId in = kNoObject;   // the channel that is read
  ObjectId out = kNoObject;  // the channel that is written
  SiteId made_at = kNoSite;
};

// A number in a process's table.
struct Descriptor {
  uint32_t file = 0;  // of Descriptors::file; 0: a real file, or none
  bool close_on_exec = false;
};

using DescriptorTable = std::pmr::vector<Descriptor>;  // by number

class Descriptors {
 public:
  explicit Descriptors(std::pmr::memory_resource* memory)
      : memory_(memory),
        tables_(memory),
        files_(memory),
        content_(memory),
        of_object_(memory),
        made_(memory) {}

  // A table for process 0 with the output at 1 and 2, and nothing else.
  void BeginExecution();

  DescriptorTable& table(uint32_t process);
  uint32_t process_count() const { return processes_; }

  OpenFile& file(uint32_t id) { return files_[id]; }
  uint32_t AddFile(const OpenFile& file);
  // References to content stay valid.
  ObjectId AddChannel(ObjectKind kind, uint32_t limit);
  ChannelContent& content(ObjectId channel) { return *content_[of_object_[Index(channel)]]; }

  // A name that is the same in every execution, for the next object that the running task makes.
  uint64_t NextName(ObjectKind kind);

 private:
  std::pmr::memory_resource* memory_;
  std::pmr::vector<DescriptorTable> tables_;  // by process
  std::pmr::vector<OpenFile> files_;
  std::pmr::vector<ChannelContent*> content_;
  std::pmr::vector<uint32_t> of_object_;  // content by object
  std::pmr::vector<uint32_t> made_;       // objects that a task has made, by TaskId
  uint32_t processes_ = 0;
  uint32_t content_used_ = 0;
};

// ---- The running task's process ----

DescriptorTable& Table();
// The simulated file behind a number; null if it is a real one or none.
OpenFile* FileOf(int fd);
// The lowest free number for a file that has none yet; its ends are open from now on. Negative: errno.
int Install(const OpenFile& file, bool close_on_exec);
// The number, or negative errno. As the system calls; `flags` O_CLOEXEC or 0.
int Duplicate(int fd, int at_least, bool close_on_exec);
long SysDup3(int from, int to, int flags);
long SysClose(int fd);
long SysFcntl(int fd, int command, unsigned long argument);

// ---- Processes ----

// The child inherits: ends are counted up. To be called by the task that forks, at its operation.
void ForkDescriptors(uint32_t parent, uint32_t child);
// Closes what is not inherited by the program that the running task's process executes now.
void CloseOnExec(uint32_t process);
// The process was killed: all its ends are closed at once, without a scheduling point.
void ReleaseDescriptors(uint32_t process);
// The running task's process exits: its descriptors are closed, one operation after the other.
void CloseDescriptors();

// ---- Real descriptors ----

// Descriptors of the runtime's own are numbered from here on.
inline constexpr int kHiddenDescriptors = 512;
// Once per worker: what is open now stays across executions.
void RememberRealDescriptors();
// Once per program that is executed by a process.
void AdoptRealDescriptors();
// The program may have opened a real file.
void NoteRealDescriptors();
// After an execution: closes what it has opened, opens again what it has closed.
void RestoreRealDescriptors();
// A real descriptor of the program's captured output, which the program cannot close.
int OutputDescriptor();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_DESCRIPTORS_H_
