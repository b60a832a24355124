#include "checker/race_detector.h"

#include <bit>

namespace csim {
namespace {

constexpr size_t kReportedSize = 1024;

AccessRecord RecordOf(const Access& access, uint64_t epoch) {
  return {.epoch = epoch, .site = access.site, .stack = access.stack, .kind = access.kind};
}

AccessRecord WriteRecord(const ShadowCell& cell) {
  return {.epoch = cell.write,
          .site = SiteId{cell.write_site},
          .stack = StackId{cell.write_stack},
          .kind = AccessKind::kPlainWrite};
}

AccessRecord ReadRecord(const ShadowCell& cell) {
  return {.epoch = cell.read,
          .site = SiteId{cell.read_site},
          .stack = StackId{cell.read_stack},
          .kind = AccessKind::kPlainRead};
}

void SetWrite(ShadowCell& cell, const AccessRecord& record) {
  cell.write = record.epoch;
  cell.write_site = Index(record.site);
  cell.write_stack = Index(record.stack);
}

void SetRead(ShadowCell& cell, const AccessRecord& record) {
  cell.read = record.epoch;
  cell.read_site = Index(record.site);
  cell.read_stack = Index(record.stack);
}

bool SameClock(uint64_t a, uint64_t b) { return (a ^ b) >> kSlotShift == 0; }
bool Covers(uint64_t epoch, uint8_t mask) { return (mask & ~MaskOfEpoch(epoch)) == 0; }

// Whether there is a record of the same epoch that makes `now` superfluous.
bool IsRepetition(const AccessRecord& now, const AccessRecord& old, bool keep_sites) {
  return SameClock(now.epoch, old.epoch) && Supersedes(old, now, keep_sites);
}

// The bytes of a granule that a mask without holes means.
struct ByteRange {
  uint8_t offset;
  uint8_t size;
};
ByteRange BytesOf(uint16_t mask) {
  int offset = std::countr_zero(mask);
  return {static_cast<uint8_t>(offset), static_cast<uint8_t>(std::bit_width(mask) - offset)};
}

}  // namespace

RaceDetector::RaceDetector(std::pmr::memory_resource* memory, RaceSink* sink)
    : HappensBefore(memory), sink_(sink), histories_(memory), reported_(kReportedSize, memory) {
  BeginExecution();
}

void RaceDetector::BeginExecution() {
  HappensBefore::BeginExecution();
  ++execution_;
  histories_.Clear();
}

void RaceDetector::OnAccess(ShadowCell& cell, const Access& access) {
  uint64_t epoch = EpochOf(access.task) | access.mask;
  if (MarkOf(cell) == CellMark::kNone) {
    if (access.kind == AccessKind::kPlainWrite && WriteStaysSimple(cell, access, epoch)) return;
    if (access.kind == AccessKind::kPlainRead && ReadStaysSimple(cell, access, epoch)) return;
  } else if (IsPoisoned(cell)) {
    return;
  }
  OnGeneralAccess(cell, access, epoch);
}

// A write that makes all that the cell knows superfluous, or is superfluous itself.
bool RaceDetector::WriteStaysSimple(ShadowCell& cell, const Access& access, uint64_t epoch) {
  if (IsLive(cell.write)) {
    if (SameClock(cell.write, epoch) && Covers(cell.write, access.mask)) return true;
    if (!Covers(epoch, MaskOfEpoch(cell.write)) || !Knows(access.task, cell.write)) return false;
  }
  if (IsLive(cell.read)) {
    if (!Covers(epoch, MaskOfEpoch(cell.read)) || !Knows(access.task, cell.read)) return false;
  }
  SetWrite(cell, RecordOf(access, epoch));
  cell.read = 0;
  return true;
}

// A read that is superfluous, or makes the one that the cell knows so, and has no race.
bool RaceDetector::ReadStaysSimple(ShadowCell& cell, const Access& access, uint64_t epoch) {
  if (IsLive(cell.write)) {
    if (SameClock(cell.write, epoch) && Covers(cell.write, access.mask)) return true;
    if (!Knows(access.task, cell.write) && (MaskOfEpoch(cell.write) & access.mask) != 0) {
      return false;
    }
  }
  if (IsLive(cell.read)) {
    if (SameClock(cell.read, epoch) && Covers(cell.read, access.mask)) return true;
    if (!Covers(epoch, MaskOfEpoch(cell.read)) || !Knows(access.task, cell.read)) return false;
  }
  SetRead(cell, RecordOf(access, epoch));
  return true;
}

void RaceDetector::OnGeneralAccess(ShadowCell& cell, const Access& access, uint64_t epoch) {
  History& history = HistoryOf(cell, access.granule);
  Update(history, RecordOf(access, epoch), access);
  if (history.keep_sites || IsAtomic(access.kind)) {
    cell.read = 0;
    return;
  }
  Simplify(cell);
  if (MarkOf(cell) == CellMark::kExtended) RememberRead(cell, access, epoch);
}

// In an extended cell `read` has no record: there it tells the inlined test what the task that came
// last has read, until anybody does anything else to the granule.
void RaceDetector::RememberRead(ShadowCell& cell, const Access& access, uint64_t epoch) {
  if (access.kind != AccessKind::kPlainRead) {
    cell.read = 0;
  } else if (SameClock(cell.read, epoch)) {
    cell.read |= access.mask;
  } else {
    cell.read = epoch;
  }
}

// The cell's history; made from its two fields if it has none yet.
RaceDetector::History& RaceDetector::HistoryOf(ShadowCell& cell, uint64_t granule) {
  CellMark mark = MarkOf(cell);
  if (mark != CellMark::kNone && histories_.Owns(PayloadOf(cell), granule)) {
    return histories_.at(PayloadOf(cell));
  }
  uint64_t number = histories_.Add(granule, mark == CellMark::kRacy);
  History& history = histories_.at(number);
  if (mark == CellMark::kNone) {
    mark = CellMark::kExtended;
    if (IsLive(cell.read)) histories_.Push(history, ReadRecord(cell));
    if (IsLive(cell.write)) histories_.Push(history, WriteRecord(cell));
  }
  cell.write = MakeMark(mark, number);
  cell.read = 0;
  return history;
}

// Reports the races of `now` with what the history knows, and adds it to the history; in the place
// of what it makes superfluous, and not if something of the same epoch makes it superfluous itself.
void RaceDetector::Update(History& history, const AccessRecord& now, const Access& access) {
  bool remembered = false;
  uint32_t* link = &history.first;
  while (*link != 0) {
    AccessRecord& old = histories_.record(*link);
    if (!Knows(access.task, old.epoch)) {
      bool overlap = (MaskOfEpoch(old.epoch) & access.mask) != 0;
      if (overlap && Conflict(old.kind, now.kind)) {
        history.keep_sites = true;
        Report(old, access);
      }
    } else if (IsRepetition(now, old, history.keep_sites)) {
      remembered = true;
    } else if (Supersedes(now, old, history.keep_sites)) {
      if (remembered) {
        histories_.Unlink(*link);
        continue;
      }
      remembered = true;
      uint32_t next = old.next;
      old = now;
      old.next = next;
    }
    link = &old.next;
  }
  if (!remembered) histories_.Push(history, now);
}

// Back to a simple cell if its fields are enough for what remains.
void RaceDetector::Simplify(ShadowCell& cell) {
  if (MarkOf(cell) != CellMark::kExtended) return;
  uint64_t number = PayloadOf(cell);
  History& history = histories_.at(number);
  const AccessRecord* write = nullptr;
  const AccessRecord* read = nullptr;
  for (uint32_t at = history.first; at != 0; at = histories_.record(at).next) {
    const AccessRecord& record = histories_.record(at);
    if (IsAtomic(record.kind)) return;
    const AccessRecord*& field = IsWrite(record.kind) ? write : read;
    if (field != nullptr) return;
    field = &record;
  }
  SetWrite(cell, write != nullptr ? *write : AccessRecord{});
  SetRead(cell, read != nullptr ? *read : AccessRecord{});
  histories_.Remove(number);
}

void RaceDetector::Report(const AccessRecord& prior, const Access& access) {
  uint8_t kinds =
      static_cast<uint8_t>(static_cast<int>(prior.kind) << 2 | static_cast<int>(access.kind));
  uint64_t key = access.granule * 0x9e3779b97f4a7c15u + Index(prior.site) * 0xc2b2ae3d27d4eb4fu +
                 Index(access.site) * 0x165667b19e3779f9u + kinds;
  Reported& seen = reported_[(key ^ key >> 29) % kReportedSize];
  if (seen.stamp == execution_ && seen.granule == access.granule && seen.prior_site == prior.site &&
      seen.current_site == access.site && seen.kinds == kinds) {
    return;
  }
  seen = Reported{execution_, access.granule, prior.site, access.site, kinds};
  Race race;
  race.granule = access.granule;
  race.prior = {TaskOfEpoch(prior.epoch), prior.kind, MaskOfEpoch(prior.epoch), prior.site,
                prior.stack};
  race.current = {access.task, access.kind, access.mask, access.site, access.stack};
  sink_->OnRace(race);
}

void RaceDetector::MakeRacy(ShadowCell& cell, uint64_t granule) {
  if (IsPoisoned(cell)) {
    cell.write |= kWasRacy;
    return;
  }
  History& history = HistoryOf(cell, granule);
  history.keep_sites = true;
  cell.write = MakeMark(CellMark::kRacy, PayloadOf(cell));
  cell.read = 0;
}

// ---- Atomics ----

void RaceDetector::OnAtomicAccess(const AtomicAccess& access, AccessKind kind) {
  if (access.cell == nullptr) return;
  Access part{access.granule, static_cast<uint8_t>(access.mask), kind, access.task, access.site,
              access.stack};
  if (part.mask != 0) OnAccess(access.cell[0], part);
  part.granule += 8;
  part.mask = static_cast<uint8_t>(access.mask >> 8);
  if (part.mask != 0) OnAccess(access.cell[1], part);
}

void RaceDetector::AtomicLoad(const AtomicAccess& a, MemoryOrder order) {
  auto [offset, size] = BytesOf(a.mask);
  ReadAtomic(a.task, a.object, offset, size, order);
  OnAtomicAccess(a, AccessKind::kAtomicRead);
}

void RaceDetector::AtomicStore(const AtomicAccess& a, MemoryOrder order) {
  auto [offset, size] = BytesOf(a.mask);
  OnAtomicAccess(a, AccessKind::kAtomicWrite);
  WriteAtomic(a.task, a.object, offset, size, order, /*rmw=*/false);
}

void RaceDetector::AtomicRmw(const AtomicAccess& a, MemoryOrder order) {
  auto [offset, size] = BytesOf(a.mask);
  ReadAtomic(a.task, a.object, offset, size, order);
  OnAtomicAccess(a, AccessKind::kAtomicWrite);
  WriteAtomic(a.task, a.object, offset, size, order, /*rmw=*/true);
}

void RaceDetector::AtomicCas(const AtomicAccess& a, bool success, MemoryOrder order,
                             MemoryOrder failure_order) {
  if (success) {
    AtomicRmw(a, order);
  } else {
    AtomicLoad(a, failure_order);
  }
}

}  // namespace csim
