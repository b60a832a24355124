#include "checker/deadlock.h"

#include <gtest/gtest.h>

#include <memory_resource>

#include "model/machine.h"

namespace csim {
namespace {

class DeadlockTest : public testing::Test {
 protected:
  DeadlockTest() : m(std::pmr::new_delete_resource()), found(std::pmr::new_delete_resource()) {
    m.Reset({}, nullptr);
    for (TaskId& task : t) {
      task = m.AddTask(kMainTask);
      Do(kMainTask, {.kind = OpKind::kThreadCreate,
                     .object = m.task(task).thread_object,
                     .argument = Index(task)});
      m.Execute(task, kNormal);
    }
    a = m.AddObject(ObjectKind::kMutex);
    b = m.AddObject(ObjectKind::kMutex);
    c = m.AddObject(ObjectKind::kMutex);
  }
  void Do(TaskId task, const Operation& operation) {
    m.SetPending(task, operation);
    m.Execute(task, kNormal);
  }
  void Do(TaskId task, OpKind kind, ObjectId object, uint32_t site = 0) {
    Do(task, {.kind = kind, .object = object, .site = SiteId{site}});
  }
  void At(TaskId task, OpKind kind, ObjectId object, uint32_t site = 0) {
    m.SetPending(task, {.kind = kind, .object = object, .site = SiteId{site}});
  }
  void Join(TaskId task, TaskId other) {
    At(task, OpKind::kThreadJoin, m.task(other).thread_object);
  }
  const Wait& Only(TaskId task) {
    const Wait* only = nullptr;
    for (const Wait& wait : found.waits) {
      if (wait.task != task) continue;
      EXPECT_EQ(only, nullptr);
      only = &wait;
    }
    EXPECT_NE(only, nullptr);
    return *only;
  }
  std::vector<TaskId> Cycle() { return {found.cycle.begin(), found.cycle.end()}; }

  Machine m;
  Deadlock found;
  TaskId t[3];
  ObjectId a, b, c;
};

// t[0] and t[1] share the channels, each reads what the other writes.
class Crosswise : public ChannelUsers {
 public:
  Crosswise(ObjectId there, TaskId writer, TaskId reader)
      : there_(there), writer_(writer), reader_(reader) {}
  TaskId OnlyOther(ObjectId channel, bool writing_end, TaskId) const override {
    return (channel == there_) == writing_end ? writer_ : reader_;
  }

 private:
  ObjectId there_;
  TaskId writer_;
  TaskId reader_;
};

TEST_F(DeadlockTest, FullPipesBothWaysAreACycle) {
  const ObjectId there = m.AddObject(ObjectKind::kPipe);
  const ObjectId back = m.AddObject(ObjectKind::kPipe);
  for (ObjectId pipe : {there, back}) {
    m.object(pipe).limit = 1;
    m.ChangeEnds(kMainTask, pipe, 1, 1);
  }
  const auto write = [](ObjectId pipe) {
    return Operation{.kind = OpKind::kChannelWrite, .object = pipe, .argument = 1};
  };
  Do(t[0], write(there));
  Do(t[1], write(back));
  m.SetPending(t[0], write(there));
  m.SetPending(t[1], write(back));
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[0]).reason, WaitReason::kNoRoom);
  EXPECT_EQ(Only(t[0]).holder, kNoTask);
  EXPECT_TRUE(found.cycle.empty());
  const Crosswise users(there, t[0], t[1]);
  FindDeadlock(m, found, &users);
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{t[0], t[1]}));
}

TEST_F(DeadlockTest, TwoTasksTwoLocks) {
  Do(t[0], OpKind::kMutexLock, a, 1);
  Do(t[1], OpKind::kMutexLock, b, 2);
  At(t[0], OpKind::kMutexLock, b, 3);
  EXPECT_FALSE(InLockCycle(m, t[0]));
  At(t[1], OpKind::kMutexLock, a, 4);
  EXPECT_TRUE(InLockCycle(m, t[0]));
  EXPECT_TRUE(InLockCycle(m, t[1]));
  EXPECT_FALSE(InLockCycle(m, t[2]));
  Join(kMainTask, t[0]);
  EXPECT_FALSE(InLockCycle(m, kMainTask));  // waits for the cycle, is not in it

  FindDeadlock(m, found);
  EXPECT_EQ(found.waits.size(), 3u);
  const Wait& wait = Only(t[0]);
  EXPECT_EQ(wait.object, b);
  EXPECT_EQ(wait.site, SiteId{3});
  EXPECT_EQ(wait.reason, WaitReason::kHeld);
  EXPECT_EQ(wait.holder, t[1]);
  EXPECT_EQ(wait.held_site, SiteId{2});
  EXPECT_TRUE(wait.in_cycle);
  EXPECT_EQ(Only(kMainTask).reason, WaitReason::kNotEnded);
  EXPECT_FALSE(Only(kMainTask).in_cycle);
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{t[0], t[1]}));
}

TEST_F(DeadlockTest, ThreeTasksInACircle) {
  Do(t[0], OpKind::kMutexLock, a);
  Do(t[1], OpKind::kMutexLock, b);
  Do(t[2], OpKind::kMutexLock, c);
  At(t[0], OpKind::kMutexLock, b);
  At(t[1], OpKind::kMutexLock, c);
  EXPECT_FALSE(InLockCycle(m, t[1]));
  At(t[2], OpKind::kMutexLock, a);
  EXPECT_TRUE(InLockCycle(m, t[2]));
  FindDeadlock(m, found);
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{t[0], t[1], t[2]}));
}

