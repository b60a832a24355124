#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

class RwLock : public testing::TestWithParam<RwPolicy> {
 protected:
  RwLock() {
    for (TaskId& task : t) task = s.Spawn();
    lock = s.Object(ObjectKind::kRwLock);
    s.m.set_rw_policy(lock, GetParam());
  }
  bool queues() const { return GetParam() != RwPolicy::kReaderFirst; }

  // The task asks for the lock: true if it has it, false if it waits for it.
  bool Ask(TaskId task, OpKind kind, uint64_t deadline = kNoDeadline) {
    Alternatives can = s.At(task, {.kind = kind, .object = lock, .deadline = deadline});
    if (!can.Has(kNormal)) return false;
    return !s.Go(task).blocked;
  }
  bool Reads(TaskId task) { return Ask(task, OpKind::kReadLock); }
  bool Writes(TaskId task) { return Ask(task, OpKind::kWriteLock); }
  bool CanEnter(TaskId task) const { return s.Can(task).Has(kNormal); }
  int Try(TaskId task, OpKind kind) { return s.Do(task, kind, lock).error; }
  int Unlock(TaskId task) { return s.Do(task, OpKind::kRwUnlock, lock).error; }

  Scenario s;
  TaskId t[5];
  ObjectId lock;
};

TEST_P(RwLock, ReadersShareAndWritersExclude) {
  EXPECT_TRUE(Reads(t[0]));
  EXPECT_TRUE(Reads(t[1]));
  EXPECT_FALSE(Writes(t[2]));
  Unlock(t[0]);
  EXPECT_FALSE(CanEnter(t[2]));
  Unlock(t[1]);
  EXPECT_TRUE(CanEnter(t[2]));
  EXPECT_FALSE(s.Go(t[2]).blocked);
  EXPECT_FALSE(Reads(t[0]));
  EXPECT_FALSE(Writes(t[1]));
  Unlock(t[2]);
  EXPECT_TRUE(CanEnter(t[1]) || CanEnter(t[0]));
}

TEST_P(RwLock, OrdersEventsByMode) {
  std::string o = std::to_string(Index(lock));
  Reads(t[0]);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + o);
  Unlock(t[0]);
  EXPECT_EQ(s.sync.Take(), "rel-shared 1 " + o);
  Writes(t[0]);
  EXPECT_EQ(s.sync.Take(), "acq-all 1 " + o);
  Unlock(t[0]);
  EXPECT_EQ(s.sync.Take(), "rel 1 " + o);
}

TEST_P(RwLock, AReaderMeetsAWaitingWriter) {
  Reads(t[0]);
  EXPECT_FALSE(Writes(t[1]));
  bool gets_in = !queues();
  EXPECT_EQ(Reads(t[2]), gets_in);
  EXPECT_EQ(Try(t[3], OpKind::kReadTryLock), gets_in ? 0 : EBUSY);
}

TEST_P(RwLock, OrderAfterAWriter) {
  // Inside: t0 writes. Arriving: reader t1, writer t2, reader t3, writer t4.
  Writes(t[0]);
  EXPECT_FALSE(Reads(t[1]));
  EXPECT_FALSE(Writes(t[2]));
  EXPECT_FALSE(Reads(t[3]));
  EXPECT_FALSE(Writes(t[4]));
  Unlock(t[0]);
  bool can[4] = {CanEnter(t[1]), CanEnter(t[2]), CanEnter(t[3]), CanEnter(t[4])};
  switch (GetParam()) {
    case RwPolicy::kReaderFirst: EXPECT_TRUE(can[0] && can[1] && can[2] && can[3]); break;
    case RwPolicy::kWriterFirst: EXPECT_TRUE(!can[0] && can[1] && !can[2] && !can[3]); break;
    case RwPolicy::kFair: EXPECT_TRUE(can[0] && !can[1] && !can[2] && !can[3]); break;
  }
}

