// Processes and signals: fork, exit, wait; orphans and zombies; what signals end, stop and interrupt; robust
// mutexes.
#include <cerrno>
#include <csignal>

#include "model/process_operations.h"
#include "tests/model/scenario.h"

namespace csim {
namespace {

constexpr int kExitedWith3 = 3 << 8;

// A machine with processes.
class Processes : public Scenario {
 public:
  explicit Processes(MachineOptions options = {}) : Scenario(options) {}

  // A new process whose main task has started; that task.
  TaskId Fork(TaskId parent = kMainTask) {
    const TaskId child = m.AddTask(parent);
    const ProcessId process = m.AddProcess(child);
    Do(parent, m.ForkOf(parent, process));
    Go(child);
    sync.Take();
    return child;
  }
  // Another thread of the task's process.
  TaskId Thread(TaskId parent) {
    const TaskId child = m.AddTask(parent);
    Do(parent, {.kind = OpKind::kThreadCreate,
                .object = m.task(child).thread_object,
                .argument = Index(child)});
    Go(child);
    sync.Take();
    return child;
  }

  void Exit(TaskId task, int status = kExitedWith3) { Do(task, m.ExitOf(task, status)); }
  OpResult Kill(TaskId from, TaskId to, int signal) {
    return Do(from, m.SignalOf(from, {SignalOrder::kProcess, static_cast<uint8_t>(signal),
                                      Index(m.task(to).process)}));
  }
  OpResult KillThread(TaskId from, TaskId to, int signal) {
    return Do(from,
              m.SignalOf(from, {SignalOrder::kTask, static_cast<uint8_t>(signal), Index(to)}));
  }
  OpResult KillGroup(TaskId from, uint32_t group, int signal) {
    return Do(from,
              m.SignalOf(from, {SignalOrder::kProcessGroup, static_cast<uint8_t>(signal), group}));
  }
  void Handle(TaskId task, int signal) {
    Do(task, m.SettingOf(task, {.blocked = m.task(task).blocked,
                                .disposed = SetOf(signal),
                                .handled = SetOf(signal)}));
  }
  void Ignore(TaskId task, int signal) {
    Do(task, m.SettingOf(task, {.blocked = m.task(task).blocked,
                                .disposed = SetOf(signal),
                                .ignored = SetOf(signal)}));
  }
  void Block(TaskId task, SignalSet signals) { Do(task, m.SettingOf(task, {.blocked = signals})); }

  Operation Wait(TaskId task, ProcessFilter filter = {}) { return WaitOf(m, task, filter, true); }
  Operation TryWait(TaskId task, ProcessFilter filter = {}) {
    return WaitOf(m, task, filter, false);
  }
  ProcessFilter Only(TaskId child) {
    return {.which = ProcessFilter::kPid, .number = m.PidOf(Of(child).id)};
  }
  ProcessState& Of(TaskId task) { return m.process_of(task); }
  int64_t Number(TaskId task) { return static_cast<int64_t>(Of(task).id); }
  ObjectId RobustMutex() {
    const ObjectId mutex = Mutex();
    m.object(mutex).robust = true;
    return mutex;
  }
};

Operation Yield() { return {.kind = OpKind::kYield}; }

// Main has a child.
class OneChild : public testing::Test {
 protected:
  Processes p;
  const TaskId child = p.Fork();
};
class SignalToAChild : public OneChild {};
// ... that has a handler.
class HandledSignal : public OneChild {
 protected:
  HandledSignal() { p.Handle(child, SIGUSR1); }
};

TEST_F(OneChild, WaitEndsWithAChildAndReapsIt) {
  EXPECT_EQ(p.At(kMainTask, p.Wait(kMainTask)), kNothing);
  p.Exit(child);
  EXPECT_EQ(p.m.task(child).status, TaskStatus::kFinished);
  EXPECT_TRUE(p.Of(child).ended);
  EXPECT_FALSE(p.Of(child).reaped);  // a zombie
  p.sync.Take();
  EXPECT_EQ(p.Go(kMainTask).value, p.Number(child));
  EXPECT_EQ(p.sync.Take(), "acq 0 " + std::to_string(Index(p.Of(child).object)));
  EXPECT_EQ(p.Of(child).status, kExitedWith3);
  EXPECT_TRUE(p.Of(child).reaped);
  EXPECT_EQ(p.m.ProcessOf(p.m.PidOf(p.Of(child).id)), kNoProcess);
}

TEST_F(OneChild, WithoutChildrenAWaitFails) {
  EXPECT_EQ(p.Do(child, p.Wait(child)).error, ECHILD);
  p.Exit(child);
  p.Do(kMainTask, p.Wait(kMainTask));
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).error, ECHILD);
}

