// The race detector on fixed traces.
#include "checker/race_detector.h"

#include <gtest/gtest.h>

#include "tests/checker/detector_run.h"

namespace csim {
namespace {

// Shorthand for events; sites are the numbers of the events, from 1.
RaceEvent Plain(EventKind kind, int task, uint8_t mask = 0xff) {
  return {.kind = kind, .task = task, .target = 0, .mask = mask};
}
RaceEvent R(int task, uint8_t mask = 0xff) { return Plain(EventKind::kRead, task, mask); }
RaceEvent W(int task, uint8_t mask = 0xff) { return Plain(EventKind::kWrite, task, mask); }
RaceEvent Lock(int task, int lock = 0) {
  return {.kind = EventKind::kAcquire, .task = task, .target = lock};
}
RaceEvent Unlock(int task, int lock = 0) {
  return {.kind = EventKind::kRelease, .task = task, .target = lock};
}
RaceEvent UnlockShared(int task) { return {.kind = EventKind::kReleaseShared, .task = task}; }
RaceEvent LockExclusive(int task) { return {.kind = EventKind::kAcquireAll, .task = task}; }
RaceEvent Fork(int task, int child) {
  return {.kind = EventKind::kFork, .task = task, .target = child};
}
RaceEvent End(int task) { return {.kind = EventKind::kEnd, .task = task}; }
RaceEvent Join(int task, int child) {
  return {.kind = EventKind::kJoin, .task = task, .target = child};
}
// Atomics on granule 1, plain data on granule 0.
RaceEvent Atomic(EventKind kind, int task, MemoryOrder order) {
  return {.kind = kind, .task = task, .target = 1, .mask = 0x0f, .order = order};
}
RaceEvent Load(int task, MemoryOrder order) { return Atomic(EventKind::kLoad, task, order); }
RaceEvent Store(int task, MemoryOrder order) { return Atomic(EventKind::kStore, task, order); }
RaceEvent Rmw(int task, MemoryOrder order) { return Atomic(EventKind::kRmw, task, order); }
RaceEvent Fence(int task, MemoryOrder order) {
  return {.kind = EventKind::kFence, .task = task, .order = order};
}

constexpr MemoryOrder kRelaxed = MemoryOrder::kRelaxed;
constexpr MemoryOrder kAcquire = MemoryOrder::kAcquire;
constexpr MemoryOrder kRelease = MemoryOrder::kRelease;

struct TraceRow {
  const char* name;
  RaceTrace trace;
  std::set<std::pair<int, int>> races;  // numbers of the two events, from 1
};
void PrintTo(const TraceRow& row, std::ostream* os) { *os << row.name; }

class FixedTrace : public testing::TestWithParam<TraceRow> {};

std::set<std::pair<int, int>> SitePairs(const std::set<RacePair>& pairs) {
  std::set<std::pair<int, int>> sites;
  for (const auto& [granule, a, kind_a, b, kind_b] : pairs) sites.insert({a, b});
  return sites;
}

TEST_P(FixedTrace, HasTheseRaces) {
  RaceTrace trace = GetParam().trace;
  for (size_t i = 0; i < trace.size(); ++i) trace[i].site = static_cast<int>(i) + 1;
  EXPECT_EQ(SitePairs(FindRacesNaively(trace).pairs), GetParam().races) << "naively";
  DetectorRun run;
  for (int round = 0; round < 3; ++round) {
    run.Run(trace);
    EXPECT_EQ(SitePairs(run.pairs), GetParam().races) << "execution " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(
    PlainAccesses, FixedTrace,
    testing::Values(TraceRow{"two writes", {Fork(0, 1), W(0), W(1)}, {{2, 3}}},
                    TraceRow{"write and read", {Fork(0, 1), W(0), R(1)}, {{2, 3}}},
                    TraceRow{"read and write", {Fork(0, 1), R(0), W(1)}, {{2, 3}}},
                    TraceRow{"two reads", {Fork(0, 1), R(0), R(1)}, {}},
                    TraceRow{"before the fork", {W(0), Fork(0, 1), W(1)}, {}},
                    TraceRow{"after the join", {Fork(0, 1), W(1), End(1), Join(0, 1), W(0)}, {}},
                    TraceRow{
                        "before the join", {Fork(0, 1), W(1), W(0), End(1), Join(0, 1)}, {{2, 3}}},
                    TraceRow{"two readers, one ordered",
                             {Fork(0, 1), Fork(0, 2), R(1), R(2), End(2), Join(0, 2), W(0)},
                             {{3, 7}}},
                    TraceRow{"other bytes", {Fork(0, 1), W(0, 0x0f), W(1, 0xf0)}, {}},
                    TraceRow{"some common bytes", {Fork(0, 1), W(0, 0x0f), W(1, 0x3c)}, {{2, 3}}},
                    TraceRow{"a small write does not hide a big one",
                             {Fork(0, 1), W(0, 0xff), W(0, 0x01), R(1, 0x80)},
                             {{2, 4}}},
                    TraceRow{"a read does not hide a write of its own epoch",
                             {Fork(0, 1), W(0), R(0), R(1)},
                             {{2, 4}}}));

INSTANTIATE_TEST_SUITE_P(
    Locks, FixedTrace,
    testing::Values(
        TraceRow{"both under the lock",
                 {Fork(0, 1), Lock(0), W(0), Unlock(0), Lock(1), W(1), Unlock(1)},
                 {}},
        TraceRow{"different locks",
                 {Fork(0, 1), Lock(0, 0), W(0), Unlock(0, 0), Lock(1, 1), W(1), Unlock(1, 1)},
                 {{3, 6}}},
        // The fixed schedule that notices a release without a tick: what comes after it in the
        // same task must not look like what came before it.
        TraceRow{"after the release", {Fork(0, 1), W(0), Unlock(0), W(0), Lock(1), R(1)}, {{4, 6}}},
        TraceRow{"after the fork", {W(0), Fork(0, 1), W(0), R(1)}, {{3, 4}}},
        TraceRow{"after a shared release",
                 {Fork(0, 1), R(0), UnlockShared(0), R(0), LockExclusive(1), W(1)},
                 {{4, 6}}},
        TraceRow{"readers' unlock reaches the writer",
                 {Fork(0, 1), R(0), UnlockShared(0), LockExclusive(1), W(1)},
                 {}},
        TraceRow{"readers' unlock does not reach readers",
                 {Fork(0, 1), W(0), UnlockShared(0), Lock(1), W(1)},
                 {{2, 5}}}));

INSTANTIATE_TEST_SUITE_P(
    Atomics, FixedTrace,
    testing::Values(TraceRow{"message passing",
                             {Fork(0, 1), W(0), Store(0, kRelease), Load(1, kAcquire), R(1)},
                             {}},
                    TraceRow{"relaxed store",
                             {Fork(0, 1), W(0), Store(0, kRelaxed), Load(1, kAcquire), R(1)},
                             {{2, 5}}},
                    TraceRow{"relaxed load",
                             {Fork(0, 1), W(0), Store(0, kRelease), Load(1, kRelaxed), R(1)},
                             {{2, 5}}},
                    TraceRow{"acquire fence",
                             {Fork(0, 1), W(0), Store(0, kRelease), Load(1, kRelaxed),
                              Fence(1, kAcquire), R(1)},
                             {}},
                    TraceRow{"release fence",
                             {Fork(0, 1), W(0), Fence(0, kRelease), Store(0, kRelaxed),
                              Load(1, kAcquire), R(1)},
                             {}},
                    TraceRow{"after the release fence",
                             {Fork(0, 1), Fence(0, kRelease), W(0), Store(0, kRelaxed),
                              Load(1, kAcquire), R(1)},
                             {{3, 6}}},
                    TraceRow{"a read-modify-write continues the release sequence",
                             {Fork(0, 1), Fork(0, 2), W(0), Store(0, kRelease), Rmw(2, kRelaxed),
                              Load(1, kAcquire), R(1)},
                             {}},
                    TraceRow{"a store ends the release sequence",
                             {Fork(0, 1), Fork(0, 2), W(0), Store(0, kRelease), Store(2, kRelaxed),
                              Load(1, kAcquire), R(1)},
                             {{3, 7}}},
                    TraceRow{"even one of the same task (C++20)",
                             {Fork(0, 1), W(0), Store(0, kRelease), Store(0, kRelaxed),
                              Load(1, kAcquire), R(1)},
                             {{2, 6}}}));

// ---- What the traces do not show ----

TEST(RaceDetector, AtomicsRaceWithPlainAccessesOnly) {
  DetectorRun run;
  MarkRacy(run.cells[0]);  // or the load would be superfluous after the store of its own epoch
  auto on0 = [](RaceEvent event, int site) {
    event.target = 0;
    event.site = site;
    return event;
  };
  run.Run({Fork(0, 1), on0(Store(0, kRelaxed), 1), on0(Rmw(1, kRelaxed), 2),
           on0(Load(0, kRelaxed), 3), on0(W(1), 4), on0(R(0), 5)});
  EXPECT_EQ(SitePairs(run.pairs), (std::set<std::pair<int, int>>{{1, 4}, {3, 4}, {2, 5}, {4, 5}}));
}

TEST(RaceDetector, InitialisationBeforeAReleasedAtomicIsNoRace) {
  // T1 learns of the plain initialisation by the very load that reads the store.
  DetectorRun run;
  RaceEvent init = W(0, 0x0f);
  init.target = 1;
  run.Run({Fork(0, 1), init, Store(0, kRelease), Load(1, kAcquire)});
  EXPECT_TRUE(run.pairs.empty());
  // And a reference count: the last decrement knows of all others, and may write plainly.
  RaceEvent reuse = W(1, 0x0f);
  reuse.target = 1;
  run.Run({Fork(0, 1), Rmw(0, MemoryOrder::kAcqRel), Rmw(1, MemoryOrder::kAcqRel), reuse});
  EXPECT_TRUE(run.pairs.empty());
}

TEST(RaceDetector, ARepeatedRaceIsReportedOnce) {
  DetectorRun run;
  run.Begin();
  run.Do(Fork(0, 1));
  for (int i = 0; i < 1000; ++i) {
    for (int task : {0, 1}) {
      RaceEvent write = W(task);
      write.site = task + 1;
      run.Do(write);
      run.Do(Unlock(task, task));  // a new epoch
    }
  }
  EXPECT_EQ(SitePairs(run.pairs), (std::set<std::pair<int, int>>{{1, 2}, {2, 1}}));
  EXPECT_EQ(run.reports, 2);
}

TEST(RaceDetector, SlotsAreReusedOnceTheCreatorKnowsOfTheEnd) {
  DetectorRun run;
  run.Run({Fork(0, 1), End(1), Fork(0, 2)});  // not joined
  EXPECT_EQ(run.slots_used, 3u);
  run.Run({Fork(0, 1), End(1), Join(0, 1), Fork(0, 2)});
  EXPECT_EQ(run.slots_used, 2u);
  // A third task must not take main's word for what the creator itself does not know.
  run.Run({Fork(0, 1), Fork(0, 2), End(1), Join(0, 1), Fork(2, 3)});
  EXPECT_EQ(run.slots_used, 4u);
}

TEST(RaceDetector, TasksInOneSlotAreToldApart) {
  DetectorRun run;
  RaceEvent first = W(1);
  first.site = 1;
  RaceEvent second = W(3);
  second.site = 2;
  second.target = 2;
  RaceEvent late[2] = {R(2), R(2)};
  late[1].target = 2;
  run.Run(
      {Fork(0, 2), Fork(0, 1), first, End(1), Join(0, 1), Fork(0, 3), second, late[0], late[1]});
  EXPECT_EQ(run.slots_used, 3u);
  EXPECT_EQ(run.tasks, (std::set<std::pair<int, uint32_t>>{{1, 1}, {2, 3}}));
}

TEST(RaceDetector, PoisonedCellsAreLeftAlone) {
  DetectorRun run;
  run.Begin();
  run.Do(Fork(0, 1));
  for (CellMark mark : {CellMark::kFreed, CellMark::kRedzone}) {
    MarkPoisoned(run.cells[0], mark, SiteId{5}, StackId{6}, 1234);
    run.Do(W(0));
    run.Do(R(1));
    RaceEvent atomic = Rmw(1, kRelaxed);
    atomic.target = 0;
    run.Do(atomic);
    EXPECT_EQ(MarkOf(run.cells[0]), mark);
    EXPECT_EQ(PayloadOf(run.cells[0]), 1234u);
    EXPECT_EQ(run.cells[0].write_site, 5u);
    EXPECT_TRUE(run.pairs.empty());
  }
}

TEST(RaceDetector, RacyCellsStaySoThroughFreeAndFreshMemory) {
  ShadowCell cell;
  MarkRacy(cell);
  MarkPoisoned(cell, CellMark::kFreed, SiteId{1}, kNoStack);
  EXPECT_TRUE(IsPoisoned(cell) && IsRacy(cell));
  ForgetCell(cell);
  EXPECT_EQ(MarkOf(cell), CellMark::kRacy);
  ShadowCell plain;
  MarkPoisoned(plain, CellMark::kFreed, SiteId{1}, kNoStack);
  EXPECT_FALSE(IsRacy(plain));
  ForgetCell(plain);
  EXPECT_EQ(MarkOf(plain), CellMark::kNone);
}

TEST(RaceDetector, SixteenByteAtomicsTouchTwoCells) {
  DetectorRun run;
  run.Begin();
  run.Do(Fork(0, 1));
  RaceEvent write = W(0, 0x80);
  write.target = 1;
  write.site = 7;
  run.Do(write);
  AtomicAccess wide{.cell = &run.cells[0],
                    .granule = 8,
                    .mask = 0xffff,
                    .task = TaskId{1},
                    .object = ObjectId{0},
                    .site = SiteId{8}};
  run.detector.AtomicCas(wide, false, MemoryOrder::kSeqCst, kRelaxed);
  EXPECT_EQ(SitePairs(run.pairs), (std::set<std::pair<int, int>>{{7, 8}}));
}

TEST(RaceDetector, ClocksNeverGoBack) {
  DetectorRun run;
  uint64_t newest = 0;
  for (int i = 0; i < 100; ++i) {
    run.Run({Fork(0, 1), Unlock(0), Unlock(1)});
    EXPECT_GT(run.detector.base(), newest);
    for (int task : {0, 1}) {
      uint64_t epoch = run.detector.EpochOf(TaskId{static_cast<uint16_t>(task)});
      newest = std::max(newest, ClockOfEpoch(epoch));
    }
  }
}

}  // namespace
}  // namespace csim
