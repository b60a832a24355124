// Tasks that repeat themselves wait for a change of what they watch.
#include "tests/model/scenario.h"

namespace csim {
namespace {

Operation Load(ObjectId object, Spin spin = Spin::kNone) {
  return {.kind = OpKind::kAtomicLoad, .spin = spin, .size = 1, .object = object};
}

TEST(Spin, WaitsUntilTheObjectChanges) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId flag = s.Object(ObjectKind::kMemory);
  s.m.task(t).watch.push_back({flag, s.m.object(flag).changes});
  EXPECT_EQ(s.At(t, Load(flag, Spin::kNarrow)), kNothing);
  EXPECT_TRUE(s.m.SpinsInVain(s.m.task(t)));
  s.m.NoteChange(flag);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
}

TEST(Spin, AnyWatchedObjectEndsIt) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId a = s.Object(ObjectKind::kMemory);
  ObjectId b = s.Object(ObjectKind::kMemory);
  s.m.task(t).watch = {{a, 0}, {b, 0}};
  EXPECT_EQ(s.At(t, Load(a, Spin::kNarrow)), kNothing);
  s.m.NoteChange(b);
  EXPECT_EQ(s.Can(t), kOnlyNormal);
}

TEST(Spin, AWatchOfNothingLastsForEver) {
  Scenario s;
  TaskId t = s.Spawn();
  EXPECT_EQ(s.At(t, {.kind = OpKind::kYield, .spin = Spin::kNarrow}), kNothing);
}

TEST(Spin, ACriticalSectionWithoutEffectIsNoChange) {
  Scenario s;
  ObjectId m = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, m);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.m.object(m).changes, 0u);
  s.Do(kMainTask, OpKind::kMutexLock, m);
  s.m.NoteEffect(kMainTask);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.m.object(m).changes, 1u);
}

TEST(Spin, AnEffectUnderTwoLocksChangesBoth) {
  Scenario s;
  ObjectId a = s.Mutex();
  ObjectId b = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, a);
  s.Do(kMainTask, OpKind::kMutexLock, b);
  s.m.NoteEffect(kMainTask);
  s.Do(kMainTask, OpKind::kMutexUnlock, a);
  s.Do(kMainTask, OpKind::kMutexUnlock, b);
  EXPECT_EQ(s.m.object(a).changes, 1u);
  EXPECT_EQ(s.m.object(b).changes, 1u);
}

TEST(Spin, ATryInVainMakesTheNextUnlockAChange) {
  Scenario s;
  TaskId t = s.Spawn();
  ObjectId m = s.Mutex();
  s.Do(kMainTask, OpKind::kMutexLock, m);
  EXPECT_NE(s.Do(t, OpKind::kMutexTryLock, m).error, 0);
  s.Do(kMainTask, OpKind::kMutexUnlock, m);
  EXPECT_EQ(s.m.object(m).changes, 1u);
}

TEST(Spin, DependsOnWhatMayEndIt) {
  Scenario s;
  ObjectId a = s.Object(ObjectKind::kMemory);
  ObjectId b = s.Object(ObjectKind::kMemory);
  ObjectId c = s.Object(ObjectKind::kMemory);
  Operation spinning = Load(a, Spin::kNarrow);
  spinning.object2 = b;
  const Operation write_b{.kind = OpKind::kAtomicStore, .size = 1, .offset = 4, .object = b};
  const Operation write_c{.kind = OpKind::kAtomicStore, .size = 1, .object = c};
  EXPECT_TRUE(Dependent(spinning, write_b));
  EXPECT_TRUE(Dependent(write_b, spinning));
  EXPECT_FALSE(Dependent(spinning, write_c));
  EXPECT_FALSE(Dependent(spinning, Load(b)));
  spinning.spin = Spin::kWide;
  EXPECT_TRUE(Dependent(spinning, write_c));
  EXPECT_FALSE(Dependent(spinning, Load(c)));
  const Operation yield{.kind = OpKind::kYield, .spin = Spin::kNarrow, .object = a};
  EXPECT_TRUE(Dependent(yield, {.kind = OpKind::kAtomicStore, .size = 1, .object = a}));
}

}  // namespace
}  // namespace csim
