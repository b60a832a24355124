// Semaphores, barriers, once, futexes and the miscellaneous rows.
#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

TEST(Semaphore, WaitTakesWhatPostGives) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId sem = s.Object(ObjectKind::kSemaphore);
  std::string o = std::to_string(Index(sem));
  EXPECT_EQ(s.At(t, OpKind::kSemWait, sem), kNothing);
  s.Do(kMainTask, {.kind = OpKind::kSemPost, .object = sem, .argument = 2});
  EXPECT_EQ(s.sync.Take(), "rel 0 " + o);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
  s.Go(t);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + o);
  EXPECT_EQ(s.Do(t, OpKind::kSemGetValue, sem).value, 1);
  EXPECT_EQ(s.Do(t, OpKind::kSemTryWait, sem).error, 0);
  EXPECT_EQ(s.Do(t, OpKind::kSemTryWait, sem).error, EAGAIN);
}

TEST(Semaphore, TimedWaitTimesOutOnlyAtZero) {
  Scenario s;
  ObjectId sem = s.Object(ObjectKind::kSemaphore);
  Operation wait{.kind = OpKind::kSemTimedWait, .object = sem, .deadline = 3};
  s.m.object(sem).count = 1;
  EXPECT_EQ(s.At(kMainTask, wait), kOnlyNormal);
  s.Go(kMainTask);
  EXPECT_EQ(s.At(kMainTask, wait), kOnlyTimeout);
  EXPECT_EQ(s.Go(kMainTask, kTimeout).error, ETIMEDOUT);
  EXPECT_EQ(s.m.object(sem).count, 0u);
}

TEST(Semaphore, OverflowIsRefused) {
  Scenario s;
  ObjectId sem = s.Object(ObjectKind::kSemaphore);
  s.m.object(sem).count = 0x7fffffff;
  EXPECT_EQ(s.Do(kMainTask, {.kind = OpKind::kSemPost, .object = sem, .argument = 1}).error,
            EOVERFLOW);
}

TEST(Barrier, LastArrivalLetsAllGoAndIsTheSerialTask) {
  Scenario s;
  TaskId t[2] = {s.Spawn(), s.Spawn()};
  ObjectId b = s.Object(ObjectKind::kBarrier);
  s.m.object(b).limit = 3;
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(s.Do(t[0], OpKind::kBarrierWait, b).blocked);
    EXPECT_TRUE(s.Do(t[1], OpKind::kBarrierWait, b).blocked);
    EXPECT_EQ(s.Can(t[0]), kNothing);
    s.sync.Take();
    OpResult last = s.Do(kMainTask, OpKind::kBarrierWait, b);
    EXPECT_FALSE(last.blocked);
    EXPECT_EQ(last.value, 1);
    std::string o = std::to_string(Index(b));
    EXPECT_EQ(s.sync.Take(), "rel 0 " + o + "; acq 0 " + o + "; transfer 0 1; transfer 0 2");
    EXPECT_EQ(s.Go(t[1]).value, 0);
    EXPECT_EQ(s.Go(t[0]).value, 0);
  }
}

TEST(Barrier, AFastTaskDoesNotEndTheNextRoundForASlowOne) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId b = s.Object(ObjectKind::kBarrier);
  s.m.object(b).limit = 2;
  s.Do(t, OpKind::kBarrierWait, b);
  s.Do(kMainTask, OpKind::kBarrierWait, b);
  EXPECT_TRUE(s.Do(kMainTask, OpKind::kBarrierWait, b).blocked);
  EXPECT_EQ(s.Can(kMainTask), kNothing);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
}

TEST(Once, OneTaskRunsItTheOthersWaitAndLearn) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId once = s.Object(ObjectKind::kOnce);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kOnceBegin, once).value, 1);
  EXPECT_EQ(s.At(t, OpKind::kOnceBegin, once), kNothing);
  s.sync.Take();
  s.Do(kMainTask, {.kind = OpKind::kOnceEnd, .object = once, .argument = 1});
  EXPECT_EQ(s.sync.Take(), "rel 0 " + std::to_string(Index(once)));
  EXPECT_EQ(s.Go(t).value, 0);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + std::to_string(Index(once)));
}