TEST(Process, WaitTakesOnlyTheChildItAsksFor) {
  Processes p;
  const TaskId first = p.Fork();
  const TaskId second = p.Fork();
  const ProcessFilter only = p.Only(second);
  p.Exit(first);
  EXPECT_EQ(p.At(kMainTask, p.Wait(kMainTask, only)), kNothing);
  p.Exit(second);
  EXPECT_EQ(p.Go(kMainTask).value, p.Number(second));
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask, only)).error, ECHILD);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).value, p.Number(first));
}

TEST(Process, WaitForAGroupTakesItsMembersOnly) {
  Processes p;
  const TaskId inside = p.Fork();
  const TaskId outside = p.Fork();
  const uint32_t group = p.m.PidOf(p.Of(inside).id);
  p.Do(inside,
       p.m.SettingOf(inside, {.process = p.Of(inside).id, .group = group, .session = group}));
  p.Exit(outside);
  const ProcessFilter filter{.which = ProcessFilter::kGroup, .number = group};
  EXPECT_EQ(p.At(kMainTask, p.Wait(kMainTask, filter)), kNothing);
  p.Exit(inside);
  EXPECT_EQ(p.Go(kMainTask).value, p.Number(inside));
}

TEST_F(OneChild, TryWaitFindsNothingYet) {
  EXPECT_EQ(p.Do(kMainTask, p.TryWait(kMainTask)).error, EAGAIN);
  p.Exit(child);
  EXPECT_EQ(p.Do(kMainTask, p.TryWait(kMainTask)).value, p.Number(child));
  EXPECT_EQ(p.Do(kMainTask, p.TryWait(kMainTask)).error, ECHILD);
}

TEST_F(OneChild, WhatAWaitLeavesCanBeWaitedForAgain) {
  p.Exit(child);
  const ProcessFilter leave{.leave = true};
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask, leave)).value, p.Number(child));
  EXPECT_FALSE(p.Of(child).reaped);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).value, p.Number(child));
}

TEST_F(OneChild, ChildrenOutliveTheirParentAsOrphans) {
  const TaskId grandchild = p.Fork(child);
  EXPECT_EQ(p.Do(grandchild, p.m.ParentOf(grandchild)).value, p.Number(child));
  p.Exit(child);
  EXPECT_TRUE(p.Of(grandchild).orphan);
  EXPECT_EQ(p.Do(grandchild, p.m.ParentOf(grandchild)).value, static_cast<int64_t>(kNoProcess));
  p.Exit(grandchild);
  EXPECT_FALSE(p.Of(grandchild).neglected);
}

TEST_F(OneChild, OrphansGoToTheNearestReaper) {
  const TaskId grandchild = p.Fork(child);
  const TaskId last = p.Fork(grandchild);
  p.Do(kMainTask, p.m.SettingOf(kMainTask, {.reaper = SignalSetting::kReaper}));
  p.Do(child, p.m.SettingOf(child, {.reaper = SignalSetting::kReaper}));
  EXPECT_EQ(p.At(kMainTask, p.Wait(kMainTask, {.which = ProcessFilter::kPid,
                                               .number = p.m.PidOf(p.Of(last).id)})),
            kOnlyNormal);
  EXPECT_EQ(p.Go(kMainTask).error, ECHILD);
  p.Exit(grandchild);
  EXPECT_EQ(p.Of(last).parent, p.Of(child).id);
  p.Do(child, p.m.SettingOf(child, {.reaper = SignalSetting::kNoReaper}));
  p.Exit(child);
  EXPECT_EQ(p.Of(last).parent, p.Of(kMainTask).id);
  EXPECT_FALSE(p.Of(last).orphan);
  const ProcessFilter only = p.Only(last);
  EXPECT_EQ(p.At(kMainTask, p.Wait(kMainTask, only)), kNothing);
  p.Exit(last);
  EXPECT_EQ(p.Go(kMainTask).value, p.Number(last));
  EXPECT_TRUE(p.Of(last).reaped);
}

