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
#include "model/machine.h"
#include "model/operation.h"

namespace csim {

// What waits in one channel. The machine knows how much that is; whoever performed a read or write of so
// many units takes or puts them before the next scheduling point.
class ChannelContent {
 public:
  explicit ChannelContent(std::pmr::memory_resource* memory) : bytes_(memory) {}
  void Clear() { bytes_.clear(), first_ = 0, taken_ = 0; }
  void Put(const char* data, size_t size) { bytes_.insert(bytes_.end(), data, data + size); }
  // REQUIRES: that much is there.
  void Look(char* to, size_t size, size_t from = 0) const;
  void Drop(size_t size);
  // Puts it so far behind the first byte.
  void Insert(size_t at, const char* data, size_t size);
  size_t size() const { return bytes_.size() - first_; }
  // So many bytes were ever taken, and put.
  uint64_t taken() const { return taken_; }
  uint64_t put() const { return taken_ + size(); }

 private:
  std::pmr::vector<char> bytes_;
  size_t first_ = 0;  // those before have been taken
  uint64_t taken_ = 0;
};

enum class FileKind : uint8_t {
  kOutput,  // stream 1 or 2 of the program's output
  kPipe,
  kSocket,
  kEvent,    // eventfd
  kTimer,    // timerfd
  kSignals,  // signalfd
  kEpoll,
  kMessages,  // mq_open
  kReal,      // the kernel's, known because it was locked: only its locks are ours
};

// An open file description: what dup and fork share.
struct OpenFile {
  FileKind kind = FileKind::kPipe;
  bool reads = false;
  bool writes = false;
  bool non_blocking = false;
  bool streams = false;      // of libc's write to it
  bool semaphore = false;    // kEvent: a read takes one
  int stream = 0;            // kOutput
  uint32_t detail = 0;       // of Descriptors: sockets, timers, signal_masks, epolls
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

// What has a name besides sockets: a FIFO, or a message queue of mq_open; or a System V key.
struct NamedObject {
  FileKind kind = FileKind::kPipe;
  char name[108] = {};  // empty: no more
  ObjectId object = kNoObject;
  uint32_t message_size = 0;  // kMessages
};

// A System V semaphore set: `count` objects from `first` in Descriptors::semaphores.
struct SemaphoreSet {
  int key = 0;
  uint32_t first = 0;
  uint32_t count = 0;
  bool removed = false;
};

// A System V message queue: one channel for each type of message that was asked for.
struct TypedQueue {
  int queue = 0;
  long type = 0;
  ObjectId object = kNoObject;
};
struct SystemQueue {
  int key = 0;
  bool removed = false;
  ObjectId arrivals = kNoObject;  // counts messages of all types
};

// A lock on a file: of flock, held by open files, or of fcntl, held by processes.
struct FileLock {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t start = -1;  // -1: flock
  int64_t length = 0;
  ObjectId object = kNoObject;
};
struct LockHolder {
  uint32_t lock = 0;   // of Descriptors::locks
  uint32_t owner = 0;  // open file, or process
  bool excludes = false;
  bool held = false;
};

struct SocketAddress {
  char bytes[112] = {};  // a sockaddr_in, sockaddr_in6 or sockaddr_un
  uint32_t size = 0;     // 0: none
};

struct Socket {
  int domain = 0;
  int type = 0;  // SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET
  bool listening = false;
  bool connected = false;
  bool read_shut = false;
  bool write_shut = false;
  bool named = false;    // has its `local` address
  uint32_t address = 0;  // of Descriptors::addresses; 0: none
  uint32_t target = 0;   // of a connected datagram socket
  SocketAddress local;
  SocketAddress peer;
  uint64_t receive_timeout = 0;  // nanoseconds; 0: none
  uint64_t send_timeout = 0;
};

// What sockets are bound to, and what they connect to; there from when it is first named.
struct Address {
  SocketAddress name;  // the port alone, for internet addresses
  int type = 0;
  ObjectId object = kNoObject;  // of kind kAddress: connections that wait, or datagrams
};

// Made by connect, taken by accept.
struct Connection {
  uint32_t address = 0;
  bool taken = false;
  ObjectId to_server = kNoObject;
  ObjectId to_client = kNoObject;
  SocketAddress client;
};

// Descriptors that travel in a message (parcels.h).
struct Parcel {
  ObjectId channel =
      kNoObject;        // where it waits; kNoObject: with a process, that has packed or received it
  uint32_t sender = 0;  // that process
  uint32_t first = 0;   // of Descriptors::parcel_files
  uint32_t count = 0;
  uint64_t begin = 0;  // of its message, in a stream of bytes
  uint64_t end = 0;
};

struct Timer {
  int clock = 0;
  uint64_t next = kNoDeadline;  // virtual nanoseconds
  uint64_t interval = 0;
};

struct EpollEntry {
  uint32_t epoll = 0;
  int fd = -1;
  uint32_t file = 0;
  uint32_t events = 0;  // 0: removed, or reported once
  uint64_t data = 0;
  uint32_t reported = 0;  // ObjectState::generation of the channel then, for EPOLLET
};

using DescriptorTable = std::pmr::vector<Descriptor>;  // by number

class Descriptors {
 public:
  explicit Descriptors(std::pmr::memory_resource* memory)
      : sockets(memory),
        addresses(memory),
        connections(memory),
        parcels(memory),
        parcel_files(memory),
        timers(memory),
        signal_masks(memory),
        epoll_entries(memory),
        named(memory),
        semaphore_sets(memory),
        semaphores(memory),
        queues(memory),
        typed_queues(memory),
        locks(memory),
        lock_holders(memory),
        memory_(memory),
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

