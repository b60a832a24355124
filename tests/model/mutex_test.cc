#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

TEST(Mutex, SecondTaskWaitsUntilUnlock) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.sync.Take(), "acq 0 " + std::to_string(Index(m)));
  EXPECT_EQ(s.At(t, OpKind::kMutexLock, m), kNothing);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.sync.Take(), "rel 0 " + std::to_string(Index(m)));
  EXPECT_EQ(s.Can(t), kOnlyNormal);
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.m.object(m).owner, t);
}

TEST(Mutex, HeldListSaysWhereItWasTaken) {
  Scenario s;
  ObjectId a = s.Mutex();
  ObjectId b = s.Mutex();
  s.Do(kMainTask,
       {.kind = OpKind::kMutexLock, .object = a, .site = SiteId{7}, .stack = StackId{8}});
  s.Do(kMainTask, {.kind = OpKind::kMutexLock, .object = b, .site = SiteId{9}});
  ASSERT_EQ(s.m.task(kMainTask).held.size(), 2u);
  EXPECT_EQ(s.m.FindHeld(kMainTask, a)->site, SiteId{7});
  EXPECT_EQ(s.m.FindHeld(kMainTask, a)->stack, StackId{8});
  s.Do(kMainTask, OpKind::kMutexUnlock, a);
  EXPECT_EQ(s.m.FindHeld(kMainTask, a), nullptr);
  EXPECT_EQ(s.m.FindHeld(kMainTask, b)->site, SiteId{9});
}

TEST(Mutex, RelockOfPlainMutexIsMisuseAndWaitsForEver) {
  Scenario s;
  ObjectId m = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.At(kMainTask, OpKind::kMutexLock, m), kNothing);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kRelock);
  EXPECT_EQ(s.m.misuse_object(), m);
}

TEST(Mutex, RelockOfRecursiveMutexCounts) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex(MutexType::kRecursive);
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.At(kMainTask, OpKind::kMutexLock, m), kOnlyNormal);
  EXPECT_EQ(s.Go(kMainTask).error, 0);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kMutexTryLock, m).error, 0);
  EXPECT_EQ(s.m.FindHeld(kMainTask, m)->depth, 3u);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.At(t, OpKind::kMutexLock, m), kNothing);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
}

TEST(Mutex, RelockOfErrorCheckingMutexFails) {
  Scenario s;
  ObjectId m = s.Mutex(MutexType::kErrorChecking);
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kMutexLock, m).error, EDEADLK);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kNone);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kMutexTryLock, m).error, EBUSY);
  EXPECT_EQ(s.m.object(m).count, 1u);
}

// To an error-checking mutex the refusal is an answer like others; to the rest it is misuse.
TEST(Mutex, UnlockWithoutLockIsRefused) {
  for (MutexType type : {MutexType::kNormal, MutexType::kRecursive, MutexType::kErrorChecking}) {
    Scenario s;
    TaskId t = s.Spawn();
    ObjectId m = s.Mutex(type);
    EXPECT_EQ(s.Do(kMainTask, OpKind::kMutexUnlock, m).error, EPERM);
    const bool checks = type == MutexType::kErrorChecking;
    EXPECT_EQ(s.m.last_misuse(), checks ? Misuse::kNone : Misuse::kUnlockNotHeld);
    s.Do(kMainTask, OpKind::kMutexLock, m);
    EXPECT_EQ(s.m.last_misuse(), Misuse::kNone);
    EXPECT_EQ(s.Do(t, OpKind::kMutexUnlock, m).error, EPERM);
    EXPECT_EQ(s.m.last_misuse(), checks ? Misuse::kNone : Misuse::kUnlockByOther);
    EXPECT_EQ(s.m.object(m).owner, kMainTask);
  }
}

TEST(Mutex, TryLockOfHeldMutexIsBusy) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex();
  EXPECT_EQ(s.Do(kMainTask, OpKind::kMutexTryLock, m).error, 0);
  s.sync.Take();
  EXPECT_EQ(s.Do(t, OpKind::kMutexTryLock, m).error, EBUSY);
  EXPECT_EQ(s.sync.Take(), "");
}

TEST(Mutex, TimedLockTimesOutOnlyWhileTheMutexIsHeld) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex();
  Operation timed{.kind = OpKind::kMutexTimedLock, .object = m, .deadline = 50};
  EXPECT_EQ(s.At(kMainTask, timed), kOnlyNormal);
  s.Go(kMainTask);
  EXPECT_EQ(s.At(t, timed), kOnlyTimeout);
  EXPECT_EQ(s.Go(t, kTimeout).error, ETIMEDOUT);
  EXPECT_EQ(s.m.now(), 50u);
  EXPECT_EQ(s.m.task(t).status, TaskStatus::kRunning);
}

TEST(Mutex, DestroyWhileHeldIsRefusedAndUseAfterwardsIsMisuse) {
  Scenario s;
  ObjectId m = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kDestroy, m).error, EBUSY);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kDestroyHeld);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.Do(kMainTask, OpKind::kDestroy, m).error, 0);
  s.At(kMainTask, OpKind::kMutexLock, m);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kUseDestroyed);
}

TEST(SpinLock, ExcludesAndReportsMisuse) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId l = s.Object(ObjectKind::kSpinLock);
  s.Do(kMainTask, OpKind::kSpinLock, l);
  EXPECT_EQ(s.Do(t, OpKind::kSpinTryLock, l).error, EBUSY);
  EXPECT_EQ(s.Do(t, OpKind::kSpinUnlock, l).error, EPERM);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kUnlockByOther);
  EXPECT_EQ(s.At(t, OpKind::kSpinLock, l), kNothing);
  EXPECT_EQ(s.At(kMainTask, OpKind::kSpinLock, l), kNothing);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kRelock);
}

}  // namespace
}  // namespace csim
