#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

Operation On(OpKind kind, const Scenario& s, TaskId target) {
  return {.kind = kind, .object = s.m.task(target).thread_object};
}

TEST(Thread, ChildIsSchedulableOnceCreateWasPerformed) {
  Scenario s;
  TaskId t = s.m.AddTask(kMainTask);
  EXPECT_EQ(s.Can(t), kNothing);
  s.At(kMainTask, {.kind = OpKind::kThreadCreate,
                   .object = s.m.task(t).thread_object,
                   .argument = Index(t),
                   .site = SiteId{3}});
  EXPECT_EQ(s.Can(t), kNothing);
  s.Go(kMainTask);
  EXPECT_EQ(s.sync.Take(), "transfer 0 1");
  EXPECT_EQ(s.Can(t), kOnlyNormal);
  EXPECT_EQ(s.m.task(t).pending.kind, OpKind::kThreadStart);
  EXPECT_EQ(s.m.task(t).created_at, SiteId{3});
  EXPECT_EQ(s.m.task(t).parent, kMainTask);
}

TEST(Thread, JoinWaitsForTheEnd) {
  Scenario s;
  TaskId t = s.Spawn();
  EXPECT_EQ(s.At(kMainTask, On(OpKind::kThreadJoin, s, t)), kNothing);
  s.m.Finish(t);
  EXPECT_EQ(s.m.live_tasks().size(), 1u);
  EXPECT_EQ(s.Can(kMainTask), kOnlyNormal);
  EXPECT_EQ(s.Go(kMainTask).error, 0);
  EXPECT_EQ(s.sync.Take(), "transfer 1 0");
}

TEST(Thread, SecondJoinIsMisuse) {
  Scenario s;
  TaskId t = s.Spawn();
  s.m.Finish(t);
  s.Do(kMainTask, On(OpKind::kThreadJoin, s, t));
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadJoin, s, t)).error, EINVAL);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kJoinTwice);
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadDetach, s, t)).error, EINVAL);
}

TEST(Thread, JoinOfADetachedTaskIsMisuseAtOnce) {
  Scenario s;
  TaskId t = s.Spawn();
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadDetach, s, t)).error, 0);
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadJoin, s, t)).error, EINVAL);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kJoinTwice);
}

TEST(Thread, JoinOnItselfWouldDeadlock) {
  Scenario s;
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadJoin, s, kMainTask)).error, EDEADLK);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kJoinSelf);
}

TEST(Thread, TryJoinIsBusyUntilTheEnd) {
  Scenario s;
  TaskId t = s.Spawn();
  EXPECT_EQ(s.At(kMainTask, On(OpKind::kThreadTryJoin, s, t)), kOnlyTimeout);
  EXPECT_EQ(s.Go(kMainTask, kTimeout).error, EBUSY);
  s.m.Finish(t);
  EXPECT_EQ(s.At(kMainTask, On(OpKind::kThreadTryJoin, s, t)), (Alternatives{kNormal, 2}));
  EXPECT_EQ(s.Go(kMainTask, kTimeout).error, EBUSY);
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadTryJoin, s, t)).error, 0);
  EXPECT_EQ(s.Do(kMainTask, On(OpKind::kThreadTryJoin, s, t)).error, EINVAL);
}

TEST(Thread, TimedJoinTimesOutWhileTheOtherRuns) {
  Scenario s;
  TaskId t = s.Spawn();
  Operation join = On(OpKind::kThreadTimedJoin, s, t);
  join.deadline = 5;
  EXPECT_EQ(s.At(kMainTask, join), kOnlyTimeout);
  EXPECT_EQ(s.Go(kMainTask, kTimeout).error, ETIMEDOUT);
  s.m.Finish(t);
  EXPECT_EQ(s.At(kMainTask, join), (Alternatives{kNormal, 2}));
  EXPECT_EQ(s.Go(kMainTask).error, 0);
  EXPECT_EQ(s.At(kMainTask, join), kOnlyNormal);  // EINVAL
}

TEST(Thread, CancelWakesACancellationPointOnly) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId sem = s.Object(ObjectKind::kSemaphore);
  EXPECT_EQ(s.At(t, OpKind::kSemWait, sem), kNothing);
  s.Do(kMainTask, On(OpKind::kThreadCancel, s, t));
  EXPECT_EQ(s.Can(t), kNothing);
  s.m.task(t).cancelable = true;
  EXPECT_EQ(s.Can(t), kOnlyNormal);
  EXPECT_EQ(s.Go(t).error, ECANCELED);
  EXPECT_FALSE(s.m.task(t).cancelable);
}

TEST(Thread, CancelledConditionWaitTakesTheMutexBackFirst) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex();
  ObjectId c = s.Object(ObjectKind::kCondition);
  Operation wait{.kind = OpKind::kCondWait, .object = c, .object2 = m};
  s.Do(t, OpKind::kMutexLock, m);
  s.m.SetPending(t, wait);
  s.m.task(t).cancelable = true;
  EXPECT_TRUE(s.Go(t).blocked);
  s.Do(kMainTask, OpKind::kMutexLock, m);
  s.Do(kMainTask, On(OpKind::kThreadCancel, s, t));
  EXPECT_TRUE(s.Go(t).blocked);
  EXPECT_EQ(s.m.object(c).waiters, 0u);
  EXPECT_EQ(s.Can(t), kNothing);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.Go(t).error, ECANCELED);
  EXPECT_EQ(s.m.object(m).owner, t);
  // Before it waits: the mutex is not even given up.
  s.m.SetPending(t, wait);
  s.m.task(t).cancelable = true;
  OpResult result = s.Go(t);
  EXPECT_EQ(result.error, ECANCELED);
  EXPECT_FALSE(result.blocked);
  EXPECT_EQ(s.m.object(m).owner, t);
}

TEST(Machine, ResetForgetsEverything) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex(MutexType::kRecursive);
  s.Do(t, OpKind::kMutexLock, m);
  s.m.task(t).cancel_requested = true;
  s.m.AdvanceTo(9);
  s.Do(kMainTask, OpKind::kAtomicBegin, kNoObject);
  s.m.Reset({}, nullptr);
  EXPECT_EQ(s.m.task_count(), 1u);
  EXPECT_EQ(s.m.object_count(), 1u);
  EXPECT_EQ(s.m.now(), 0u);
  EXPECT_EQ(s.m.atomic_owner(), kNoTask);
  EXPECT_EQ(s.Spawn(), t);
  EXPECT_TRUE(s.m.task(t).held.empty());
  EXPECT_FALSE(s.m.task(t).cancel_requested);
  ObjectId again = s.Object(ObjectKind::kMutex);
  EXPECT_EQ(again, m);
  EXPECT_EQ(s.m.object(again).owner, kNoTask);
  EXPECT_EQ(s.m.object(again).mutex_type, MutexType::kNormal);
}

}  // namespace
}  // namespace csim