TEST_P(RwLock, AdjacentReadersGoTogether) {
  Writes(t[0]);
  Reads(t[1]);
  Reads(t[2]);
  Writes(t[3]);
  Unlock(t[0]);
  if (GetParam() == RwPolicy::kWriterFirst) {
    EXPECT_TRUE(CanEnter(t[3]));
    s.Go(t[3]);
    Unlock(t[3]);
  }
  EXPECT_TRUE(CanEnter(t[1]) && CanEnter(t[2]));
  s.Go(t[2]);
  EXPECT_TRUE(CanEnter(t[1]));
}

TEST_P(RwLock, TryLocksAreBusy) {
  EXPECT_EQ(Try(t[0], OpKind::kWriteTryLock), 0);
  EXPECT_EQ(Try(t[1], OpKind::kReadTryLock), EBUSY);
  EXPECT_EQ(Try(t[1], OpKind::kWriteTryLock), EBUSY);
  EXPECT_EQ(Try(t[0], OpKind::kReadTryLock), EBUSY);
}

TEST_P(RwLock, RelockByTheWriterWouldDeadlock) {
  Writes(t[0]);
  EXPECT_EQ(s.Do(t[0], OpKind::kReadLock, lock).error, EDEADLK);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kRelock);
  EXPECT_EQ(s.Do(t[0], OpKind::kWriteLock, lock).error, EDEADLK);
  EXPECT_EQ(Unlock(t[0]), 0);
}

TEST_P(RwLock, UpgradeIsMisuseAndWaitsForEver) {
  Reads(t[0]);
  s.At(t[0], OpKind::kWriteLock, lock);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kRelock);
  if (queues()) EXPECT_TRUE(s.Go(t[0]).blocked);
  EXPECT_EQ(s.Can(t[0]), kNothing);
}

TEST_P(RwLock, RecursiveReadLocksCount) {
  Reads(t[0]);
  EXPECT_TRUE(Reads(t[0]));
  EXPECT_EQ(s.m.object(lock).count, 2u);
  EXPECT_EQ(Unlock(t[0]), 0);
  EXPECT_FALSE(Writes(t[1]));
  EXPECT_EQ(Unlock(t[0]), 0);
  EXPECT_TRUE(CanEnter(t[1]));
}

TEST_P(RwLock, UnlockByOtherIsRefused) {
  EXPECT_EQ(Unlock(t[0]), EPERM);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kUnlockNotHeld);
  Reads(t[0]);
  EXPECT_EQ(Unlock(t[1]), EPERM);
  EXPECT_EQ(s.m.last_misuse(), Misuse::kUnlockByOther);
  EXPECT_EQ(s.m.object(lock).count, 1u);
}

TEST_P(RwLock, TimedLocksTimeOutAndLeaveTheQueue) {
  Writes(t[0]);
  EXPECT_FALSE(Ask(t[1], OpKind::kReadTimedLock, 10));
  EXPECT_FALSE(Ask(t[2], OpKind::kWriteTimedLock, 20));
  EXPECT_EQ(s.Can(t[1]), kOnlyTimeout);
  EXPECT_EQ(s.Can(t[2]), kOnlyTimeout);
  EXPECT_EQ(s.Go(t[2], kTimeout).error, ETIMEDOUT);
  EXPECT_EQ(s.m.now(), 20u);
  EXPECT_EQ(s.m.object(lock).waiters, queues() ? 1u : 0u);
  Unlock(t[0]);
  EXPECT_EQ(s.Can(t[1]), kOnlyNormal);
  EXPECT_EQ(s.Go(t[1]).error, 0);
  EXPECT_EQ(s.m.object(lock).waiters, 0u);
}

INSTANTIATE_TEST_SUITE_P(Policies, RwLock,
                         testing::Values(RwPolicy::kReaderFirst, RwPolicy::kWriterFirst,
                                         RwPolicy::kFair));

}  // namespace
}  // namespace csim
