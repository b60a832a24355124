// System V semaphores, FIFOs, and locks on files.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

namespace csim {

// ---- Semaphores ----

namespace {

constexpr int kMostSemaphores = 32000;
constexpr int kMostValue = 32767;
constexpr size_t kMostSteps = 500;  // of a semop

SemaphoreSet* SemaphoresOf(int set) {
  if (set < 0 || static_cast<size_t>(set) >= All().semaphore_sets.size()) return nullptr;
  SemaphoreSet& found = All().semaphore_sets[static_cast<size_t>(set)];
  return found.removed ? nullptr : &found;
}

ObjectId SemaphoreOf(const SemaphoreSet& set, size_t number) {
  return All().semaphores[set.first + number];
}

int ValueOf(ObjectId semaphore) {
  return static_cast<int>(Do(OpKind::kSemGetValue, semaphore).value);
}

long SetAll(const SemaphoreSet set, const unsigned short* values) {
  NoteReads(values, set.count * sizeof *values);
  for (uint32_t i = 0; i < set.count; ++i) {
    if (values[i] > kMostValue) return -ERANGE;
    Do(OpKind::kSemSet, SemaphoreOf(set, i), values[i]);
  }
  return 0;
}

long GetAll(const SemaphoreSet set, unsigned short* values) {
  for (uint32_t i = 0; i < set.count; ++i) {
    const int value = ValueOf(SemaphoreOf(set, i));
    NoteWrites(values + i, sizeof *values);
    values[i] = static_cast<unsigned short>(value);
  }
  return 0;
}

// How many tasks wait at the semaphore: at the first of their steps that cannot be done.
long CountWaiting(ObjectId semaphore, bool for_zero) {
  ValueOf(semaphore);
  const Machine& machine = g_runtime.machine();
  long count = 0;
  for (TaskId task : machine.live_tasks()) {
    const Operation& pending = machine.task(task).pending;
    const bool waits = machine.task(task).status == TaskStatus::kPending &&
                       pending.kind == OpKind::kSemAdjust && !machine.EnabledOf(task).Has(kNormal);
    if (!waits) continue;
    const SemStep& step = *FirstBlockedStep(machine, machine.task(task));
    if (step.object == semaphore && (step.step == 0) == for_zero) ++count;
  }
  return count;
}

}  // namespace

long SysSemget(int key, int count, int flags) {
  Descriptors& all = All();
  for (size_t i = 0; i < all.semaphore_sets.size() && key != IPC_PRIVATE; ++i) {
    const SemaphoreSet& set = all.semaphore_sets[i];
    if (set.key != key || set.removed) continue;
    if ((flags & IPC_CREAT) != 0 && (flags & IPC_EXCL) != 0) return -EEXIST;
    return static_cast<uint32_t>(count) > set.count ? -EINVAL : static_cast<long>(i);
  }
  if (key != IPC_PRIVATE && (flags & IPC_CREAT) == 0) return -ENOENT;
  if (count <= 0 || count > kMostSemaphores) return -EINVAL;
  const auto first = static_cast<uint32_t>(all.semaphores.size());
  for (int i = 0; i < count; ++i) {
    all.semaphores.push_back(AddObject(ObjectKind::kSemaphore));
    g_runtime.machine().object(all.semaphores.back()).robust = true;
  }
  all.semaphore_sets.push_back({key, first, static_cast<uint32_t>(count), false});
  return static_cast<long>(all.semaphore_sets.size() - 1);
}

long SysSemop(int set, const sembuf* steps, size_t count, uint64_t deadline) {
  const SemaphoreSet* found = SemaphoresOf(set);
  if (found == nullptr || count == 0) return -EINVAL;
  if (count > kMostSteps) return -E2BIG;
  NoteReads(steps, count * sizeof *steps);
  SemStep all[kMostSteps];
  for (size_t i = 0; i < count; ++i) {
    if (steps[i].sem_num >= found->count) return -EFBIG;
    all[i] = {SemaphoreOf(*found, steps[i].sem_num), steps[i].sem_op,
              (steps[i].sem_flg & IPC_NOWAIT) == 0, (steps[i].sem_flg & SEM_UNDO) != 0};
  }
  Operation operation = g_runtime.machine().SemAdjustOf({all, count});
  operation.deadline = deadline;
  const int error = DoCancelable(operation).error;
  return error == ETIMEDOUT ? -EAGAIN : -error;
}

long SysSemctl(int set, int number, int command, unsigned long argument) {
  SemaphoreSet* found = SemaphoresOf(set);
  if (found == nullptr) return -EINVAL;
  const SemaphoreSet copy = *found;
  const bool one = command == GETVAL || command == SETVAL || command == GETNCNT ||
                   command == GETZCNT || command == GETPID;
  if (one && (number < 0 || static_cast<uint32_t>(number) >= copy.count)) return -EINVAL;
  const ObjectId semaphore = one ? SemaphoreOf(copy, static_cast<size_t>(number)) : kNoObject;
  switch (command) {
    case GETVAL: return ValueOf(semaphore);
    case SETVAL: {
      const int value = static_cast<int>(argument);
      if (value < 0 || value > kMostValue) return -ERANGE;
      Do(OpKind::kSemSet, semaphore, static_cast<uint64_t>(value));
      return 0;
    }
    case SETALL: return SetAll(copy, reinterpret_cast<const unsigned short*>(argument));
    case GETALL: return GetAll(copy, reinterpret_cast<unsigned short*>(argument));
    case GETPID: ValueOf(semaphore); return g_runtime.machine().object(semaphore).generation;
    case GETNCNT: return CountWaiting(semaphore, false);
    case GETZCNT: return CountWaiting(semaphore, true);
    case IPC_RMID:
      found->removed = true;
      for (uint32_t i = 0; i < copy.count; ++i) {
        Do(OpKind::kSemSet, SemaphoreOf(copy, i), kRemoveSemaphore);
      }
      return 0;
    case IPC_SET: return 0;
    case IPC_STAT: {
      semid_ds now{};
      now.sem_nsems = copy.count;
      auto* data = reinterpret_cast<semid_ds*>(argument);
      NoteWrites(data, sizeof *data);
      *data = now;
      return 0;
    }
    default: ReportUncontrolled("semctl with this command");
  }
}

void UndoSemops() {
  Machine& machine = g_runtime.machine();
  // (Where other threads may still adjust some, it is part of the exit, which all semops are dependent with.)
  if (machine.undos().empty() || machine.MayHaveOtherTasks(g_runtime.current())) return;
  for (size_t set = 0; set < All().semaphore_sets.size(); ++set) {
    const SemaphoreSet semaphores = All().semaphore_sets[set];
    SemStep steps[kMostSteps];
    size_t count = 0;
    for (uint32_t i = 0; i < semaphores.count && !semaphores.removed; ++i) {
      const ObjectId semaphore = SemaphoreOf(semaphores, i);
      const bool mine = machine.UndoOf(g_runtime.process, semaphore) != nullptr;
      if (mine && count < kMostSteps) steps[count++] = {.object = semaphore};
    }
    if (count == 0) continue;
    Operation undo = machine.SemAdjustOf({steps, count});
    undo.kind = OpKind::kSemUndo;
    Perform(undo);
  }
}

// ---- FIFOs ----

namespace {

NamedObject* FindFifo(const char* path) {
  for (NamedObject& named : All().named) {
    if (named.kind == FileKind::kPipe && path[0] != 0 && strcmp(named.name, path) == 0)
      return &named;
  }
  return nullptr;
}

// Waits until the other end has been opened since `generation`.
long AwaitOtherEnd(ObjectId fifo, uint32_t ObjectState::* others, uint32_t generation) {
  while (g_runtime.machine().object(fifo).*others == 0 &&
         g_runtime.machine().object(fifo).generation == generation) {
    const Interest interest{.object = fifo, .after = generation + 1};
    const Operation operation = g_runtime.machine().PollOf({&interest, 1}, true);
    if (const int error = DoCancelable(operation).error; error != 0) return -error;
  }
  return 0;
}

}  // namespace

long SysMkfifo(const char* path) {
  if (FindFifo(path) != nullptr) return -EEXIST;
  struct stat status;
  if (RawSyscall(SYS_stat, path, &status) == 0) return -EEXIST;
  NamedObject fifo;
  if (strlen(path) >= sizeof fifo.name) return -ENAMETOOLONG;
  strncpy(fifo.name, path, sizeof fifo.name - 1);
  fifo.object = All().AddChannel(ObjectKind::kPipe, 65536);
  All().named.push_back(fifo);
  return 0;
}

bool RemoveFifo(const char* path) {
  NamedObject* fifo = FindFifo(path);
  if (fifo == nullptr) return false;
  fifo->name[0] = 0;
  return true;
}

long OpenFifo(const char* path, int flags) {
  const NamedObject* fifo = All().named.empty() ? nullptr : FindFifo(path);
  if (fifo == nullptr) return kNoFifo;
  if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return -EEXIST;
  const ObjectId object = fifo->object;
  const int access = flags & O_ACCMODE;
  OpenFile file;
  file.kind = FileKind::kPipe;
  file.made_at = g_runtime.CallSite();
  file.reads = access != O_WRONLY;
  file.writes = access != O_RDONLY;
  file.non_blocking = (flags & O_NONBLOCK) != 0;
  Operation open;
  open.kind = OpKind::kChannelOpen;
  if (file.reads) open.object = object;
  if (file.writes) open.object2 = object;
  open.argument = g_runtime.machine().object(object).limit;
  Perform(open);
  const uint32_t generation = g_runtime.machine().object(object).generation;
  const auto others = file.reads ? &ObjectState::writers : &ObjectState::readers;
  const bool alone = g_runtime.machine().object(object).*others == 0;
  if (file.reads) file.in = object;
  if (file.writes) file.out = object;
  if (alone && access == O_WRONLY && file.non_blocking) {
    CloseEnds(kNoObject, object, 1);
    return -ENXIO;
  }
  if (alone && access != O_RDWR && !file.non_blocking) {
    if (const long error = AwaitOtherEnd(object, others, generation); error != 0) {
      CloseEnds(file.in, file.out, 1);
      return error;
    }
  }
  const int fd = Install(file, (flags & O_CLOEXEC) != 0);
  // Install counts the ends that the operation above has opened already.
  CountEnds(file, -1);
  return fd;
}

// ---- Locks ----

namespace {

constexpr int64_t kWholeFile = -1;

// The number of the lock on this range of the file; made if it is new. Negative errno.
long LockOn(int fd, int64_t start, int64_t length) {
  struct stat status;
  if (const long error = RawSyscall(SYS_fstat, fd, &status); error != 0) return error;
  Descriptors& all = All();
  for (size_t i = 0; i < all.locks.size(); ++i) {
    const FileLock& lock = all.locks[i];
    if (lock.device != status.st_dev || lock.inode != status.st_ino) continue;
    if ((lock.start == kWholeFile) != (start == kWholeFile)) continue;
    if (lock.start == start && lock.length == length) return static_cast<long>(i);
    const bool apart = (lock.length != 0 && lock.start + lock.length <= start) ||
                       (length != 0 && start + length <= lock.start);
    if (!apart) ReportUncontrolled("fcntl locks of ranges that overlap");
  }
  all.locks.push_back(
      {status.st_dev, status.st_ino, start, length, AddObject(ObjectKind::kFileLock)});
  return static_cast<long>(all.locks.size() - 1);
}

LockHolder* HolderOf(uint32_t lock, uint32_t owner) {
  for (LockHolder& holder : All().lock_holders) {
    if (holder.lock == lock && holder.owner == owner) return &holder;
  }
  return nullptr;
}

void Unlock(uint32_t lock, uint32_t owner) {
  LockHolder* holder = HolderOf(lock, owner);
  if (holder == nullptr || !holder->held) return;
  holder->held = false;
  Do(OpKind::kFileUnlock, All().locks[lock].object);
}

// The owner has the lock in this way afterwards. A change of the way gives it up first, as in Linux.
long Lock(uint32_t lock, uint32_t owner, bool excludes, bool waits) {
  if (LockHolder* holder = HolderOf(lock, owner); holder != nullptr && holder->held) {
    if (holder->excludes == excludes) return 0;
    Unlock(lock, owner);
  }
  Operation operation;
  operation.kind = OpKind::kFileLock;
  operation.object = All().locks[lock].object;
  operation.argument = (excludes ? 1 : 0) | (waits ? 0 : 2) | uint64_t{owner} << 2;
  const OpResult result = DoCancelable(operation);
  if (result.error != 0) return -result.error;
  LockHolder* holder = HolderOf(lock, owner);
  // Another task has taken it for the same owner meanwhile: it is held once.
  if (holder != nullptr && holder->held && result.value != 0) {
    Do(OpKind::kFileUnlock, All().locks[lock].object);
    holder = HolderOf(lock, owner);
  }
  if (holder == nullptr) {
    All().lock_holders.push_back({lock, owner, excludes, true});
  } else {
    holder->excludes = excludes;
    holder->held = true;
  }
  return 0;
}

}  // namespace

long SysFlock(int fd, int operation) {
  const uint32_t file = KnownFile(fd);
  if (file == 0) return -EBADF;
  const long lock = LockOn(fd, kWholeFile, 0);
  if (lock < 0) return lock;
  const auto number = static_cast<uint32_t>(lock);
  const bool waits = (operation & LOCK_NB) == 0;
  switch (operation & ~LOCK_NB) {
    case LOCK_UN: Unlock(number, file); return 0;
    case LOCK_SH: return Lock(number, file, false, waits);
    case LOCK_EX: return Lock(number, file, true, waits);
    default: return -EINVAL;
  }
}

void ReleaseFlock(uint32_t file) {
  for (size_t i = 0; i < All().lock_holders.size(); ++i) {
    const LockHolder holder = All().lock_holders[i];
    if (holder.held && holder.owner == file && All().locks[holder.lock].start == kWholeFile) {
      Unlock(holder.lock, file);
    }
  }
}

void ReleaseRecordLocks(int fd) {
  struct stat status;
  if (RawSyscall(SYS_fstat, fd, &status) != 0) return;
  const uint32_t process = CurrentProcess();
  for (size_t i = 0; i < All().lock_holders.size(); ++i) {
    const LockHolder holder = All().lock_holders[i];
    const FileLock lock = All().locks[holder.lock];
    const bool mine = holder.held && holder.owner == process && lock.start != kWholeFile;
    if (mine && lock.device == status.st_dev && lock.inode == status.st_ino) {
      Unlock(holder.lock, process);
    }
  }
}

long LockRecord(int fd, int command, struct flock* wanted) {
  if (command != F_SETLK && command != F_SETLKW) ReportUncontrolled("this fcntl on locks");
  if (RawSyscall(SYS_fcntl, fd, F_GETFD, 0) < 0) return -EBADF;
  NoteReads(wanted, sizeof *wanted);
  int64_t start = wanted->l_start;
  if (wanted->l_whence == SEEK_CUR) start += RawSyscall(SYS_lseek, fd, 0, SEEK_CUR);
  if (wanted->l_whence == SEEK_END) {
    struct stat status;
    if (const long error = RawSyscall(SYS_fstat, fd, &status); error != 0) return error;
    start += status.st_size;
  }
  if (start < 0 || wanted->l_len < 0) return -EINVAL;
  const long lock = LockOn(fd, start, wanted->l_len);
  if (lock < 0) return lock;
  const auto number = static_cast<uint32_t>(lock);
  const uint32_t process = CurrentProcess();
  if (wanted->l_type == F_UNLCK) {
    Unlock(number, process);
    return 0;
  }
  return Lock(number, process, wanted->l_type == F_WRLCK, command == F_SETLKW);
}

}  // namespace csim