TEST(Process, AReaperIsToldOfZombiesThatItGets) {
  Processes p;
  p.Block(kMainTask, SetOf(SIGCHLD));
  p.Do(kMainTask,
       p.m.SettingOf(kMainTask, {.blocked = SetOf(SIGCHLD), .reaper = SignalSetting::kReaper}));
  const TaskId child = p.Fork();
  const TaskId grandchild = p.Fork(child);
  p.Exit(grandchild);
  EXPECT_EQ(p.Of(kMainTask).pending, 0u);
  p.Exit(child);
  EXPECT_EQ(p.Of(kMainTask).pending, SetOf(SIGCHLD));
  EXPECT_FALSE(p.Of(grandchild).neglected);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).value, p.Number(child));
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).value, p.Number(grandchild));
}

TEST_F(OneChild, EndsBelowAReaperConcernEverybody) {
  const TaskId grandchild = p.Fork(child);
  p.At(grandchild, p.m.ExitOf(grandchild, 0));
  const Operation wait = p.Wait(kMainTask);
  EXPECT_FALSE(Dependent(p.m.task(grandchild).pending, wait));
  p.Do(kMainTask, p.m.SettingOf(kMainTask, {.reaper = SignalSetting::kReaper}));
  EXPECT_TRUE(Dependent(p.m.task(grandchild).pending, wait));
}

TEST_F(OneChild, ZombiesAreTakenCareOfWhenTheirParentEnds) {
  const TaskId grandchild = p.Fork(child);
  p.Exit(grandchild);
  EXPECT_FALSE(p.Of(grandchild).reaped);
  p.Exit(child);
  EXPECT_TRUE(p.Of(grandchild).reaped);
  EXPECT_TRUE(p.Of(grandchild).neglected);
}

TEST(Process, WhoIgnoresSigchldHasNoZombies) {
  Processes p;
  p.Ignore(kMainTask, SIGCHLD);
  const TaskId child = p.Fork();
  p.Exit(child);
  EXPECT_TRUE(p.Of(child).reaped);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).error, ECHILD);
}

TEST_F(OneChild, ExitEndsAllThreads) {
  const TaskId thread = p.Thread(child);
  p.At(thread, Yield());
  p.Exit(child);
  EXPECT_EQ(p.m.task(thread).status, TaskStatus::kFinished);
  EXPECT_TRUE(p.m.task(thread).killed);
  EXPECT_FALSE(p.m.task(child).killed);
  EXPECT_EQ(p.m.task(kMainTask).status, TaskStatus::kRunning);
}

TEST_F(OneChild, AnExitIsThreadedWhileAThreadWasNotJoined) {
  EXPECT_EQ(p.m.ExitOf(child, 0).kind, OpKind::kExit);
  const TaskId thread = p.Thread(child);
  p.m.Finish(thread);
  EXPECT_EQ(p.m.ExitOf(child, 0).kind, OpKind::kExitThreaded);
  p.Do(child, OpKind::kThreadJoin, p.m.task(thread).thread_object);
  EXPECT_EQ(p.m.ExitOf(child, 0).kind, OpKind::kExit);
}

// ---- Signals ----

TEST_F(SignalToAChild, ByDefaultAProcessIsKilled) {
  const TaskId thread = p.Thread(child);
  p.At(child, Yield());
  p.At(thread, Yield());
  EXPECT_EQ(p.Kill(kMainTask, child, SIGTERM).error, 0);
  EXPECT_TRUE(p.m.task(child).killed);
  EXPECT_TRUE(p.m.task(thread).killed);
  EXPECT_EQ(p.Of(child).status, SIGTERM);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask)).value, p.Number(child));
  EXPECT_EQ(p.Kill(kMainTask, child, SIGTERM).error, ESRCH);
}

