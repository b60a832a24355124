// What is remembered of an 8-byte granule of the program's memory.
//
// A field holds an epoch: clock << 18 | slot << 8 | mask of the bytes accessed. Four slots are
// reserved: in `write` they say that the cell is something else, with 46 bits of payload in the
// place of the clock. No epoch of a task ever equals such a field, so every access to such a cell
// takes the slow path. `read` is 0 then, except in kExtended: there it tells what the task that came
// last has read, so that it may leave out to read it again.
//
//   | write                | the cell                                                             |
//   |----------------------|----------------------------------------------------------------------|
//   | epoch or 0           | simple: the last plain write, and one plain read in `read`           |
//   | kExtended            | payload: number of a history in the race detector                    |
//   | kRacy                | the same, but stays so for ever: every access has to be seen         |
//   | kFreed, kRedzone     | not the program's; payload free for the caller, site and stack his   |
//
// An epoch with a clock below the base of the current execution is left over from an earlier one
// and counts as 0; a history that is not this granule's counts as empty. So nobody has to clear the
// shadow memory between executions.
#ifndef CSIM_CHECKER_SHADOW_CELL_H_
#define CSIM_CHECKER_SHADOW_CELL_H_

#include <cstdint>

#include "model/ids.h"

namespace csim {

// The same layout as struct csim_cell of the ABI.
struct ShadowCell {
  uint64_t write = 0;
  uint32_t write_site = 0;
  uint32_t write_stack = 0;
  uint64_t read = 0;
  uint32_t read_site = 0;
  uint32_t read_stack = 0;
};
static_assert(sizeof(ShadowCell) == 32);

inline constexpr uint32_t kClockShift = 18;
inline constexpr uint32_t kSlotShift = 8;
inline constexpr uint32_t kSlotMask = 0x3ff;
inline constexpr uint32_t kMaxSlots = 1020;  // of tasks: 0 ... 1019

// The reserved slots.
enum class CellMark : uint32_t {
  kNone = 0,  // simple
  kFreed = 1020,
  kRedzone = 1021,
  kRacy = 1022,
  kExtended = 1023,
};

constexpr uint64_t MakeEpoch(uint64_t clock, uint32_t slot, uint8_t mask = 0) {
  return clock << kClockShift | uint64_t{slot} << kSlotShift | mask;
}
constexpr uint64_t ClockOfEpoch(uint64_t epoch) { return epoch >> kClockShift; }
constexpr uint32_t SlotOfEpoch(uint64_t epoch) { return (epoch >> kSlotShift) & kSlotMask; }
constexpr uint8_t MaskOfEpoch(uint64_t epoch) { return static_cast<uint8_t>(epoch); }

// ---- Marks ----

// A freed or redzone cell remembers in its top bit that it was racy.
inline constexpr uint64_t kWasRacy = uint64_t{1} << 63;
inline constexpr uint64_t kMaxPayload = (uint64_t{1} << 45) - 1;

constexpr CellMark MarkOf(const ShadowCell& cell) {
  uint32_t slot = SlotOfEpoch(cell.write);
  return slot < kMaxSlots ? CellMark::kNone : static_cast<CellMark>(slot);
}
constexpr uint64_t PayloadOf(const ShadowCell& cell) {
  return cell.write >> kClockShift & kMaxPayload;
}
constexpr bool IsPoisoned(const ShadowCell& cell) {
  CellMark mark = MarkOf(cell);
  return mark == CellMark::kFreed || mark == CellMark::kRedzone;
}
constexpr bool IsRacy(const ShadowCell& cell) {
  CellMark mark = MarkOf(cell);
  return mark == CellMark::kRacy || (IsPoisoned(cell) && (cell.write & kWasRacy) != 0);
}

constexpr uint64_t MakeMark(CellMark mark, uint64_t payload) {
  return MakeEpoch(payload & kMaxPayload, static_cast<uint32_t>(mark));
}

// The payload of an extended or racy cell that has no history (yet).
inline constexpr uint64_t kNoHistory = kMaxPayload;

// Nothing is known of the granule any more (fresh memory); a racy cell stays racy.
constexpr void ForgetCell(ShadowCell& cell) {
  bool racy = IsRacy(cell);
  cell = ShadowCell{};
  if (racy) cell.write = MakeMark(CellMark::kRacy, kNoHistory);
}

// From now on every access to the granule takes the slow path, in later executions too. The race
// detector goes on with an empty history; to keep what is known use RaceDetector::MakeRacy.
constexpr void MarkRacy(ShadowCell& cell) {
  cell = ShadowCell{};
  cell.write = MakeMark(CellMark::kRacy, kNoHistory);
}

// The granule is not the program's (any more): freed, or never was. `mark` is kFreed or kRedzone.
constexpr void MarkPoisoned(ShadowCell& cell, CellMark mark, SiteId site, StackId stack,
                            uint64_t payload = 0) {
  uint64_t racy = IsRacy(cell) ? kWasRacy : 0;
  cell = ShadowCell{};
  cell.write = MakeMark(mark, payload) | racy;
  cell.write_site = Index(site);
  cell.write_stack = Index(stack);
}

}  // namespace csim

#endif  // CSIM_CHECKER_SHADOW_CELL_H_