TEST(Once, AFailedRunIsRepeatedBySomebody) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId once = s.Object(ObjectKind::kOnce);
  s.Do(kMainTask, OpKind::kOnceBegin, once);
  s.At(t, OpKind::kOnceBegin, once);
  s.Do(kMainTask, {.kind = OpKind::kOnceEnd, .object = once, .argument = 0});
  EXPECT_EQ(s.Go(t).value, 1);
  EXPECT_EQ(s.At(t, OpKind::kOnceBegin, once), kNothing);  // by its own initialiser
  EXPECT_EQ(s.m.last_misuse(), Misuse::kRelock);
}

Operation FutexWait(ObjectId futex, uint64_t as_expected, uint64_t deadline = kNoDeadline) {
  return {
      .kind = OpKind::kFutexWait, .object = futex, .argument = as_expected, .deadline = deadline};
}

TEST(Futex, WaitReturnsAtOnceIfTheWordHasChanged) {
  Scenario s;
  ObjectId f = s.Object(ObjectKind::kFutex);
  EXPECT_EQ(s.Do(kMainTask, FutexWait(f, 0)).error, EAGAIN);
  EXPECT_EQ(s.m.object(f).waiters, 0u);
}

TEST(Futex, WakesInOrderOfArrival) {
  Scenario s;
  TaskId t[3] = {s.Spawn(), s.Spawn(), s.Spawn()};
  ObjectId f = s.Object(ObjectKind::kFutex);
  for (TaskId task : {t[2], t[0], t[1]}) EXPECT_TRUE(s.Do(task, FutexWait(f, 1)).blocked);
  EXPECT_EQ(s.Do(kMainTask, {.kind = OpKind::kFutexWake, .object = f, .argument = 2}).value, 2);
  EXPECT_EQ(s.Can(t[2]), kOnlyNormal);
  EXPECT_EQ(s.Can(t[0]), kOnlyNormal);
  EXPECT_EQ(s.Can(t[1]), kNothing);
  EXPECT_EQ(s.Go(t[0]).error, 0);
  EXPECT_EQ(
      s.Do(kMainTask, {.kind = OpKind::kFutexWake, .object = f, .argument = ~uint64_t{0}}).value,
      1);
  EXPECT_EQ(s.sync.Take(), "");
}

TEST(Futex, ATimeoutLeavesTheQueueAndAWokenTaskCannotTimeOut) {
  Scenario s({.spurious_wakeups = true});
  TaskId t[2] = {s.Spawn(), s.Spawn()};
  ObjectId f = s.Object(ObjectKind::kFutex);
  for (TaskId task : t) s.Do(task, FutexWait(f, 1, 9));
  EXPECT_EQ(s.Can(t[0]), (Alternatives{kTimeout, 2}));
  EXPECT_EQ(s.Go(t[0], kTimeout).error, ETIMEDOUT);
  s.Do(kMainTask, {.kind = OpKind::kFutexWake, .object = f, .argument = 1});
  EXPECT_EQ(s.Can(t[1]), kOnlyNormal);
  EXPECT_EQ(s.Go(t[1]).error, 0);
}

TEST(Choose, HasOneAlternativePerValue) {
  Scenario s;
  EXPECT_EQ(s.At(kMainTask, {.kind = OpKind::kChoose, .argument = 4}), (Alternatives{0, 4}));
  EXPECT_EQ(s.Go(kMainTask, 3).value, 3);
  EXPECT_EQ(s.At(kMainTask, {.kind = OpKind::kChoose, .argument = 0}), kOnlyNormal);
}

TEST(AtomicBlock, OnlyItsOwnerIsEnabledUntilTheOutermostEnd) {
  Scenario s;
  TaskId t = s.Spawn();
  s.At(t, OpKind::kYield, kNoObject);
  s.Do(kMainTask, OpKind::kAtomicBegin, kNoObject);
  s.Do(kMainTask, OpKind::kAtomicBegin, kNoObject);
  EXPECT_EQ(s.Can(t), kNothing);
  s.Do(kMainTask, OpKind::kAtomicEnd, kNoObject);
  EXPECT_EQ(s.Can(t), kNothing);
  EXPECT_EQ(s.At(kMainTask, OpKind::kAtomicEnd, kNoObject), kOnlyNormal);
  s.Go(kMainTask);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
}

TEST(AtomicBlock, EndsWithItsTask) {
  Scenario s;
  TaskId t = s.Spawn();
  s.At(kMainTask, OpKind::kYield, kNoObject);
  s.Do(t, OpKind::kAtomicBegin, kNoObject);
  s.m.Finish(t);
  EXPECT_EQ(s.Can(kMainTask), kOnlyNormal);
}

}  // namespace
}  // namespace csim
