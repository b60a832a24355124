#include "tests/scheduler/random_program.h"

#include <csignal>

namespace csim {
namespace {

// The objects of every random program, by number.
enum : int {
  kMutexA,
  kMutexB,
  kCondition,
  kRw,
  kSemaphore,
  kBarrier,
  kOnce,
  kSpin,
  kFutex,
  kX,
  kY,
  kOutput,
  kFirstChannel,  // a pipe, a socket, a queue: programs of kChannelKind only
  kChannels = 3,
  kSemaphores =
      4  // of System V, in the same place: programs of kIpcKind; behind them a file's lock
};

class Generator {
 public:
  Generator(std::mt19937_64& random, const ProgramShape& shape) : random_(random), shape_(shape) {
    for (int child = 1; child < shape.tasks; ++child) {
      parent_.push_back(Below(3) == 0 ? child - 1 : 0);
    }
    leader_.resize(static_cast<size_t>(shape.tasks), 0);
    for (int child = 1; child < shape.tasks && shape.kind == kProcessKind; ++child) {
      const bool forked = Below(3) != 0;
      leader_[static_cast<size_t>(child)] = forked ? child : LeaderOf(ParentOf(child));
    }
  }

  ModelProgram Make() {
    MakeObjects();
    program_.flat = shape_.flat;
    program_.options.timeouts_any = Below(4) != 0;
    program_.options.spurious_wakeups = Below(4) == 0;
    program_.tasks.resize(static_cast<size_t>(shape_.tasks));
    // Few kinds per program, so that its operations meet.
    first_kind_ = shape_.kind >= 0 ? shape_.kind : Below(kProgramKinds);
    for (task_ = 0; task_ < shape_.tasks; ++task_) MakeTask();
    return program_;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  uint64_t MaybeDeadline() { return Below(2) == 0 ? kNoDeadline : 10 + random_() % 3; }
  std::vector<ModelStep>& steps() { return program_.tasks[static_cast<size_t>(task_)]; }
  void Add(ModelStep step) { steps().push_back(step); }
  int Either(int a, int b) { return Below(2) == 0 ? a : b; }

  void MakeObjects() {
    constexpr MutexType kTypes[] = {MutexType::kNormal, MutexType::kNormal, MutexType::kRecursive,
                                    MutexType::kErrorChecking};
    auto add = [&](ObjectKind kind) -> ModelObject& {
      program_.objects.push_back({.kind = kind});
      return program_.objects.back();
    };
    add(ObjectKind::kMutex).mutex_type = kTypes[Below(4)];
    add(ObjectKind::kMutex).mutex_type = kTypes[Below(4)];
    add(ObjectKind::kCondition);
    add(ObjectKind::kRwLock).policy = static_cast<RwPolicy>(Below(3));
    add(ObjectKind::kSemaphore).count = static_cast<uint32_t>(Below(2));
    add(ObjectKind::kBarrier).limit = 2;
    add(ObjectKind::kOnce);
    add(ObjectKind::kSpinLock);
    add(ObjectKind::kFutex);
    add(ObjectKind::kMemory);
    add(ObjectKind::kMemory);
    add(ObjectKind::kStream);
    if (shape_.kind == kIpcKind) {
      for (int i = 0; i < kSemaphores; ++i)
        add(ObjectKind::kSemaphore).count = static_cast<uint32_t>(Below(3));
      add(ObjectKind::kFileLock);
    }
    if (shape_.kind == kProcessKind) {
      program_.objects[kMutexA].mutex_type = MutexType::kNormal;
      program_.objects[kMutexB].mutex_type = MutexType::kNormal;
      program_.objects[kMutexB].robust = true;
      program_.objects[kSemaphore].robust = true;
    }
    if (shape_.kind != kChannelKind) return;
    for (ObjectKind kind : {ObjectKind::kPipe, ObjectKind::kSocket, ObjectKind::kQueue}) {
      ModelObject& channel = add(kind);
      channel.limit = static_cast<uint32_t>(1 + Below(3));
      channel.count = static_cast<uint32_t>(Below(2));
      // Every task has both ends.
      channel.readers = channel.writers = static_cast<uint32_t>(shape_.tasks);
    }
  }

  void MakeTask() {
    for (bool& closed : closed_) closed = false;
    if (!shape_.flat) {
      for (int child = 1; child < shape_.tasks; ++child) {
        if (ParentOf(child) != task_) continue;
        const OpKind kind = LeaderOf(child) == child ? OpKind::kFork : OpKind::kThreadCreate;
        if (kind == OpKind::kFork && Below(4) == 0) SettingStep();
        Add({.kind = kind, .object = child});
      }
    }
    size_t wanted = steps().size() + static_cast<size_t>(1 + Below(shape_.steps));
    while (steps().size() < wanted) Block(0);
    if (shape_.kind == kProcessKind) {
      if (LeaderOf(task_) == task_) Add({.kind = OpKind::kExit, .argument = 256});
    } else if (!shape_.flat && task_ == 0) {
      AddJoins();
    }
  }

  int LeaderOf(int task) const { return leader_[static_cast<size_t>(task)]; }

  int ParentOf(int child) const { return parent_[static_cast<size_t>(child - 1)]; }

  void AddJoins() {
    for (int child = 1; child < shape_.tasks; ++child) {
      if (ParentOf(child) != 0) continue;
      constexpr OpKind kKinds[] = {OpKind::kThreadJoin,    OpKind::kThreadJoin,
                                   OpKind::kThreadJoin,    OpKind::kThreadTimedJoin,
                                   OpKind::kThreadTryJoin, OpKind::kThreadDetach,
                                   OpKind::kThreadCancel};
      OpKind kind = kKinds[Below(7)];
      Add({.kind = kind,
           .object = child,
           .deadline = kind == OpKind::kThreadTimedJoin ? 15 : kNoDeadline,
           .cancelable = false});
    }
  }

  // A lock, a body, an unlock; the body and the unlock are skipped if the lock fails.
  void Locked(ModelStep lock, ModelStep unlock, int depth) {
    size_t at = steps().size();
    Add(lock);
    int body = Below(3);
    for (int i = 0; i < body; ++i) Block(depth + 1);
    bool forgotten = Below(12) == 0;
    if (!forgotten) Add(unlock);
    steps()[at].skip_if_failed = static_cast<int>(steps().size() - at - 1);
  }

  void MutexBlock(int depth) {
    int mutex = Either(kMutexA, kMutexB);
    constexpr OpKind kKinds[] = {OpKind::kMutexLock, OpKind::kMutexLock, OpKind::kMutexTryLock,
                                 OpKind::kMutexTimedLock};
    ModelStep lock{.kind = kKinds[Below(4)], .object = mutex};
    if (lock.kind == OpKind::kMutexTimedLock) lock.deadline = MaybeDeadline();
    Locked(lock, {.kind = OpKind::kMutexUnlock, .object = mutex}, depth);
  }

  void ConditionBlock(int depth) {
    if (Below(2) == 0) {
      Add({.kind = Below(3) == 0 ? OpKind::kCondBroadcast : OpKind::kCondSignal,
           .object = kCondition});
      return;
    }
    size_t at = steps().size();
    Add({.kind = OpKind::kMutexLock, .object = kMutexA});
    Add({.kind = OpKind::kCondWait,
         .object = kCondition,
         .object2 = kMutexA,
         .deadline = MaybeDeadline(),
         .cancelable = Below(4) == 0});
    Add({.kind = OpKind::kMutexUnlock, .object = kMutexA});
    steps()[at].skip_if_failed = 2;
  }

  void RwBlock(int depth) {
    constexpr OpKind kKinds[] = {OpKind::kReadLock,      OpKind::kReadTryLock,
                                 OpKind::kReadTimedLock, OpKind::kWriteLock,
                                 OpKind::kWriteTryLock,  OpKind::kWriteTimedLock};
    ModelStep lock{.kind = kKinds[Below(6)], .object = kRw};
    bool timed = lock.kind == OpKind::kReadTimedLock || lock.kind == OpKind::kWriteTimedLock;
    if (timed) lock.deadline = MaybeDeadline();
    Locked(lock, {.kind = OpKind::kRwUnlock, .object = kRw}, depth);
  }

  void SemaphoreStep() {
    constexpr OpKind kKinds[] = {OpKind::kSemPost,    OpKind::kSemPost,      OpKind::kSemWait,
                                 OpKind::kSemTryWait, OpKind::kSemTimedWait, OpKind::kSemGetValue};
    ModelStep step{.kind = kKinds[Below(6)], .object = kSemaphore};
    if (step.kind == OpKind::kSemPost) step.argument = 1;
    if (step.kind == OpKind::kSemTimedWait) step.deadline = MaybeDeadline();
    step.cancelable = step.kind == OpKind::kSemWait && Below(3) == 0;
    Add(step);
  }

  void OnceBlock(int depth) {
    size_t at = steps().size();
    Add({.kind = OpKind::kOnceBegin, .object = kOnce});
    if (Below(2) == 0) Block(depth + 1);
    Add({.kind = OpKind::kOnceEnd, .object = kOnce, .argument = static_cast<uint64_t>(Below(2))});
    steps()[at].skip_if_zero = static_cast<int>(steps().size() - at - 1);
  }

  void SpinBlock(int depth) {
    ModelStep lock{.kind = Below(2) == 0 ? OpKind::kSpinLock : OpKind::kSpinTryLock,
                   .object = kSpin};
    Locked(lock, {.kind = OpKind::kSpinUnlock, .object = kSpin}, depth);
  }

  void FutexStep() {
    switch (Below(3)) {
      case 0:
        Add({.kind = OpKind::kFutexWait,
             .object = kFutex,
             .object2 = kX,
             .argument = 0,
             .deadline = MaybeDeadline()});
        break;
      case 1:
        Add({.kind = OpKind::kFutexWake,
             .object = kFutex,
             .argument = static_cast<uint64_t>(1 + Below(2))});
        break;
      default: Add({.kind = OpKind::kAtomicStore, .object = kX, .argument = 1}); break;
    }
  }

  void MemoryStep() {
    constexpr OpKind kKinds[] = {OpKind::kAtomicLoad, OpKind::kAtomicStore, OpKind::kAtomicRmw,
                                 OpKind::kAtomicCas,  OpKind::kPlainRead,   OpKind::kPlainWrite};
    Add({.kind = kKinds[Below(6)],
         .object = Either(kX, kY),
         .argument = static_cast<uint64_t>(Below(3))});
  }

  // Reads, writes and polls of channels, whose ends the task closes once at most, and opens only before.
  void ChannelStep() {
    const int number = Below(3) == 0 ? Below(kChannels) : 0;
    const int channel = kFirstChannel + number;
    constexpr OpKind kKinds[] = {
        OpKind::kChannelRead,  OpKind::kChannelRead,     OpKind::kChannelTryRead,
        OpKind::kChannelWrite, OpKind::kChannelTryWrite, OpKind::kChannelClose,
        OpKind::kPoll,         OpKind::kPollMany};
    ModelStep step{.kind = kKinds[Below(8)], .object = channel};
    switch (step.kind) {
      case OpKind::kChannelClose: {
        const int ends = Below(3);
        bool& reading = closed_[2 * number];
        bool& writing = closed_[2 * number + 1];
        const bool both = !reading && !writing && ends == 2;
        if (!both && (ends == 0 ? reading : writing)) return MemoryStep();
        if (both || ends == 1) step.object2 = channel;
        if (!both && ends == 1) step.object = -1;
        (ends == 0 ? reading : writing) = true;
        if (both) reading = writing = true;
        break;
      }
      case OpKind::kPollMany:
      case OpKind::kPoll:
        step.object = -1;
        step.argument = PollArgument(step.kind == OpKind::kPoll ? number : kChannels);
        step.deadline = MaybeDeadline();
        break;
      default:
        step.argument = static_cast<uint64_t>(1 + Below(3));
        if (Below(6) == 0) step.cancelable = true;
        if (step.kind == OpKind::kChannelRead || step.kind == OpKind::kChannelWrite) {
          if (Below(4) == 0) step.deadline = MaybeDeadline();
        }
        break;
    }
    if (Below(4) == 0 && !closed_[2 * number] && !closed_[2 * number + 1]) step.opens = channel;
    Add(step);
  }

  // A poll of this channel, or of some of them.
  uint64_t PollArgument(int channel) {
    auto argument = static_cast<uint64_t>(Below(2));
    for (int i = 0; i < kChannels; ++i) {
      if (channel != i && channel != kChannels) continue;
      argument |= ModelPoll::What(i, static_cast<ModelPoll::For>(Below(6)));
    }
    return argument;
  }

  ModelStep Semop(int first, int count, bool undo) {
    ModelStep adjust{.kind = OpKind::kSemAdjust};
    for (int i = Below(4); i >= 0; --i) {
      adjust.sem_steps.push_back({.object = first + Below(count),
                                  .step = static_cast<int16_t>(Below(4) - 2),
                                  .waits = Below(4) != 0,
                                  .undo = undo && Below(2) == 0});
    }
    adjust.deadline = Below(3) == 0 ? MaybeDeadline() : kNoDeadline;
    return adjust;
  }

  // semop, semctl, and locks on a file.
  void IpcStep() {
    const int first = kFirstChannel + Below(2);
    switch (Below(4)) {
      case 0:
        Add({.kind = OpKind::kSemSet,
             .object = first,
             .argument = Below(6) == 0 ? kRemoveSemaphore : static_cast<uint64_t>(Below(3))});
        return;
      case 1: {
        const auto how = static_cast<uint64_t>(Below(4) + 4 * task_);  // each task is an owner
        const size_t at = steps().size();
        Add({.kind = OpKind::kFileLock, .object = kFirstChannel + kSemaphores, .argument = how});
        if (Below(2) == 0) MemoryStep();
        Add({.kind = OpKind::kFileUnlock, .object = kFirstChannel + kSemaphores});
        steps()[at].skip_if_failed = static_cast<int>(steps().size() - at - 1);
        return;
      }
      default: return Add(Semop(kFirstChannel, kSemaphores, false));
    }
  }

  // A task that this one knows of: itself, its parent, its children, or a child that its parent has made before.
  int Acquaintance() {
    for (;;) {
      const int other = Below(shape_.tasks);
      if (other == task_ || (task_ != 0 && other == ParentOf(task_))) return other;
      if (other == 0) continue;
      if (ParentOf(other) == task_) return other;
      if (task_ != 0 && other < task_ && ParentOf(other) == ParentOf(task_)) return other;
    }
  }

  void SignalStep() {
    constexpr int kSignals[] = {SIGKILL, SIGUSR1, SIGUSR1, SIGTERM, SIGSTOP, SIGCONT, SIGCHLD, 0};
    SignalOrder order;
    order.signal = static_cast<uint8_t>(kSignals[Below(8)]);
    const int other = Acquaintance();
    order.number = static_cast<uint32_t>(other);
    if (LeaderOf(other) == LeaderOf(task_) && Below(2) == 0) {
      order.to = SignalOrder::kTask;
    } else if (Below(5) == 0) {
      order.to = Below(2) == 0 ? SignalOrder::kProcessGroup : SignalOrder::kEverybody;
    }
    if (order.to != SignalOrder::kTask) order.number = static_cast<uint32_t>(LeaderOf(other));
    Add({.kind = OpKind::kSignal, .argument = order.Encode()});
  }

  void SettingStep() {
    constexpr int kSignals[] = {SIGUSR1, SIGUSR1, SIGCHLD, SIGTERM};
    constexpr ModelSetting kHow[] = {ModelSetting::kBlock,  ModelSetting::kUnblock,
                                     ModelSetting::kHandle, ModelSetting::kHandle,
                                     ModelSetting::kIgnore, ModelSetting::kOwnGroup,
                                     ModelSetting::kReaper};
    Add({.kind = OpKind::kSignalSetting,
         .argument = static_cast<uint64_t>(kSignals[Below(4)]),
         .setting = kHow[Below(7)]});
  }

  void WaitStep() {
    ProcessFilter filter;
    filter.stopped = Below(4) == 0;
    filter.continued = Below(4) == 0;
    filter.leave = Below(6) == 0;
    filter.which = static_cast<ProcessFilter::Which>(Below(3));
    filter.number = static_cast<uint32_t>(LeaderOf(Acquaintance()));
    Add({.kind = Below(3) == 0 ? OpKind::kTryWaitProcess : OpKind::kWaitProcess,
         .argument = filter.Encode()});
  }

  void RobustBlock() {
    const size_t at = steps().size();
    Add({.kind = Below(4) == 0 ? OpKind::kMutexTryLock : OpKind::kMutexLock, .object = kMutexB});
    if (Below(2) == 0) Add({.kind = OpKind::kMutexConsistent, .object = kMutexB});
    if (Below(2) == 0) MemoryStep();
    if (Below(4) != 0) Add({.kind = OpKind::kMutexUnlock, .object = kMutexB});
    steps()[at].skip_if_failed = static_cast<int>(steps().size() - at - 1);
  }

  void ProcessStep() {
    switch (Below(11)) {
      case 10: return Add(Semop(kSemaphore, 1, true));
      case 0:
      case 1:
      case 2: return SignalStep();
      case 3:
      case 4: return SettingStep();
      case 5:
      case 6: return WaitStep();
      case 7: return RobustBlock();
      case 8:
        switch (Below(4)) {
          case 0: return Add({.kind = OpKind::kParentProcess});
          case 1: return Add({.kind = OpKind::kExit, .argument = 512});
          case 2: return Add({.kind = OpKind::kPause});
          default: {
            constexpr OpKind kKinds[] = {OpKind::kSignalWait, OpKind::kSignalTryWait,
                                         OpKind::kPollSignals};
            return Add({.kind = kKinds[Below(3)],
                        .argument = SetOf(SIGUSR1) | SetOf(SIGCHLD),
                        .deadline = MaybeDeadline()});
          }
        }
      default: return MemoryStep();
    }
  }

  void LocalStep() {
    constexpr OpKind kKinds[] = {OpKind::kYield, OpKind::kSleep, OpKind::kFence, OpKind::kChoose};
    OpKind kind = kKinds[Below(4)];
    Add({.kind = kind,
         .argument = 2,
         .deadline = kind == OpKind::kSleep ? 5 + random_() % 10 : kNoDeadline});
  }

  void AtomicBlock() {
    Add({.kind = OpKind::kAtomicBegin});
    MemoryStep();
    MemoryStep();
    Add({.kind = OpKind::kAtomicEnd});
  }

  void Block(int depth) {
    // Mostly one of two kinds, the second one being memory.
    int kind = Below(4) == 0 ? Below(kProgramKinds) : Either(first_kind_, 7);
    if (shape_.kind >= 0 && Below(8) != 0) kind = shape_.kind;
    if (depth > 1) kind = 7;
    if (shape_.kind == kProcessKind && kind != 0 && kind != 3) return ProcessStep();
    switch (kind) {
      case 0: return MutexBlock(depth);
      case 1: return ConditionBlock(depth);
      case 2: return RwBlock(depth);
      case 3: return SemaphoreStep();
      case 4: return Add({.kind = OpKind::kBarrierWait, .object = kBarrier});
      case 5: return OnceBlock(depth);
      case 6: return FutexStep();
      case 8: return SpinBlock(depth);
      case kChannelKind: return ChannelStep();
      case kIpcKind: return IpcStep();
      case 9:
        if (shape_.local) return LocalStep();
        return Add({.kind = OpKind::kOutput, .object = kOutput});
      case 10:
        if (shape_.local && Below(3) == 0) return AtomicBlock();
        return MutexBlock(depth);
      case 11:
        if (Below(8) == 0) return Add({.kind = OpKind::kProcessExit});
        if (Below(4) == 0) return Add({.kind = OpKind::kDestroy, .object = Either(kMutexB, kRw)});
        return Add({.kind = OpKind::kOutput, .object = kOutput});
      default: return MemoryStep();
    }
  }

  std::mt19937_64& random_;
  const ProgramShape& shape_;
  ModelProgram program_;
  std::vector<int> parent_;          // by child - 1: the task that creates it
  std::vector<int> leader_;          // by task: the main task of its process
  bool closed_[2 * kChannels] = {};  // by the task: reading and writing end of each channel
  int task_ = 0;
  int first_kind_ = 0;
};

}  // namespace

ModelProgram MakeRandomProgram(std::mt19937_64& random, const ProgramShape& shape) {
  return Generator(random, shape).Make();
}

}  // namespace csim