TEST_F(SignalToAChild, AZombieCanBeSignalledInVain) {
  p.Exit(child);
  EXPECT_EQ(p.Kill(kMainTask, child, SIGKILL).error, 0);
  EXPECT_EQ(p.Of(child).status, kExitedWith3);
}

TEST_F(SignalToAChild, SomeKillsLeaveADump) {
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGSEGV);
  EXPECT_EQ(p.Of(child).status, SIGSEGV | 0x80);
}

TEST_F(SignalToAChild, IgnoredByDefaultOrByWishDoesNothing) {
  p.Ignore(child, SIGTERM);
  p.At(child, Yield());
  for (int signal : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGTERM, 0}) {
    EXPECT_EQ(p.Kill(kMainTask, child, signal).error, 0);
    EXPECT_EQ(p.Go(child).interrupted, false) << signal;
    p.At(child, Yield());
  }
}

TEST_F(HandledSignal, AHandlerRunsBeforeWhatComesNext) {
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGUSR1);
  const OpResult result = p.Go(child);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.value, SIGUSR1);
  EXPECT_EQ(result.error, 0);  // it did not wait
  EXPECT_NE(p.m.task(child).blocked & SetOf(SIGUSR1), 0u);
  p.At(child, Yield());
  EXPECT_FALSE(p.Go(child).interrupted);
}

TEST_F(HandledSignal, WhoWaitsIsInterrupted) {
  const ObjectId semaphore = p.Object(ObjectKind::kSemaphore);
  EXPECT_EQ(p.At(child, OpKind::kSemWait, semaphore), kNothing);
  p.Kill(kMainTask, child, SIGUSR1);
  // While it waits, or just before it began to.
  const Alternatives both = p.Can(child);
  EXPECT_EQ(both.first, kNormal);
  EXPECT_EQ(both.count, 2u);
  EXPECT_EQ(p.Go(child).error, EINTR);
  EXPECT_EQ(p.m.object(semaphore).count, 0u);
}

TEST_F(HandledSignal, PauseEndsWithAHandlerOnly) {
  EXPECT_EQ(p.At(child, {.kind = OpKind::kPause, .object = p.Of(child).object}), kNothing);
  p.Kill(kMainTask, child, SIGCHLD);
  EXPECT_EQ(p.Can(child), kNothing);
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_EQ(p.Go(child).error, EINTR);
}

TEST_F(SignalToAChild, BlockedItWaitsUntilItIsNot) {
  p.Block(child, SetOf(SIGTERM));
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGTERM);
  EXPECT_FALSE(p.Of(child).ended);
  EXPECT_EQ(p.Of(child).pending, SetOf(SIGTERM));
  p.Go(child);
  p.Block(child, 0);
  EXPECT_TRUE(p.Of(child).ended);
  EXPECT_FALSE(p.m.task(child).killed);  // the setting was done
}

TEST_F(SignalToAChild, KillAndStopCanBeNeitherBlockedNorHandled) {
  p.Block(child, ~SignalSet{0});
  p.Handle(child, SIGKILL);
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGSTOP);
  EXPECT_TRUE(p.Of(child).stopped);
  p.Kill(kMainTask, child, SIGKILL);
  EXPECT_TRUE(p.Of(child).ended);
}

TEST_F(SignalToAChild, AThreadThatDoesNotBlockItTakesIt) {
  const TaskId thread = p.Thread(child);
  p.Handle(child, SIGUSR1);
  p.Block(child, SetOf(SIGUSR1));
  p.At(child, Yield());
  p.At(thread, Yield());
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_FALSE(p.Go(child).interrupted);
  EXPECT_TRUE(p.Go(thread).interrupted);
}

TEST_F(SignalToAChild, ToATaskIsForThatTask) {
  const TaskId thread = p.Thread(child);
  p.Handle(child, SIGUSR1);
  p.At(thread, Yield());
  p.KillThread(child, thread, SIGUSR1);
  p.At(child, Yield());
  EXPECT_FALSE(p.Go(child).interrupted);
  EXPECT_TRUE(p.Go(thread).interrupted);
}