  std::pmr::vector<Socket> sockets;
  std::pmr::vector<Address> addresses;
  std::pmr::vector<Connection> connections;
  std::pmr::vector<Parcel> parcels;         // by number - 1
  std::pmr::vector<uint32_t> parcel_files;  // 0: not there any more
  std::pmr::vector<Timer> timers;
  std::pmr::vector<SignalSet> signal_masks;  // of signalfds
  std::pmr::vector<EpollEntry> epoll_entries;
  std::pmr::vector<NamedObject> named;
  std::pmr::vector<SemaphoreSet> semaphore_sets;
  std::pmr::vector<ObjectId> semaphores;
  std::pmr::vector<SystemQueue> queues;
  std::pmr::vector<TypedQueue> typed_queues;
  std::pmr::vector<FileLock> locks;
  std::pmr::vector<LockHolder> lock_holders;
  uint64_t messages_sent = 0;  // to System V queues
  uint32_t epolls = 0;
  uint32_t ports = 0;         // handed out
  int transit[2] = {-1, -1};  // transit.h

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

Descriptors& All();

// ---- The running task's process ----

DescriptorTable& Table();
// The simulated file behind a number; null if it is a real one or none.
OpenFile* FileOf(int fd);
// The number of the running task's process.
uint32_t CurrentProcess();
// The file behind a number, made known if it is a real one. 0 if there is none.
uint32_t KnownFile(int fd);
// An object without content, named as NextName says.
ObjectId AddObject(ObjectKind kind);
// The lowest free number for a file that has none yet; its ends are open from now on. Negative: errno.
int Install(const OpenFile& file, bool close_on_exec);
// The same for a real descriptor that is open, and stands for the file from now on.
void InstallAt(int fd, const OpenFile& file);
// For files that are open already, in a message: a real number that stands for one of ours; and the number leads to
// the file from now on.
int TakePlaceholder(bool close_on_exec);
void EnterNumber(int fd, uint32_t file, bool close_on_exec);
// A descriptor less leads to the file: what others can notice of that.
void CloseFile(uint32_t file);
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

// Once per worker: what is open now stays across executions.
void RememberRealDescriptors();
// Once per program that is executed by a process.
void AdoptRealDescriptors();
// The program may have opened a real file.
void NoteRealDescriptors();
// After an execution: closes what it has opened, opens again what it has closed.
void RestoreRealDescriptors();
// The same for a process that is not the worker, without what belongs to all.
void RestoreOwnDescriptors();
// True if the running task's process has no descriptors but simulated ones and those it has begun with.
bool HasOnlySimulatedDescriptors();
// A process that became the copy of another one: the numbers in its table get their placeholders.
void MakePlaceholders();
// A real descriptor of the program's captured output, which the program cannot close.
int OutputDescriptor();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_DESCRIPTORS_H_
