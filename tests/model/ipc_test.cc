// System V semaphores and locks on files.
#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

using Steps = std::vector<SemStep>;

TEST(SemAdjust, AllStepsOrNone) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  const ObjectId b = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 2;
  EXPECT_EQ(s.At(t, s.m.SemAdjustOf(Steps{{a, -2}, {b, -1}})), kNothing);
  EXPECT_EQ(s.m.object(a).count, 2u);
  s.Do(kMainTask, s.m.SemAdjustOf(Steps{{b, 3}}));
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.m.object(a).count, 0u);
  EXPECT_EQ(s.m.object(b).count, 2u);
  EXPECT_EQ(s.Do(t, s.m.SemAdjustOf(Steps{{a, -1, false}, {b, -1}})).error, EAGAIN);
  // Only a step that would have to wait itself keeps the others from waiting.
  EXPECT_EQ(s.At(t, s.m.SemAdjustOf(Steps{{b, -1, false}, {a, -1}})), kNothing);
}

TEST(SemAdjust, ManyStepsOneAfterTheOther) {
  Scenario s;
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  const ObjectId b = s.Object(ObjectKind::kSemaphore);
  const ObjectId c = s.Object(ObjectKind::kSemaphore);
  const Operation all = s.m.SemAdjustOf(Steps{{a, 0}, {a, 3}, {b, 1}, {a, -2}, {c, 5}, {a, -1}});
  EXPECT_EQ(all.use_count, 3u);
  EXPECT_EQ(s.Do(kMainTask, all).error, 0);
  EXPECT_EQ(s.m.object(a).count, 0u);
  EXPECT_EQ(s.m.object(b).count, 1u);
  EXPECT_EQ(s.m.object(c).count, 5u);
  const Operation of_c = s.m.SemAdjustOf(Steps{{c, 1}});
  const Operation of_another = s.m.SemAdjustOf(Steps{{s.Object(ObjectKind::kSemaphore), 1}});
  EXPECT_TRUE(Dependent(all, of_c));
  EXPECT_TRUE(Dependent(of_c, all));
  EXPECT_FALSE(Dependent(all, of_another));
}

TEST(SemAdjust, UndoneBeforeTheExitAndOnlyOnce) {
  Scenario s;
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  const ObjectId b = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 3;
  s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, -2, true, true}, {b, 1, true, true}, {b, 1}}));
  s.Do(kMainTask,
       {.kind = OpKind::kSemSet, .object = b, .argument = 7});  // forgets what is to be undone
  Operation undo = s.m.SemAdjustOf(Steps{{a}, {b}});
  undo.kind = OpKind::kSemUndo;
  for (int i = 0; i < 2; ++i) {
    s.Do(kMainTask, undo);
    EXPECT_EQ(s.m.object(a).count, 3u);
    EXPECT_EQ(s.m.object(b).count, 7u);
  }
}

TEST(SemAdjust, UndoneNoFurtherThanTheLimits) {
  Scenario s;
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  Operation undo = s.m.SemAdjustOf(Steps{{a}});
  undo.kind = OpKind::kSemUndo;
  s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, 5, true, true}}));
  s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, -3}}));
  s.Do(kMainTask, undo);
  EXPECT_EQ(s.m.object(a).count, 0u);
  EXPECT_EQ(s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, 32767, true, true}})).error, 0);
  EXPECT_EQ(s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, -32767}, {a, 2, true, true}})).error, ERANGE);
}

TEST(SemAdjust, WaitsForZeroThenTakesTheSameOne) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 1;
  EXPECT_EQ(s.At(t, s.m.SemAdjustOf(Steps{{a, 0}, {a, 1}})), kNothing);
  s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, -1}}));
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.m.object(a).count, 1u);
}

TEST(SemAdjust, RemovalEndsTheWait) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  EXPECT_EQ(s.At(t, s.m.SemAdjustOf(Steps{{a, -1}})), kNothing);
  s.Do(kMainTask, {.kind = OpKind::kSemSet, .object = a, .argument = kRemoveSemaphore});
  EXPECT_EQ(s.Go(t).error, EIDRM);
}

TEST(SemAdjust, ValuesHaveALimit) {
  Scenario s;
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 32767;
  EXPECT_EQ(s.Do(kMainTask, s.m.SemAdjustOf(Steps{{a, 1}})).error, ERANGE);
}

TEST(FileLock, ManyShareOneExcludes) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId lock = s.Object(ObjectKind::kFileLock);
  constexpr uint64_t kMain = 1 << 2;
  constexpr uint64_t kOther = 2 << 2;
  const auto take = [&](uint64_t how) {
    return Operation{.kind = OpKind::kFileLock, .object = lock, .argument = how};
  };
  const Operation unlock{.kind = OpKind::kFileUnlock, .object = lock};
  s.Do(kMainTask, take(kMain));
  s.Do(t, take(kOther));
  EXPECT_EQ(s.Do(t, take(kOther | 3)).error, EAGAIN);
  s.Do(t, unlock);
  EXPECT_EQ(s.At(t, take(kOther | 1)), kNothing);
  s.Do(kMainTask, unlock);
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.At(kMainTask, take(kMain)), kNothing);
}

TEST(FileLock, ItsOwnerMayAskAgain) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId lock = s.Object(ObjectKind::kFileLock);
  const Operation mine{.kind = OpKind::kFileLock, .object = lock, .argument = 1 | 7 << 2};
  const Operation others{.kind = OpKind::kFileLock, .object = lock, .argument = 1 | 8 << 2};
  EXPECT_EQ(s.Do(kMainTask, mine).value, 1);
  EXPECT_EQ(s.Do(t, mine).value, 0);
  EXPECT_EQ(s.At(t, others), kNothing);
  s.Do(kMainTask, {.kind = OpKind::kFileUnlock, .object = lock});
  EXPECT_EQ(s.Go(t).value, 1);
}

}  // namespace
}  // namespace csim