TEST(Signal, ToAGroupReachesItsMembers) {
  Processes p;
  const TaskId inside = p.Fork();
  const TaskId too = p.Fork(inside);
  const TaskId outside = p.Fork();
  const uint32_t group = p.m.PidOf(p.Of(inside).id);
  for (TaskId task : {inside, too}) {
    p.Do(task, p.m.SettingOf(task, {.process = p.Of(task).id, .group = group, .session = group}));
    p.At(task, Yield());
  }
  EXPECT_EQ(p.KillGroup(kMainTask, group, SIGTERM).error, 0);
  EXPECT_TRUE(p.Of(inside).ended);
  EXPECT_TRUE(p.Of(too).ended);
  EXPECT_FALSE(p.Of(outside).ended);
  EXPECT_EQ(p.KillGroup(kMainTask, 7, SIGTERM).error, ESRCH);
}

TEST_F(SignalToAChild, StoppedAProcessDoesNothingUntilItContinues) {
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGSTOP);
  EXPECT_EQ(p.Can(child), kNothing);
  const ProcessFilter changes{.ended = false, .stopped = true, .continued = true};
  EXPECT_EQ(p.Do(kMainTask, p.TryWait(kMainTask)).error, EAGAIN);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask, changes)).value, p.Number(child));
  EXPECT_EQ(p.Of(child).status, SIGSTOP << 8 | 0x7f);
  EXPECT_EQ(p.Do(kMainTask, p.TryWait(kMainTask, changes)).error, EAGAIN);  // told once
  p.Kill(kMainTask, child, SIGCONT);
  EXPECT_EQ(p.Can(child), kOnlyNormal);
  EXPECT_EQ(p.Do(kMainTask, p.Wait(kMainTask, changes)).value, p.Number(child));
}

TEST(Signal, TheParentHearsOfAChild) {
  Processes p;
  p.Handle(kMainTask, SIGCHLD);
  const TaskId child = p.Fork();
  p.At(kMainTask, p.Wait(kMainTask));
  p.Exit(child);
  const OpResult result = p.Go(kMainTask);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.value, SIGCHLD);
}

TEST_F(SignalToAChild, WaitingForOneTakesIt) {
  p.Block(child, SetOf(SIGUSR1) | SetOf(SIGUSR2));
  Operation wait{.kind = OpKind::kSignalWait,
                 .object = p.Of(child).object,
                 .argument = SetOf(SIGUSR1) | SetOf(SIGUSR2)};
  EXPECT_EQ(p.At(child, wait), kNothing);
  p.Kill(kMainTask, child, SIGUSR2);
  EXPECT_EQ(p.Go(child).value, SIGUSR2);
  EXPECT_EQ(p.At(child, wait), kNothing);
  p.Kill(kMainTask, child, SIGTERM);
  EXPECT_TRUE(p.m.task(child).killed);
}

TEST_F(SignalToAChild, WithoutWaitingItIsTakenOrNot) {
  p.Block(child, SetOf(SIGUSR1));
  const Operation look{
      .kind = OpKind::kSignalTryWait, .object = p.Of(child).object, .argument = SetOf(SIGUSR1)};
  EXPECT_EQ(p.Do(child, look).error, EAGAIN);
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_EQ(p.Do(child, look).value, SIGUSR1);
  EXPECT_EQ(p.Do(child, look).error, EAGAIN);
}

TEST_F(SignalToAChild, APollFindsOneAndLeavesIt) {
  p.Block(child, SetOf(SIGUSR1) | SetOf(SIGUSR2));
  const Interest interest{.object = p.Of(child).object, .signals = SetOf(SIGUSR1), .task = child};
  const Operation poll = p.m.PollOf({&interest, 1}, true);
  EXPECT_EQ(p.At(child, poll), kNothing);
  p.Kill(kMainTask, child, SIGUSR2);
  EXPECT_EQ(p.Can(child), kNothing);
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_EQ(p.Go(child).value, 1);
  EXPECT_EQ(p.Of(child).pending, SetOf(SIGUSR1) | SetOf(SIGUSR2));
  // The end of a child of the one that polls may bring it a signal.
  EXPECT_TRUE(Dependent(poll, p.m.ExitOf(p.Fork(child), 0)));
}

