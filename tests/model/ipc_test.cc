// System V semaphores and locks on files.
#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

Operation Adjust(ObjectId object, int16_t step, ObjectId object2 = kNoObject, int16_t step2 = 0,
                 bool waits = true) {
  return {.kind = OpKind::kSemAdjust,
          .object = object,
          .object2 = object2,
          .argument = SemAdjustArgument(step, step2, waits)};
}

TEST(SemAdjust, AllStepsOrNone) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  const ObjectId b = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 2;
  EXPECT_EQ(s.At(t, Adjust(a, -2, b, -1)), kNothing);
  EXPECT_EQ(s.m.object(a).count, 2u);
  s.Do(kMainTask, Adjust(b, 3));
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.m.object(a).count, 0u);
  EXPECT_EQ(s.m.object(b).count, 2u);
  EXPECT_EQ(s.Do(t, Adjust(a, -1, b, -1, false)).error, EAGAIN);
}

TEST(SemAdjust, WaitsForZeroThenTakesTheSameOne) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 1;
  EXPECT_EQ(s.At(t, Adjust(a, 0, a, 1)), kNothing);
  s.Do(kMainTask, Adjust(a, -1));
  EXPECT_EQ(s.Go(t).error, 0);
  EXPECT_EQ(s.m.object(a).count, 1u);
}

TEST(SemAdjust, RemovalEndsTheWait) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  EXPECT_EQ(s.At(t, Adjust(a, -1)), kNothing);
  s.Do(kMainTask, {.kind = OpKind::kSemSet, .object = a, .argument = kRemoveSemaphore});
  EXPECT_EQ(s.Go(t).error, EIDRM);
}

TEST(SemAdjust, ValuesHaveALimit) {
  Scenario s;
  const ObjectId a = s.Object(ObjectKind::kSemaphore);
  s.m.object(a).count = 32767;
  EXPECT_EQ(s.Do(kMainTask, Adjust(a, 1)).error, ERANGE);
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
