// The race detector against the naive one, on random traces.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/checker/detector_run.h"
#include "tests/checker/race_trace.h"

namespace csim {
namespace {

constexpr int kTraces = 20000;

std::string Describe(const RaceTrace& trace, int seed) {
  std::string text = "trace " + std::to_string(seed) + "\n";
  int number = 0;
  for (const RaceEvent& event : trace) {
    text += std::to_string(number++) + ": " + testing::PrintToString(event) + "\n";
  }
  return text;
}

TraceShape ShapeOf(int seed) {
  return {.events = 10 + seed % 7 * 10,
          .max_tasks = 2 + seed % 4,
          .sync_percent = 20 + seed % 5 * 15,
          .relaxed = seed % 3 != 0,
          .unique_sites = true};
}

TEST(RaceDetectorRandom, FindsARaceOnALocationExactlyWhenThereIsOne) {
  DetectorRun run;
  std::mt19937_64 random(1);
  int racy = 0;
  int clean = 0;
  uint32_t slots = 0;
  for (int seed = 0; seed < kTraces; ++seed) {
    RaceTrace trace = MakeRandomTrace(random, ShapeOf(seed));
    NaiveRaces naive = FindRacesNaively(trace);
    run.Run(trace);
    ASSERT_EQ(run.first, naive.first) << Describe(trace, seed);
    ASSERT_TRUE(
        std::includes(naive.pairs.begin(), naive.pairs.end(), run.pairs.begin(), run.pairs.end()))
        << Describe(trace, seed);
    for (auto [site, task] : run.tasks) {
      ASSERT_EQ(trace[static_cast<size_t>(site - 1)].task, static_cast<int>(task))
          << Describe(trace, seed);
    }
    run.tasks.clear();
    for (int first : naive.first) ++(first < 0 ? clean : racy);
    slots = std::max(slots, run.slots_used);
  }
  // The traces are neither all racy nor all clean, and slots were used again.
  EXPECT_GT(racy, kTraces / 2);
  EXPECT_GT(clean, kTraces / 2);
  EXPECT_LT(slots, 20u);
}

// Which of the two came first says nothing where several accesses share a site: what was a race of
// A with a later B has been reported when B repeats itself and races with a later A.
std::set<RacePair> WithoutOrder(const std::set<RacePair>& pairs) {
  std::set<RacePair> unordered;
  for (auto [granule, site_a, kind_a, site_b, kind_b] : pairs) {
    if (std::tie(site_b, kind_b) < std::tie(site_a, kind_a)) {
      std::swap(site_a, site_b);
      std::swap(kind_a, kind_b);
    }
    unordered.insert({granule, site_a, kind_a, site_b, kind_b});
  }
  return unordered;
}

TEST(RaceDetectorRandom, FindsEveryPairOfSitesOnRacyCells) {
  DetectorRun run;
  for (ShadowCell& cell : run.cells) MarkRacy(cell);
  std::mt19937_64 random(2);
  for (int seed = 0; seed < kTraces; ++seed) {
    TraceShape shape = ShapeOf(seed);
    shape.unique_sites = seed % 2 == 0;
    RaceTrace trace = MakeRandomTrace(random, shape);
    NaiveRaces naive = FindRacesNaively(trace);
    run.Run(trace);
    ASSERT_EQ(WithoutOrder(run.pairs), WithoutOrder(naive.pairs)) << Describe(trace, seed);
    if (shape.unique_sites) ASSERT_EQ(run.pairs, naive.pairs) << Describe(trace, seed);
    run.tasks.clear();
    for (const ShadowCell& cell : run.cells) ASSERT_TRUE(IsRacy(cell));
  }
}

TEST(RaceDetectorRandom, CellsMayBeForgottenPoisonedAndMadeRacyBetweenExecutions) {
  DetectorRun run;
  std::mt19937_64 random(3);
  for (int seed = 0; seed < kTraces; ++seed) {
    for (ShadowCell& cell : run.cells) {
      switch (random() % 12) {
        case 0: ForgetCell(cell); break;
        case 1: MarkRacy(cell); break;
        case 2: cell = ShadowCell{}; break;
        case 3:
          MarkPoisoned(cell, CellMark::kFreed, SiteId{1}, StackId{2});
          ForgetCell(cell);
          break;
        default: break;
      }
    }
    RaceTrace trace = MakeRandomTrace(random, ShapeOf(seed));
    NaiveRaces naive = FindRacesNaively(trace);
    run.Run(trace);
    ASSERT_EQ(run.first, naive.first) << Describe(trace, seed);
    run.tasks.clear();
  }
}

TEST(RaceDetectorRandom, MakingACellRacyInTheMiddleLosesNothing) {
  DetectorRun run;
  std::mt19937_64 random(4);
  for (int seed = 0; seed < kTraces / 4; ++seed) {
    for (ShadowCell& cell : run.cells) cell = ShadowCell{};
    RaceTrace trace = MakeRandomTrace(random, ShapeOf(seed));
    NaiveRaces naive = FindRacesNaively(trace);
    run.Begin();
    size_t middle = random() % trace.size();
    for (size_t i = 0; i < trace.size(); ++i) {
      if (i == middle) run.detector.MakeRacy(run.cells[1], 16);
      run.Do(trace[i]);
    }
    ASSERT_EQ(run.first, naive.first) << Describe(trace, seed);
    run.tasks.clear();
  }
}

}  // namespace
}  // namespace csim