TEST_F(HandledSignal, WhatAPollLetsInDoesNotComeBeforeIt) {
  const auto poll = [&](bool suspends) {
    const Interest never{.object = p.Of(child).object, .signals = SetOf(SIGUSR2), .task = child};
    return p.m.PollOf({&never, 1}, true, suspends);
  };
  EXPECT_EQ(p.At(child, poll(true)), kNothing);
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_EQ(p.Can(child), kOnlyNormal);
  EXPECT_EQ(p.Go(child).error, EINTR);
  p.Block(child, 0);
  EXPECT_EQ(p.At(child, poll(false)), kNothing);
  p.Kill(kMainTask, child, SIGUSR1);
  EXPECT_EQ(p.Can(child).count, 2u);
}

TEST(Signal, WaitingForOneCanTimeOut) {
  Processes p;
  p.Block(kMainTask, SetOf(SIGUSR1));
  const Operation wait{.kind = OpKind::kSignalWait,
                       .object = p.m.OwnProcessObject(kMainTask),
                       .argument = SetOf(SIGUSR1),
                       .deadline = 5};
  EXPECT_EQ(p.At(kMainTask, wait), kOnlyTimeout);
  EXPECT_EQ(p.Go(kMainTask, kTimeout).error, EAGAIN);
  EXPECT_EQ(p.m.now(), 5u);
}

TEST_F(SignalToAChild, IgnoredItWaitsForWhoBlocksIt) {
  p.Block(child, SetOf(SIGCHLD));
  p.At(child,
       {.kind = OpKind::kSignalWait, .object = p.Of(child).object, .argument = SetOf(SIGCHLD)});
  p.Kill(kMainTask, child, SIGCHLD);
  EXPECT_EQ(p.Go(child).value, SIGCHLD);
}

TEST_F(SignalToAChild, TwoThreadsSetDispositionsOfTheirOwn) {
  const TaskId thread = p.Thread(child);
  const auto handle = [&](TaskId task, int signal) {
    return p.m.SettingOf(task, {.disposed = SetOf(signal), .handled = SetOf(signal)});
  };
  p.At(child, handle(child, SIGUSR1));
  p.At(thread, handle(thread, SIGUSR2));
  p.Go(child);
  p.Go(thread);
  EXPECT_EQ(p.Of(child).handled, SetOf(SIGUSR1) | SetOf(SIGUSR2));
}

// ---- Robust mutexes ----

TEST(RobustMutex, TheNextOwnerLearnsThatTheLastOneDied) {
  Processes p;
  const TaskId child = p.Fork();
  const ObjectId mutex = p.RobustMutex();
  p.Do(child, OpKind::kMutexLock, mutex);
  EXPECT_EQ(p.At(kMainTask, OpKind::kMutexLock, mutex), kNothing);
  const TaskId killer = p.Fork(child);
  p.At(child, Yield());
  p.Kill(killer, child, SIGKILL);
  EXPECT_TRUE(p.m.task(child).held.empty());
  EXPECT_EQ(p.Go(kMainTask).error, EOWNERDEAD);
  EXPECT_EQ(p.Do(kMainTask, OpKind::kMutexConsistent, mutex).error, 0);
  EXPECT_EQ(p.Do(kMainTask, OpKind::kMutexUnlock, mutex).error, 0);
  EXPECT_EQ(p.Do(killer, OpKind::kMutexLock, mutex).error, 0);
}

TEST(RobustMutex, UnlockedAsItIsNobodyGetsItAnyMore) {
  Processes p;
  const TaskId child = p.Fork();
  const ObjectId mutex = p.RobustMutex();
  p.Do(child, OpKind::kMutexLock, mutex);
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGKILL);
  EXPECT_EQ(p.Do(kMainTask, OpKind::kMutexTryLock, mutex).error, EOWNERDEAD);
  p.Do(kMainTask, OpKind::kMutexUnlock, mutex);
  EXPECT_EQ(p.Do(kMainTask, OpKind::kMutexLock, mutex).error, ENOTRECOVERABLE);
  EXPECT_EQ(p.Do(kMainTask, OpKind::kMutexConsistent, mutex).error, EINVAL);
}

