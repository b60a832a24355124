#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

class Condition : public testing::Test {
 protected:
  void Start(MachineOptions options) {
    s.m.Reset(options, &s.sync);
    for (TaskId& task : t) task = s.Spawn();
    mutex = s.Mutex();
    condition = s.Object(ObjectKind::kCondition);
  }
  // The task takes the mutex and waits.
  void Wait(TaskId task, uint64_t deadline = kNoDeadline) {
    s.Do(task, OpKind::kMutexLock, mutex);
    EXPECT_TRUE(s.Do(task, {.kind = OpKind::kCondWait,
                            .object = condition,
                            .object2 = mutex,
                            .deadline = deadline})
                    .blocked);
  }

  Scenario s;
  TaskId t[3];
  ObjectId mutex, condition;
};

TEST_F(Condition, WaitGivesUpTheMutexAndTakesItBack) {
  Start({});
  Wait(t[0]);
  EXPECT_EQ(s.Can(t[0]), kNothing);
  EXPECT_EQ(s.m.object(mutex).owner, kNoTask);
  s.Do(kMainTask, OpKind::kMutexLock, mutex);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kCondSignal, condition).value, 1);
  EXPECT_EQ(s.m.task(t[0]).pending.kind, OpKind::kCondRelock);
  EXPECT_EQ(s.Can(t[0]), kNothing);
  s.Do(kMainTask, OpKind::kMutexUnlock, mutex);
  EXPECT_EQ(s.Can(t[0]), kOnlyNormal);
  OpResult result = s.Go(t[0]);
  EXPECT_EQ(result.error, 0);
  EXPECT_FALSE(result.blocked);
  EXPECT_EQ(s.m.object(mutex).owner, t[0]);
}

TEST_F(Condition, SignalOrdersNothing) {
  Start({});
  Wait(t[0]);
  s.sync.Take();
  s.Do(kMainTask, OpKind::kCondSignal, condition);
  EXPECT_EQ(s.sync.Take(), "");
  s.Go(t[0]);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + std::to_string(Index(mutex)));
}

TEST_F(Condition, SignalChoosesAmongTheWaiters) {
  for (uint32_t chosen = 0; chosen < 3; ++chosen) {
    Start({});
    for (TaskId task : t) Wait(task);
    EXPECT_EQ(s.At(kMainTask, OpKind::kCondSignal, condition), (Alternatives{0, 3}));
    s.Go(kMainTask, chosen);
    for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(s.Can(t[i]), i == chosen ? kOnlyNormal : kNothing);
    EXPECT_EQ(s.m.object(condition).waiters, 2u);
  }
}

TEST_F(Condition, SignalWithNobodyWaitingIsLost) {
  Start({});
  EXPECT_EQ(s.At(kMainTask, OpKind::kCondSignal, condition), kOnlyNormal);
  EXPECT_EQ(s.Go(kMainTask).value, 0);
  Wait(t[0]);
  EXPECT_EQ(s.Can(t[0]), kNothing);
}

TEST_F(Condition, BroadcastWakesAll) {
  Start({});
  for (TaskId task : t) Wait(task);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kCondBroadcast, condition).value, 3);
  for (TaskId task : t) EXPECT_EQ(s.Can(task), kOnlyNormal);
  s.Go(t[1]);
  EXPECT_EQ(s.Can(t[0]), kNothing);
}

TEST_F(Condition, TimeoutLeavesTheQueueAndReturnsWithTheMutex) {
  Start({});
  Wait(t[0], 100);
  Wait(t[1]);
  EXPECT_EQ(s.Can(t[0]), kOnlyTimeout);
  s.Do(kMainTask, OpKind::kMutexLock, mutex);
  EXPECT_TRUE(s.Go(t[0], kTimeout).blocked);
  EXPECT_EQ(s.m.now(), 100u);
  EXPECT_EQ(s.m.object(condition).waiters, 1u);
  EXPECT_EQ(s.Can(t[0]), kNothing);
  s.Do(kMainTask, OpKind::kMutexUnlock, mutex);
  EXPECT_EQ(s.Go(t[0]).error, ETIMEDOUT);
}

