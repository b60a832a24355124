// The system calls on descriptors, simulated or real: one function per call, with its parameters. They
// give what the kernel would give: a value, or a negative errno.
//
// They may be scheduling points. What they read and write of the program's memory is checked for races.
// REQUIRES, all: program code runs under the gate.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_

#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <cstddef>

#include "sim/runtime/descriptors/descriptors.h"

namespace csim {

long SysPipe2(int* ends, int flags);
long SysRead(int fd, void* buffer, size_t size);
long SysReadv(int fd, const iovec* parts, int count);
long SysWrite(int fd, const void* data, size_t size);
long SysWritev(int fd, const iovec* parts, int count);

// As SysWrite, of memory that is not the program's.
long WriteOwn(int fd, const char* data, size_t size);

long SysEventfd(uint64_t value, int flags);

// ---- Sockets ----

struct ReceivedFrom {
  SocketAddress address;
  bool truncated = false;
  uint32_t parcel = 0;  // descriptors that came with it (parcels.h); 0: none
};

long SysSocket(int domain, int type, int protocol);
long SysSocketpair(int domain, int type, int protocol, int* ends);
long SysBind(int fd, const sockaddr* address, socklen_t size);
long SysListen(int fd, int backlog);
long SysConnect(int fd, const sockaddr* address, socklen_t size);
long SysAccept4(int fd, sockaddr* address, socklen_t* size, int flags);
long SysShutdown(int fd, int how);
long SysGetsockname(int fd, sockaddr* address, socklen_t* size);
long SysGetpeername(int fd, sockaddr* address, socklen_t* size);
long SysGetsockopt(int fd, int level, int option, void* value, socklen_t* size);
long SysSetsockopt(int fd, int level, int option, const void* value, socklen_t size);
long SysSendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
               socklen_t to_size);
long SysRecvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                 socklen_t* from_size);
long SysSendmsg(int fd, const msghdr* message, int flags);
long SysRecvmsg(int fd, msghdr* message, int flags);
long SysIoctl(int fd, unsigned long request, void* argument);
// The path of a socket in the file system is free again. False if there is none.
bool UnbindPath(const char* path);

// ---- Waiting for several ----

// How long a wait goes on. `deadline` in virtual nanoseconds, kNoDeadline: none; `waits` false: only looks; `mask`:
// of signals, for the time of the wait; null: as it is.
struct WaitLimit {
  bool waits = true;
  uint64_t deadline = kNoDeadline;
  const sigset_t* mask = nullptr;
};

// As ppoll.
long SysPoll(pollfd* items, size_t count, const WaitLimit& limit);
long SysEpollCreate(int flags);
// The constructor of a global has made this real epoll descriptor, before main; and when main begins, they
// become ours.
void NoteEarlyEpoll(int fd);
void AdoptEarlyEpolls();
long SysEpollCtl(int epoll, int what, int fd, const epoll_event* event);
long SysEpollWait(int epoll, epoll_event* events, int count, const WaitLimit& limit);
long SysTimerfdCreate(int clock, int flags);
long SysTimerfdSettime(int fd, int flags, const itimerspec* fresh, itimerspec* old);
long SysTimerfdGettime(int fd, itimerspec* now);
// `fd` -1: a new one.
long SysSignalfd(int fd, const sigset_t* mask, int flags);

// ---- Message queues, System V semaphores, FIFOs, locks on files ----

long SysMqOpen(const char* name, int flags, const mq_attr* attributes);
long SysMqUnlink(const char* name);
long SysMqSend(int queue, const char* data, size_t size, unsigned priority, uint64_t deadline);
long SysMqReceive(int queue, char* buffer, size_t size, unsigned* priority, uint64_t deadline);
long SysMqGetattr(int queue, mq_attr* attributes);
long SysMqSetattr(int queue, const mq_attr* fresh, mq_attr* old);
long SysMsgget(int key, int flags);
long SysMsgsnd(int queue, const void* message, size_t size, int flags);
long SysMsgrcv(int queue, void* message, size_t size, long type, int flags);
long SysMsgctl(int queue, int command, msqid_ds* data);
long SysSemget(int key, int count, int flags);
// `deadline` kNoDeadline: waits for ever.
long SysSemop(int set, const sembuf* steps, size_t count, uint64_t deadline);
// What the running task's process wants undone (SEM_UNDO) is undone: it exits.
void UndoSemops();
long SysSemctl(int set, int number, int command, unsigned long argument);
long SysMkfifo(const char* path);
// Negative errno, or the number; kNoFifo if the path is no FIFO of ours.
inline constexpr long kNoFifo = -10000;
long OpenFifo(const char* path, int flags);
bool RemoveFifo(const char* path);
long SysFlock(int fd, int operation);
long LockRecord(int fd, int command, struct flock* lock);
// What close has to do: the process's locks on the file, those of the open file.
void ReleaseRecordLocks(int fd);
void ReleaseFlock(uint32_t file);

// ---- For the calls of other kinds of descriptors ----

// What a read of up to `size` bytes of the file's channel gives. *parcel: the descriptors that came with them
// (parcels.h); null: they are closed.
long ReadChannel(OpenFile file, void* buffer, size_t size, uint64_t deadline = kNoDeadline,
                 uint32_t* parcel = nullptr);
// `parcel`: goes with the first of them.
long WriteChannel(OpenFile file, const char* data, size_t size, bool signals,
                  uint64_t deadline = kNoDeadline, uint32_t parcel = 0);
// Sockets and messages by read and write.
long SocketRead(OpenFile file, void* buffer, size_t size, int flags);
long SocketWrite(OpenFile file, const char* data, size_t size, int flags);
long TimerRead(OpenFile file, void* buffer, size_t size);
long SignalRead(OpenFile file, void* buffer, size_t size);
// The signals that the running task would find in it now.
SignalSet SignalsIn(const OpenFile& file);
// The last descriptor of a socket was closed: its name is free, and what nobody accepted is closed.
void CloseSocket(uint32_t file);
// An operation: so many ends of each are closed. Either may be kNoObject.
void CloseEnds(ObjectId reading, ObjectId writing, uint32_t count);
// So many more descriptors lead to the file, at once.
void CountEnds(const OpenFile& file, int32_t by);
Operation OnChannel(OpKind kind, ObjectId channel, size_t units);
// The expirations of a timer until now, which are used up.
uint64_t Expirations(Timer& timer);

// The call reads or writes the program's memory.
void NoteReads(const void* memory, size_t size);
void NoteWrites(void* memory, size_t size);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_
