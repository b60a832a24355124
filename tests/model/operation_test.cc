#include "model/operation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/machine.h"

namespace csim {
namespace {

TEST(OperationTable, EveryKindHasItsOwnRowAndName) {
  std::set<std::string> names;
  for (int i = 0; i < static_cast<int>(OpKind::kCount); ++i) {
    OpKind kind = static_cast<OpKind>(i);
    EXPECT_EQ(RowOf(kind).kind, kind) << RowOf(kind).name;
    EXPECT_TRUE(names.insert(RowOf(kind).name).second) << RowOf(kind).name;
    EXPECT_NE(RowOf(kind).enabled, nullptr);
    EXPECT_NE(RowOf(kind).execute, nullptr);
  }
}

TEST(OperationTable, EveryMisuseHasAName) {
  for (int i = 0; i <= static_cast<int>(Misuse::kJoinSelf); ++i) {
    EXPECT_STRNE(NameOf(static_cast<Misuse>(i)), "unknown");
  }
}

constexpr ObjectId kX{1};
constexpr ObjectId kY{2};

struct DependenceRow {
  const char* name;
  Operation a, b;
  bool dependent;
};
void PrintTo(const DependenceRow& row, std::ostream* os) { *os << row.name; }

class DependenceTest : public testing::TestWithParam<DependenceRow> {};

TEST_P(DependenceTest, IsAsWrittenAndSymmetric) {
  EXPECT_EQ(Dependent(GetParam().a, GetParam().b), GetParam().dependent);
  EXPECT_EQ(Dependent(GetParam().b, GetParam().a), GetParam().dependent);
}

Operation Op(OpKind kind, ObjectId object) { return {.kind = kind, .object = object}; }
Operation Wait(ObjectId condition, ObjectId mutex) {
  return {.kind = OpKind::kCondWait, .object = condition, .object2 = mutex};
}
Operation Relock(ObjectId condition, ObjectId mutex) {
  return {.kind = OpKind::kCondRelock, .object = condition, .object2 = mutex};
}
Operation Bytes(OpKind kind, uint8_t offset, uint8_t size) {
  return {.kind = kind, .size = size, .offset = offset, .object = kX};
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DependenceTest,
    testing::Values(
        DependenceRow{"one mutex", Op(OpKind::kMutexLock, kX), Op(OpKind::kMutexUnlock, kX), true},
        DependenceRow{"two mutexes", Op(OpKind::kMutexLock, kX), Op(OpKind::kMutexLock, kY), false},
        DependenceRow{"two loads", Op(OpKind::kAtomicLoad, kX), Op(OpKind::kAtomicLoad, kX), false},
        DependenceRow{"load, store", Op(OpKind::kAtomicLoad, kX), Op(OpKind::kAtomicStore, kX),
                      true},
        DependenceRow{"bytes apart", Bytes(OpKind::kPlainWrite, 0, 4),
                      Bytes(OpKind::kPlainWrite, 4, 4), false},
        DependenceRow{"bytes overlap", Bytes(OpKind::kPlainWrite, 0, 4),
                      Bytes(OpKind::kPlainRead, 3, 1), true},
        DependenceRow{"whole and part", Bytes(OpKind::kAtomicRmw, 0, 8),
                      Bytes(OpKind::kPlainRead, 7, 1), true},
        DependenceRow{"wide atomic", Bytes(OpKind::kAtomicRmw, 0, 16),
                      Bytes(OpKind::kPlainRead, 15, 1), true},
        DependenceRow{"wait, lock of its mutex", Wait(kX, kY), Op(OpKind::kMutexLock, kY), true},
        DependenceRow{"wait, signal", Wait(kX, kY), Op(OpKind::kCondSignal, kX), true},
        DependenceRow{"relock, signal", Relock(kX, kY), Op(OpKind::kCondSignal, kX), false},
        DependenceRow{"relock, lock", Relock(kX, kY), Op(OpKind::kMutexLock, kY), true},
        DependenceRow{"two readers", Op(OpKind::kReadLock, kX), Op(OpKind::kReadTryLock, kX),
                      false},
        DependenceRow{"reader, writer", Op(OpKind::kReadLock, kX), Op(OpKind::kWriteLock, kX),
                      true},
        DependenceRow{"queued writer times out, reader tries", Op(OpKind::kWriteBlocked, kX),
                      Op(OpKind::kReadTryLock, kX), true},
        DependenceRow{"two queued readers", Op(OpKind::kReadBlocked, kX),
                      Op(OpKind::kReadBlocked, kX), false},
        DependenceRow{"order in a futex's queue", Op(OpKind::kFutexWait, kX),
                      Op(OpKind::kFutexWait, kX), true},
        DependenceRow{"futex timeout, wake", Op(OpKind::kFutexBlocked, kX),
                      Op(OpKind::kFutexWake, kX), true},
        DependenceRow{"futex timeout, arrival", Op(OpKind::kFutexBlocked, kX),
                      Op(OpKind::kFutexWait, kX), true},
        DependenceRow{"semaphore value", Op(OpKind::kSemGetValue, kX), Op(OpKind::kSemPost, kX),
                      true},
        DependenceRow{"atomic block", Op(OpKind::kAtomicBegin, kNoObject),
                      Op(OpKind::kAtomicLoad, kX), true},
        DependenceRow{"exit", Op(OpKind::kProcessExit, kNoObject), Op(OpKind::kMutexLock, kX),
                      true},
        DependenceRow{"exit, fence", Op(OpKind::kProcessExit, kNoObject),
                      Op(OpKind::kFence, kNoObject), true},
        DependenceRow{"cancel, join", Op(OpKind::kThreadCancel, kX), Op(OpKind::kThreadJoin, kY),
                      true},
        DependenceRow{"cancel, start", Op(OpKind::kThreadCancel, kX), Op(OpKind::kThreadStart, kX),
                      false},
        DependenceRow{"two yields", Op(OpKind::kYield, kNoObject), Op(OpKind::kYield, kNoObject),
                      false},
        DependenceRow{"no object is no object", Op(OpKind::kDestroy, kNoObject),
                      Op(OpKind::kDestroy, kNoObject), false},
        DependenceRow{"futex wait reads its word",
                      {.kind = OpKind::kFutexWait, .size = 4, .object = kY, .object2 = kX},
                      Bytes(OpKind::kAtomicStore, 0, 4),
                      true},
        DependenceRow{"futex wait and the word beside",
                      {.kind = OpKind::kFutexWait, .size = 4, .object = kY, .object2 = kX},
                      Bytes(OpKind::kAtomicStore, 4, 4),
                      false}));

}  // namespace
}  // namespace csim
