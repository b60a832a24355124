// Message queues, System V semaphores, FIFOs, locks on files.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#undef _FORTIFY_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

CSIM_INTERPOSE mqd_t mq_open(const char* name, int flags, ...) noexcept {
  va_list list;
  va_start(list, flags);
  const bool creates = (flags & O_CREAT) != 0;
  const mode_t mode = creates ? va_arg(list, mode_t) : 0;
  mq_attr* const attributes = creates ? va_arg(list, mq_attr*) : nullptr;
  va_end(list);
  if (!g_runtime.Active()) return CSIM_REAL(mq_open)(name, flags, mode, attributes);
  return Answer<int>(SysMqOpen(name, flags, attributes));
}

CSIM_INTERPOSE int mq_close(mqd_t queue) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mq_close)(queue);
  return Answer<int>(SysClose(queue));
}

CSIM_INTERPOSE int mq_unlink(const char* name) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mq_unlink)(name);
  return Answer<int>(SysMqUnlink(name));
}

namespace {

int Send(mqd_t queue, const char* data, size_t size, unsigned priority, const timespec* time) {
  if (!ValidTime(time)) return Answer<int>(-EINVAL);
  return Answer<int>(SysMqSend(queue, data, size, priority, DeadlineOf(CLOCK_REALTIME, time)));
}

ssize_t Receive(mqd_t queue, char* buffer, size_t size, unsigned* priority, const timespec* time) {
  if (!ValidTime(time)) return Answer(-EINVAL);
  return Answer(SysMqReceive(queue, buffer, size, priority, DeadlineOf(CLOCK_REALTIME, time)));
}

}  // namespace

CSIM_INTERPOSE int mq_timedsend(mqd_t queue, const char* data, size_t size, unsigned priority,
                                const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(mq_timedsend)(queue, data, size, priority, time);
  return Send(queue, data, size, priority, time);
}

CSIM_INTERPOSE int mq_send(mqd_t queue, const char* data, size_t size, unsigned priority) {
  if (!g_runtime.Active()) return CSIM_REAL(mq_send)(queue, data, size, priority);
  return Send(queue, data, size, priority, nullptr);
}

CSIM_INTERPOSE ssize_t mq_timedreceive(mqd_t queue, char* buffer, size_t size, unsigned* priority,
                                       const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(mq_timedreceive)(queue, buffer, size, priority, time);
  return Receive(queue, buffer, size, priority, time);
}

CSIM_INTERPOSE ssize_t mq_receive(mqd_t queue, char* buffer, size_t size, unsigned* priority) {
  if (!g_runtime.Active()) return CSIM_REAL(mq_receive)(queue, buffer, size, priority);
  return Receive(queue, buffer, size, priority, nullptr);
}

CSIM_INTERPOSE int mq_getattr(mqd_t queue, mq_attr* attributes) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mq_getattr)(queue, attributes);
  return Answer<int>(SysMqGetattr(queue, attributes));
}

CSIM_INTERPOSE int mq_setattr(mqd_t queue, const mq_attr* fresh, mq_attr* old) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mq_setattr)(queue, fresh, old);
  return Answer<int>(SysMqSetattr(queue, fresh, old));
}

CSIM_INTERPOSE int mq_notify(mqd_t queue, const sigevent* event) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mq_notify)(queue, event);
  ReportUncontrolled("mq_notify");
}

CSIM_INTERPOSE int msgget(key_t key, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(msgget)(key, flags);
  return Answer<int>(SysMsgget(key, flags));
}

CSIM_INTERPOSE int msgsnd(int queue, const void* message, size_t size, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(msgsnd)(queue, message, size, flags);
  return Answer<int>(SysMsgsnd(queue, message, size, flags));
}

CSIM_INTERPOSE ssize_t msgrcv(int queue, void* message, size_t size, long type, int flags) {
  if (!g_runtime.Active()) return CSIM_REAL(msgrcv)(queue, message, size, type, flags);
  return Answer(SysMsgrcv(queue, message, size, type, flags));
}

CSIM_INTERPOSE int msgctl(int queue, int command, msqid_ds* data) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(msgctl)(queue, command, data);
  return Answer<int>(SysMsgctl(queue, command, data));
}

CSIM_INTERPOSE int semget(key_t key, int count, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(semget)(key, count, flags);
  return Answer<int>(SysSemget(key, count, flags));
}

CSIM_INTERPOSE int semtimedop(int set, sembuf* steps, size_t count,
                              const timespec* timeout) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(semtimedop)(set, steps, count, timeout);
  if (!ValidTime(timeout)) return Answer<int>(-EINVAL);
  uint64_t deadline = kNoDeadline;
  if (timeout != nullptr) {
    deadline = g_runtime.machine().now() + static_cast<uint64_t>(timeout->tv_sec) * 1'000'000'000 +
               static_cast<uint64_t>(timeout->tv_nsec);
  }
  return Answer<int>(SysSemop(set, steps, count, deadline));
}

CSIM_INTERPOSE int semop(int set, sembuf* steps, size_t count) noexcept {
  return semtimedop(set, steps, count, nullptr);
}

CSIM_INTERPOSE int semctl(int set, int number, int command, ...) noexcept {
  va_list list;
  va_start(list, command);
  const auto argument = va_arg(list, unsigned long);
  va_end(list);
  if (!g_runtime.Active()) return CSIM_REAL(semctl)(set, number, command, argument);
  return Answer<int>(SysSemctl(set, number, command, argument));
}

CSIM_INTERPOSE int mkfifo(const char* path, mode_t mode) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(mkfifo)(path, mode);
  return Answer<int>(SysMkfifo(path));
}

CSIM_INTERPOSE int flock(int fd, int operation) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(flock)(fd, operation);
  return Answer<int>(SysFlock(fd, operation));
}

CSIM_INTERPOSE int lockf(int fd, int command, off_t length) {
  if (!g_runtime.Active()) return CSIM_REAL(lockf)(fd, command, length);
  struct flock lock{};
  lock.l_whence = SEEK_CUR;
  lock.l_len = length;
  lock.l_type = command == F_ULOCK ? F_UNLCK : F_WRLCK;
  if (command == F_TEST) ReportUncontrolled("lockf(F_TEST)");
  return Answer<int>(LockRecord(fd, command == F_LOCK ? F_SETLKW : F_SETLK, &lock));
}

CSIM_INTERPOSE int lockf64(int fd, int command, off64_t length) {
  return lockf(fd, command, length);
}