TEST_F(DeadlockTest, ATimedLockIsNoDeadlock) {
  Do(t[0], OpKind::kMutexLock, a);
  Do(t[1], OpKind::kMutexLock, b);
  At(t[0], OpKind::kMutexLock, b);
  m.SetPending(t[1], {.kind = OpKind::kMutexTimedLock, .object = a, .deadline = 5});
  EXPECT_FALSE(InLockCycle(m, t[0]));
  EXPECT_FALSE(InLockCycle(m, t[1]));
}

TEST_F(DeadlockTest, RelockByTheHolder) {
  Do(t[0], OpKind::kMutexLock, a, 1);
  At(t[0], OpKind::kMutexLock, a, 2);
  EXPECT_TRUE(InLockCycle(m, t[0]));
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[0]).reason, WaitReason::kHeldBySelf);
  EXPECT_EQ(Only(t[0]).held_site, SiteId{1});
  EXPECT_EQ(Cycle(), std::vector<TaskId>{t[0]});
}

TEST_F(DeadlockTest, OwnerHasEnded) {
  Do(t[0], OpKind::kMutexLock, a, 1);
  m.Finish(t[0]);
  At(t[1], OpKind::kMutexLock, a);
  EXPECT_FALSE(InLockCycle(m, t[1]));
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[1]).reason, WaitReason::kOwnerEnded);
  EXPECT_EQ(Only(t[1]).holder, t[0]);
  EXPECT_EQ(Only(t[1]).held_site, SiteId{1});
  EXPECT_TRUE(Cycle().empty());
}

TEST_F(DeadlockTest, NobodySignals) {
  ObjectId condition = m.AddObject(ObjectKind::kCondition);
  Do(t[0], OpKind::kMutexLock, a);
  Do(t[0], {.kind = OpKind::kCondWait, .object = condition, .object2 = a});
  Join(kMainTask, t[0]);
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[0]).reason, WaitReason::kNobodySignals);
  EXPECT_EQ(Only(t[0]).object, condition);
  EXPECT_EQ(Only(t[0]).holder, kNoTask);
  EXPECT_TRUE(Cycle().empty());
}

TEST_F(DeadlockTest, AWokenTaskWaitsForItsMutex) {
  ObjectId condition = m.AddObject(ObjectKind::kCondition);
  Do(t[0], OpKind::kMutexLock, b);
  Do(t[0], OpKind::kMutexLock, a);
  Do(t[0], {.kind = OpKind::kCondWait, .object = condition, .object2 = a});
  Do(t[1], OpKind::kMutexLock, a);
  Do(t[1], OpKind::kCondSignal, condition);
  At(t[1], OpKind::kMutexLock, b);
  EXPECT_TRUE(InLockCycle(m, t[0]));
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[0]).object, a);
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{t[0], t[1]}));
}

TEST_F(DeadlockTest, JoinInTheCycle) {
  Do(kMainTask, OpKind::kMutexLock, a);
  At(t[0], OpKind::kMutexLock, a);
  EXPECT_FALSE(InLockCycle(m, t[0]));
  Join(kMainTask, t[0]);
  EXPECT_TRUE(InLockCycle(m, kMainTask));
  FindDeadlock(m, found);
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{kMainTask, t[0]}));
}

TEST_F(DeadlockTest, SeveralReadersHoldUpAWriter) {
  ObjectId rw = m.AddObject(ObjectKind::kRwLock);
  Do(t[0], OpKind::kReadLock, rw, 1);
  Do(t[1], OpKind::kReadLock, rw, 2);
  Do(t[2], OpKind::kMutexLock, a);
  At(t[2], OpKind::kWriteLock, rw);
  EXPECT_FALSE(InLockCycle(m, t[2]));
  At(t[1], OpKind::kMutexLock, a);
  EXPECT_TRUE(InLockCycle(m, t[1]));
  EXPECT_TRUE(InLockCycle(m, t[2]));
  FindDeadlock(m, found);
  EXPECT_EQ(found.waits.size(), 3u);  // t1 for t2; t2 for t0 and for t1
  EXPECT_EQ(found.waits[1].holder, t[0]);
  EXPECT_EQ(found.waits[1].holder_mode, LockMode::kShared);
  EXPECT_EQ(found.waits[2].held_site, SiteId{2});
  EXPECT_EQ(Cycle(), (std::vector<TaskId>{t[1], t[2]}));
}

TEST_F(DeadlockTest, ReadLockTakenTwiceAroundAQueuedWriter) {
  for (RwPolicy policy : {RwPolicy::kWriterFirst, RwPolicy::kFair}) {
    ObjectId rw = m.AddObject(ObjectKind::kRwLock);
    m.set_rw_policy(rw, policy);
    TaskId reader = policy == RwPolicy::kFair ? t[0] : t[1];
    TaskId writer = policy == RwPolicy::kFair ? t[2] : kMainTask;
    Do(reader, OpKind::kReadLock, rw);
    Do(writer, OpKind::kWriteLock, rw);
    EXPECT_FALSE(InLockCycle(m, writer));
    Do(reader, OpKind::kReadLock, rw);
    EXPECT_TRUE(InLockCycle(m, writer));
    EXPECT_TRUE(InLockCycle(m, reader));
    FindDeadlock(m, found);
    EXPECT_EQ(Only(reader).reason, WaitReason::kQueued);
    EXPECT_EQ(Only(reader).holder, writer);
    EXPECT_EQ(Only(writer).reason, WaitReason::kHeld);
  }
}

TEST_F(DeadlockTest, BarrierThatNotAllReach) {
  ObjectId barrier = m.AddObject(ObjectKind::kBarrier);
  m.object(barrier).limit = 3;
  Do(t[0], OpKind::kBarrierWait, barrier);
  FindDeadlock(m, found);
  EXPECT_EQ(Only(t[0]).reason, WaitReason::kNotAllArrived);
}

}  // namespace
}  // namespace csim
