#include "model/operation.h"

#include "model/operations/families.h"

namespace csim {
namespace {

constexpr int kKinds = static_cast<int>(OpKind::kCount);

struct Table {
  const OperationRow* rows[kKinds] = {};
};

template <int N>
constexpr void Place(Table& table, OpKind first, const OperationRow (&rows)[N]) {
  for (int i = 0; i < N; ++i) table.rows[static_cast<int>(first) + i] = &rows[i];
}

constexpr Table MakeTable() {
  Table table;
  Place(table, OpKind::kThreadCreate, kThreadRows);
  Place(table, OpKind::kMutexLock, kMutexRows);
  Place(table, OpKind::kCondWait, kConditionRows);
  Place(table, OpKind::kReadLock, kRwLockRows);
  Place(table, OpKind::kSemWait, kSemaphoreRows);
  Place(table, OpKind::kBarrierWait, kBarrierRows);
  Place(table, OpKind::kFutexWait, kFutexRows);
  Place(table, OpKind::kFork, kProcessRows);
  Place(table, OpKind::kAtomicLoad, kMemoryRows);
  Place(table, OpKind::kYield, kMiscRows);
  Place(table, OpKind::kChannelRead, kChannelRows);
  Place(table, OpKind::kNameLook, kNameRows);
  Place(table, OpKind::kExec, kExecRows);
  Place(table, OpKind::kSemAdjust, kIpcRows);
  return table;
}

constexpr Table kTable = MakeTable();

constexpr bool Complete(const Table& table) {
  for (const OperationRow* row : table.rows) {
    if (row == nullptr) return false;
  }
  return true;
}
static_assert(Complete(kTable), "every kind of operation needs a row");

// The bytes that `operation` touches within a granule; all of them if it does not say.
uint32_t Bytes(const Operation& operation) {
  if (operation.size == 0) return ~0u;
  uint32_t width = operation.size < 32 ? (1u << operation.size) - 1 : ~0u;
  return width << (operation.offset & 31);
}

// Whether two operations clash on an object that one has as `fa`, the other as `fb`.
bool Clash(Footprint fa, Footprint fb) {
  if (fa == Footprint::kLocal || fb == Footprint::kLocal) return false;
  return fa == Footprint::kWrite || fb == Footprint::kWrite;
}

bool ClashOn(ObjectId a, Footprint fa, ObjectId b, Footprint fb) {
  return a == b && a != kNoObject && Clash(fa, fb);
}

bool IsLocal(const OperationRow& row) {
  return row.footprint == Footprint::kLocal && row.footprint2 == Footprint::kLocal;
}

bool Writes(const OperationRow& row) {
  return row.footprint == Footprint::kWrite || row.footprint2 == Footprint::kWrite ||
         row.footprint == Footprint::kGlobal;
}

// Calls visit(object, footprint, bytes) for all that the operation works on, until one says true; whether one did.
template <typename Visit>
bool AnyUse(const Operation& operation, Visit visit) {
  for (uint32_t i = 0; i < operation.use_count; ++i) {
    const ObjectUse& use = operation.uses[i];
    if (visit(use.object, use.footprint, uint32_t{use.parts})) return true;
  }
  if (operation.use_count != 0) return false;
  const OperationRow& row = RowOf(operation.kind);
  return visit(operation.object, row.footprint, Bytes(operation)) ||
         visit(operation.object2, row.footprint2, Bytes(operation));
}

bool UsesClash(const Operation& a, const Operation& b) {
  return AnyUse(a, [&](ObjectId object, Footprint footprint, uint32_t bytes) {
    return AnyUse(b, [&](ObjectId other, Footprint its_footprint, uint32_t its_bytes) {
      const uint32_t changed = ChangedBytes(a.kind, footprint, bytes);
      const uint32_t its_changed = ChangedBytes(b.kind, its_footprint, its_bytes);
      return ClashOn(object, footprint, other, its_footprint) &&
             ((bytes & its_changed) | (changed & its_bytes)) != 0;
    });
  });
}

// Whether what `other` does may be what `spinning` watches for.
bool MayEndSpin(const Operation& spinning, const Operation& other) {
  const OperationRow& row = RowOf(other.kind);
  if (!Writes(row)) return false;
  if (spinning.spin == Spin::kWide || row.footprint == Footprint::kGlobal) return true;
  // What a parent looks for changes with each of its children.
  const bool of_child = row.object == ObjectKind::kProcess && other.object2 != kNoObject;
  if (of_child && (other.object2 == spinning.object || other.object2 == spinning.object2))
    return true;
  return AnyUse(other, [&](ObjectId object, Footprint footprint, uint32_t) {
    return ClashOn(spinning.object, Footprint::kRead, object, footprint) ||
           ClashOn(spinning.object2, Footprint::kRead, object, footprint);
  });
}

// Whether `a` may keep the task of `b` from doing it, or changes what it finds, by ending tasks.
bool Reaches(const Reach& a, const Reach& b) {
  if (a.first == Reach::kNobody) return false;
  return a.first == Reach::kEverybody || a.first == b.process || a.second == b.process ||
         (a.ends && b.inherits);
}

// Cancelling ends what is otherwise nobody else's business.
bool MayCancel(OpKind kind, OpKind local) {
  bool cancellation_point = local == OpKind::kThreadJoin || local == OpKind::kSleep;
  return kind == OpKind::kThreadCancel && cancellation_point;
}

}  // namespace

const OperationRow& RowOf(OpKind kind) { return *kTable.rows[static_cast<int>(kind)]; }

void SetChannelParts(Operation& operation) {
  switch (operation.kind) {
    case OpKind::kChannelRead:
    case OpKind::kChannelTryRead:
      operation.offset = kContent;
      operation.size = 2;
      break;
    case OpKind::kChannelWrite:
    case OpKind::kChannelTryWrite:
      operation.offset = kReadingEnds;
      operation.size = 2;
      break;
    case OpKind::kChannelClose:
      operation.offset = operation.object == kNoObject ? kWritingEnds : kReadingEnds;
      operation.size = operation.object != kNoObject && operation.object2 != kNoObject ? 3 : 1;
      break;
    default: break;
  }
}

bool Exchanges(const Operation& cas, uint64_t found) {
  const uint32_t bytes = cas.size == 0 || cas.size > 8 ? 8 : cas.size;
  const uint64_t mask = bytes == 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * bytes) - 1;
  return ((found >> 8 * (cas.offset & 7)) & mask) == (cas.argument & mask);
}

bool Dependent(const Operation& a, const Operation& b) {
  if (Reaches(a.reach, b.reach) || Reaches(b.reach, a.reach)) return true;
  if (a.spin == Spin::kVain || b.spin == Spin::kVain) return false;
  if (a.spin != Spin::kNone && MayEndSpin(a, b)) return true;
  if (b.spin != Spin::kNone && MayEndSpin(b, a)) return true;
  // (What tasks did not come to do for the end is not in the execution, be it as local as it may.)
  if (a.kind == OpKind::kProcessExit || b.kind == OpKind::kProcessExit) return true;
  if (a.kind == b.kind && CommutesWithItself(a.kind)) return false;
  const OperationRow& ra = RowOf(a.kind);
  const OperationRow& rb = RowOf(b.kind);
  if (IsLocal(ra)) return MayCancel(b.kind, a.kind);
  if (IsLocal(rb)) return MayCancel(a.kind, b.kind);
  if (ra.footprint == Footprint::kGlobal || rb.footprint == Footprint::kGlobal) return true;
  return UsesClash(a, b);
}

}  // namespace csim