TEST_F(Condition, SpuriousWakeUps) {
  Start({.spurious_wakeups = true});
  Wait(t[0]);
  Wait(t[1], 100);
  EXPECT_EQ(s.Can(t[0]), kOnlySpurious);
  EXPECT_EQ(s.Can(t[1]), (Alternatives{kTimeout, 2}));
  EXPECT_TRUE(s.Go(t[1], kSpurious).blocked);
  EXPECT_EQ(s.Go(t[1]).error, 0);
  EXPECT_EQ(s.m.now(), 0u);
}

TEST_F(Condition, WaitWithoutTheMutexIsRefused) {
  Start({});
  Operation wait{.kind = OpKind::kCondWait, .object = condition, .object2 = mutex};
  EXPECT_EQ(s.Do(t[0], wait).error, EPERM);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kWaitWithoutMutex);
  EXPECT_EQ(s.m.object(condition).waiters, 0u);
}

TEST_F(Condition, WaitWithAnotherMutexIsMisuse) {
  Start({});
  Wait(t[0]);
  mutex = s.Mutex();
  Wait(t[1]);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kWaitOtherMutex);
}

TEST_F(Condition, ARecursiveMutexLosesOneLevelOnly) {
  Start({});
  mutex = s.Mutex(MutexType::kRecursive);
  s.Do(t[0], OpKind::kMutexLock, mutex);
  Wait(t[0]);
  EXPECT_EQ(s.At(t[1], OpKind::kMutexLock, mutex), kNothing);
  s.Do(kMainTask, OpKind::kCondSignal, condition);
  EXPECT_EQ(s.Go(t[0]).error, 0);
  EXPECT_EQ(s.m.object(mutex).count, 2u);
}

// ---- Virtual time ----

TEST_F(Condition, VirtualTimeoutOnlyWhenNobodyElseCanGo) {
  Start({.timeouts_any = false});
  Wait(t[0], 200);
  Wait(t[1], 100);
  s.At(t[2], OpKind::kYield, kNoObject);
  EXPECT_EQ(s.Can(t[0]), kNothing);
  EXPECT_EQ(s.Can(t[1]), kNothing);
  s.Go(t[2]);
  s.m.Finish(t[2]);
  s.At(kMainTask, {.kind = OpKind::kSleep, .deadline = 100});
  EXPECT_EQ(s.Can(kMainTask), kOnlyNormal);  // the same deadline as t[1]: the lower id first
  EXPECT_EQ(s.Can(t[0]), kNothing);
  EXPECT_EQ(s.Can(t[1]), kNothing);
  s.Go(kMainTask);
  s.m.Finish(kMainTask);
  EXPECT_EQ(s.Can(t[0]), kNothing);
  EXPECT_EQ(s.Can(t[1]), kOnlyTimeout);
}

TEST_F(Condition, VirtualTimeoutDoesNotWaitForSpuriousWakeUps) {
  Start({.timeouts_any = false, .spurious_wakeups = true});
  s.m.Finish(kMainTask);
  s.m.Finish(t[2]);
  Wait(t[0]);
  Wait(t[1], 100);
  EXPECT_EQ(s.Can(t[0]), kOnlySpurious);
  EXPECT_EQ(s.Can(t[1]), (Alternatives{kTimeout, 2}));
}

TEST_F(Condition, SleepMayEndAtAnyPointUnlessTimeIsVirtual) {
  Start({});
  s.At(t[1], OpKind::kYield, kNoObject);
  EXPECT_EQ(s.At(t[0], {.kind = OpKind::kSleep, .deadline = 10}), kOnlyNormal);
  s.Go(t[0]);
  EXPECT_EQ(s.m.now(), 10u);
  EXPECT_EQ(s.At(t[0], {.kind = OpKind::kSleep}), kNothing);  // for ever
}

}  // namespace
}  // namespace csim