TEST(RobustMutex, AThreadThatEndsAbandonsOneAtATime) {
  Processes p;
  const TaskId thread = p.Thread(kMainTask);
  const ObjectId a = p.RobustMutex();
  const ObjectId b = p.RobustMutex();
  p.Do(thread, OpKind::kMutexLock, a);
  p.Do(thread, OpKind::kMutexLock, b);
  p.Do(thread, OpKind::kMutexAbandon, b);
  EXPECT_EQ(p.At(kMainTask, OpKind::kMutexLock, a), kNothing);
  p.Do(thread, OpKind::kMutexAbandon, a);
  EXPECT_EQ(p.Go(kMainTask).error, EOWNERDEAD);
}

TEST(RobustMutex, AnotherMutexStaysWithTheDead) {
  Processes p;
  const TaskId child = p.Fork();
  const ObjectId mutex = p.Mutex();
  p.Do(child, OpKind::kMutexLock, mutex);
  p.At(child, Yield());
  p.Kill(kMainTask, child, SIGKILL);
  EXPECT_EQ(p.At(kMainTask, OpKind::kMutexLock, mutex), kNothing);
}

// ---- What is dependent ----

Operation Pending(Processes& p, TaskId task, const Operation& operation) {
  p.At(task, operation);
  return p.m.task(task).pending;
}

TEST(ProcessDependence, ASignalReachesItsProcessAndWhatTheDeadLeave) {
  Processes p;
  const TaskId victim = p.Fork();
  const TaskId other = p.Fork();
  const TaskId third = p.Fork();
  const ObjectId plain = p.Mutex();
  const ObjectId robust = p.RobustMutex();
  const Operation kill =
      Pending(p, kMainTask,
              p.m.SignalOf(kMainTask, {SignalOrder::kProcess, SIGKILL, Index(p.Of(victim).id)}));
  EXPECT_TRUE(Dependent(kill, Pending(p, victim, Yield())));
  EXPECT_FALSE(Dependent(kill, Pending(p, other, {.kind = OpKind::kMutexLock, .object = plain})));
  EXPECT_TRUE(Dependent(Pending(p, third, {.kind = OpKind::kMutexLock, .object = robust}), kill));
}

TEST(ProcessDependence, WhoWaitsForOneChildDoesNotCareForTheOthers) {
  Processes p;
  const TaskId first = p.Fork();
  const TaskId second = p.Fork();
  const Operation of_first = Pending(p, first, p.m.ExitOf(first, 0));
  const Operation of_second = Pending(p, second, p.m.ExitOf(second, 0));
  const Operation for_first = p.Wait(kMainTask, p.Only(first));
  EXPECT_FALSE(Dependent(of_first, of_second));
  EXPECT_TRUE(Dependent(of_first, for_first));
  EXPECT_FALSE(Dependent(of_second, for_first));
  EXPECT_TRUE(Dependent(of_second, p.Wait(kMainTask)));
  EXPECT_TRUE(Dependent(for_first, p.Wait(kMainTask)));
  EXPECT_FALSE(Dependent(for_first, p.Wait(kMainTask, p.Only(second))));
}

TEST(ProcessDependence, AnExitReachesThreadsAndAHandlerOfTheParent) {
  Processes p;
  const TaskId child = p.Fork();
  const TaskId thread = p.Thread(child);
  const TaskId other = p.Fork();
  const Operation threaded = Pending(p, child, p.m.ExitOf(child, 0));
  const Operation exit = Pending(p, other, p.m.ExitOf(other, 0));
  EXPECT_TRUE(Dependent(threaded, Pending(p, thread, Yield())));
  EXPECT_FALSE(Dependent(exit, p.m.task(thread).pending));
  EXPECT_FALSE(Dependent(exit, Pending(p, kMainTask, Yield())));
  p.Go(kMainTask);
  p.Handle(kMainTask, SIGCHLD);
  EXPECT_TRUE(Dependent(p.m.task(other).pending, Pending(p, kMainTask, Yield())));
}

}  // namespace
}  // namespace csim
